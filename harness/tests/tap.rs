//! `interop tap` between a client and a server that know nothing of it, as a newcomer would start it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod project;

use project::Project;
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Output, Stdio};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// What `interop tap` says of a connection on which the server sends so much after the client's preface.
fn tapped(project: &Project, answer: &'static [u8]) -> Output {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap().to_string();
    let arguments = ["tap", "--listen", "127.0.0.1:0", "--to", &to, "--capture", "seen.zst"];
    let mut tap = project.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(tap.stderr.as_mut().unwrap()).read_line(&mut said).unwrap();
    let (listening, _) = said.split_once(" -> ").unwrap();

    let mut client = TcpStream::connect(listening).unwrap();
    client.write_all(&[PREFACE, SETTINGS].concat()).unwrap();
    let (mut connection, _) = server.accept().unwrap();
    connection.read_exact(&mut vec![0; PREFACE.len() + SETTINGS.len()]).unwrap();
    connection.write_all(answer).unwrap();
    drop(connection);
    client.read_to_end(&mut Vec::new()).unwrap();
    drop(client);
    kill_process(Pid::from_raw(tap.id().try_into().unwrap()).unwrap(), Signal::INT).unwrap();
    tap.wait_with_output().unwrap()
}

#[test]
fn a_broken_rule_is_told_with_its_frame_and_can_be_shown_again() {
    let project = Project::new();
    let output = tapped(&project, &[0, 0, 0, 4, 0, 0, 0, 0, 0, /* DATA on stream 1: */ 0, 0, 1, 0, 0, 0, 0, 0, 1, 7]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1 connection, broken: H4@server (must)"), "{text}");
    let (_, after) = text.split_once("<-  part of a message, 1 byte, and no more\n").unwrap();
    assert!(after.starts_with("!! H4 (must) at fault: server"), "{text}");
    let again = project.interop(&["show", "--capture", "seen.zst"]);
    assert_eq!((again.status.code(), String::from_utf8(again.stdout).unwrap()), (Some(1), text));
}

#[test]
fn a_connection_that_keeps_the_rules_is_shown_and_no_more() {
    let output = tapped(&Project::new(), SETTINGS);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 connection, no rule broken"));
}

#[test]
fn what_cannot_be_listened_on_or_reached_is_bad_input() {
    let project = Project::new();
    let told = |listen: &str, to: &str| project.interop(&["tap", "--listen", listen, "--to", to]);
    for (listen, to, flag) in
        [("127.0.0.1", "127.0.0.1:1", "--listen 127.0.0.1"), ("127.0.0.1:0", "127.0.0.1", "--to 127.0.0.1")]
    {
        let output = told(listen, to);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).unwrap().contains(flag));
    }
}
