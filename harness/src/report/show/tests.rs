use super::{ShowCell, show};
use crate::judge::Recording;
use crate::model::{Fault, Finding, Level, Place};
use crate::wire::Transcript;
use crate::wire::rules::fixtures::{Subject, fixtures};

#[test]
fn a_cell_as_a_person_reads_it() {
    let fixture = fixtures().into_iter().find(|fixture| fixture.rule == "W9" && fixture.breaks.is_some()).unwrap();
    let Subject::Http2(connection) = fixture.subject else { panic!("W9 is about HTTP/2") };
    let recording = Recording::Frames(Transcript { connections: vec![connection], sealed: true });
    let finding = |place| Finding {
        check: "W9".into(),
        level: Level::Must,
        fault: Fault::Server,
        expected: "one grpc-status".into(),
        observed: "none".into(),
        place,
    };
    let findings = [finding(Some(Place { connection: 0, frame: 5 })), finding(None)];
    let cell =
        ShowCell { id: "a/b/c/plaintext", verdict: "fail W9@server", recording: &recording, findings: &findings };
    insta::assert_snapshot!(show(&cell));
}
