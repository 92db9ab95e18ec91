//! Scripts made by hand, the server in this process, the client as the process it is.

use std::{
    fs,
    io::{Read, Write},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

use peer::{
    proto::{
        grpc::testing::{Empty, SimpleRequest, StreamingInputCallRequest, StreamingOutputCallRequest},
        interop::v1::{
            Call, CallObservation, Cancel, Channel, Group, HalfClose, Method, Observation, Receive, Script, Send, Step,
            observation, send::Request, step::Action,
        },
    },
    server::serve,
};
use prost::Message;
use tokio::{net::TcpListener, runtime::Runtime};
use tonic::transport::ServerTlsConfig;

/// Starts a server that lives as long as the test process.
pub fn server(tls: Option<ServerTlsConfig>) -> SocketAddr {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        Runtime::new().expect("a runtime").block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
            sender.send(listener.local_addr().expect("an address")).expect("the test waits");
            serve(listener, tls, std::future::pending()).await.expect("serving");
        });
    });
    address.recv().expect("an address")
}

/// HTTP/2 frames: types and payloads.
pub type Frames = Vec<(u8, Vec<u8>)>;

/// Starts a server that answers one call with these bytes, whatever they are, and reads on without ever granting more room
/// than a connection has at first. When the client has gone it tells the frames it got.
pub fn raw_server(answer: Vec<u8>) -> (SocketAddr, mpsc::Receiver<Frames>) {
    const PREFACE: usize = 24;
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, frames) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.write_all(&SETTINGS).expect("a client that listens");
        stream.read_exact(&mut [0; PREFACE]).expect("a preface");
        let mut seen = Vec::new();
        let mut head = [0; 9];
        while stream.read_exact(&mut head).is_ok() {
            let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
            stream.read_exact(&mut payload).expect("a whole frame");
            let headers = head[3] == 1;
            seen.push((head[3], payload));
            if headers {
                stream.write_all(&answer).expect("a client that listens");
            }
        }
        let _ = sender.send(seen);
    });
    (address, frames)
}

/// A HEADERS frame on stream 1 with a status of 200, if it is the first one, and these fields as literals.
pub fn headers(first: bool, end_stream: bool, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    if first {
        block.push(0x88);
    }
    for (name, value) in fields {
        block.extend([0, name.len() as u8]);
        block.extend(name.as_bytes());
        block.push(value.len() as u8);
        block.extend(value.as_bytes());
    }
    let mut frame = vec![0, 0, block.len() as u8, 1, 4 | u8::from(end_stream), 0, 0, 0, 1];
    frame.extend(block);
    frame
}

/// Runs the client on these scripts, and on the names of scripts that do not exist.
pub fn client(address: SocketAddr, scripts: &[Script], missing: &[&str]) -> Vec<Observation> {
    let names: Vec<_> = scripts.iter().map(|script| script.case.as_str()).chain(missing.iter().copied()).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(names[0]);
    fs::create_dir_all(&folder).expect("a folder");
    for script in scripts {
        let file = folder.join(format!("{}.binpb", script.case));
        fs::write(file, script.encode_to_vec()).expect("a script");
    }
    let output = Command::new(env!("CARGO_BIN_EXE_client"))
        .arg("--scripts")
        .arg(&folder)
        .args(names.iter().map(|case| format!("--job={case}={address}")))
        .stderr(Stdio::inherit())
        .output()
        .expect("the client");
    assert!(output.status.success(), "{}", output.status);
    let mut bytes = output.stdout.as_slice();
    let mut observations = Vec::new();
    while !bytes.is_empty() {
        observations.push(Observation::decode_length_delimited(&mut bytes).expect("an observation"));
    }
    let cases = observations.iter().map(|observation| &observation.case);
    assert!(cases.eq(&names), "one observation per job, in order");
    observations
}

/// Runs one script whose job is done, and returns its calls.
pub fn calls(address: SocketAddr, script: Script) -> Vec<CallObservation> {
    let observation = client(address, &[script], &[]).remove(0);
    assert_eq!(observation.result(), observation::Result::Done, "{}", observation.detail);
    observation.calls
}

/// Runs a script with one call, and returns that.
pub fn call(address: SocketAddr, case: &str, call: Call) -> CallObservation {
    calls(address, script(case, [call])).remove(0)
}

pub fn script(case: &str, calls: impl Into<Vec<Call>>) -> Script {
    Script {
        case: case.to_owned(),
        budget_ms: 5000,
        channel: Some(Channel::default()),
        groups: vec![Group { calls: calls.into(), ..Group::default() }],
        ..Script::default()
    }
}

pub fn steps(method: Method, steps: impl Into<Vec<Step>>) -> Call {
    Call { method: method.into(), steps: steps.into(), ..Call::default() }
}

fn step(action: Action) -> Step {
    Step { action: Some(action) }
}

fn send(request: Request, body_size: Option<u32>) -> Step {
    step(Action::Send(Send { request: Some(request), body_size, ..Send::default() }))
}

pub fn empty() -> Step {
    send(Request::Empty(Empty {}), None)
}

pub fn simple(body_size: u32, request: SimpleRequest) -> Step {
    send(Request::Simple(request), Some(body_size))
}

pub fn input(body_size: u32, request: StreamingInputCallRequest) -> Step {
    send(Request::StreamingInput(request), Some(body_size))
}

pub fn output(body_size: Option<u32>, request: StreamingOutputCallRequest) -> Step {
    send(Request::StreamingOutput(request), body_size)
}

pub fn half_close() -> Step {
    step(Action::HalfClose(HalfClose {}))
}

pub fn receive(count: u32) -> Step {
    step(Action::Receive(Receive { count }))
}

pub fn cancel() -> Step {
    step(Action::Cancel(Cancel {}))
}

pub fn wait(ms: u32) -> Step {
    step(Action::WaitMs(ms))
}
