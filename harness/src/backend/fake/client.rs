use super::backend::FILES;
use super::instance::{Ended, Spec};
use super::{Crash, Entry, Spoil};
use crate::model::StatusCode;
use crate::proto::v1::{Observation, Script, Status, observation};
use prost::Message;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;

/// The exit code of a program that fails.
const FAILED: i64 = 1;

/// A process in an instance: what the harness asks of peers by their command line.
pub(super) async fn run(argv: Vec<String>, spec: Arc<Spec>, ended: Ended, stdout: DuplexStream) -> i64 {
    let argv: Vec<&str> = argv.iter().map(String::as_str).collect();
    let mut process = Process { spec, ended, stdout };
    let code = match &argv[..] {
        ["timeout", _, "bash", "-c", _, ip, port] => process.dial(&format!("{ip}:{port}")).await,
        [_, "--describe"] => process.describe().await,
        [_, "--scripts", folder, jobs @ ..] => process.jobs(folder, jobs).await,
        _ => None,
    };
    code.map_or(FAILED, |()| 0)
}

struct Process {
    spec: Arc<Spec>,
    ended: Ended,
    stdout: DuplexStream,
}

/// What is left of a process: nothing where it ended with an error.
type Runs = Option<()>;

impl Process {
    async fn dial(&self, address: &str) -> Runs {
        if let Some(Crash::ReachesNothing) = self.spec.crash {
            return None;
        }
        TcpStream::connect(address).await.ok().map(drop)
    }

    async fn describe(&mut self) -> Runs {
        let peer = &self.spec.peer;
        let text = match self.spec.crash {
            Some(Crash::Describes(text)) => text.to_owned(),
            _ => serde_json::json!({
                "name": peer.name, "language": peer.language, "library": peer.library, "version": peer.version,
                "features": peer.role(self.spec.role).features,
            })
            .to_string(),
        };
        self.print(text.as_bytes()).await
    }

    async fn print(&mut self, bytes: &[u8]) -> Runs {
        self.stdout.write_all(bytes).await.ok()
    }

    async fn jobs(&mut self, folder: &str, jobs: &[&str]) -> Runs {
        for job in jobs.iter().filter(|job| **job != "--job") {
            let (case, address) = job.split_once('=').unwrap();
            let observation = self.observation(folder, case, address).await;
            match self.spec.crash {
                Some(Crash::At(at, spoil)) if at == case => self.spoil(spoil, observation).await?,
                _ => self.print(&observation.encode_length_delimited_to_vec()).await?,
            }
            self.spec.diary.write(Entry::Reported);
        }
        Some(())
    }

    /// What comes of a job, as the contract has it.
    async fn observation(&self, folder: &str, case: &str, address: &str) -> Observation {
        let done = Observation { case: case.to_owned(), ..self.spec.act.observation.clone() };
        let nothing = Observation { case: case.to_owned(), ..Observation::default() };
        if let Some(Crash::AcceptsAnything) = self.spec.crash {
            return done;
        }
        let Some(script) = self.script(folder, case) else {
            return Observation { result: observation::Result::BadScript.into(), ..nothing };
        };
        let features = &self.spec.peer.client.features;
        if let Some(detail) = script.requires.into_iter().find(|feature| !features.contains(feature)) {
            return Observation { result: observation::Result::Unsupported.into(), detail, ..nothing };
        }
        match self.call(address).await {
            Ok(()) => done,
            Err(_) => lost(done),
        }
    }

    fn script(&self, folder: &str, case: &str) -> Option<Script> {
        let path = Path::new(folder).join(format!("{case}.binpb"));
        let file = self.spec.files.iter().find(|(there, _)| Path::new(FILES).join(there) == path)?;
        Script::decode(file.1.as_slice()).ok()
    }

    async fn call(&self, address: &str) -> std::io::Result<()> {
        self.spec.act.play_client(TcpStream::connect(address).await?).await
    }

    async fn spoil(&mut self, spoil: Spoil, observation: Observation) -> Runs {
        match spoil {
            Spoil::Exits => None,
            Spoil::Hangs => {
                self.spec.diary.write(Entry::Hangs);
                std::future::pending().await
            }
            Spoil::Garbage => self.print("panic: index out of range\n".repeat(10).as_bytes()).await,
            Spoil::CutShort => {
                let whole = observation.encode_length_delimited_to_vec();
                self.print(&whole[..whole.len() / 2]).await?;
                None
            }
            Spoil::OtherCase => {
                let other = Observation { case: "another".to_owned(), ..observation };
                self.print(&other.encode_length_delimited_to_vec()).await
            }
            Spoil::Refuses => {
                let (result, detail) = (observation::Result::Unsupported.into(), "unary".to_owned());
                let refusal = Observation { result, detail, calls: Vec::new(), ..observation };
                self.print(&refusal.encode_length_delimited_to_vec()).await
            }
            Spoil::Dies => {
                self.ended.send_replace(Some("exit code 137: out of memory".to_owned()));
                None
            }
        }
    }
}

/// What a client reports of a call whose connection broke.
fn lost(mut observation: Observation) -> Observation {
    for call in &mut observation.calls {
        call.messages.clear();
        call.status = Some(Status { code: StatusCode::Unavailable.number(), message: "connection lost".to_owned() });
    }
    observation
}
