use super::Project;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

/// What an engine answers to a request such as `GET /version`: a whole HTTP response.
pub type Answers = fn(&str) -> String;

/// Something on a socket that answers like an engine, as far as a test needs it.
pub struct FakeEngine {
    host: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl FakeEngine {
    /// Listens in a project's folder until the test ends.
    pub fn start(project: &Project, answers: Answers) -> FakeEngine {
        let socket = project.path("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let engine = FakeEngine { host: format!("unix://{}", socket.display()), asked: asked.clone() };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let asked = asked.clone();
                // A client that goes away ends its connection.
                std::thread::spawn(move || drop(serve(stream.unwrap(), answers, &asked)));
            }
        });
        engine
    }

    /// The same command, on this engine.
    pub fn on<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("DOCKER_HOST", &self.host)
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(stream: UnixStream, answers: Answers, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        reader.by_ref().take(length).read_to_end(&mut Vec::new())?;
        let request = line.rsplit_once(' ').unwrap().0.to_owned();
        asked.lock().unwrap().push(request.clone());
        writer.write_all(answers(&request).as_bytes())?;
    }
}

/// A response with JSON.
pub fn json(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} Any\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The version of an engine that will do.
pub fn version() -> String {
    json(200, r#"{"Version": "20.10.24", "ApiVersion": "1.41"}"#)
}
