//! The disk is full: a cell whose evidence is lost has no verdict by it, and other cells keep theirs.

use super::row::{ROW, Row, check};
use super::stage::{Stage, WHOLE};
use crate::cli::Exit;
use crate::model::Verdict::InfraError;

const ROWS: [Row; 3] = [
    Row {
        what: "a capture cannot be written",
        stage: Stage { full: &["cells/second/birch/acorn/plaintext/capture.zst"], ..WHOLE },
        outcomes: &[(
            "second/birch/acorn/*",
            InfraError,
            "cells/second/birch/acorn/plaintext/capture.zst: No space left on device",
        )],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "an observation cannot be written",
        stage: Stage { full: &["cells/third/acorn/birch/plaintext/observation.binpb"], ..WHOLE },
        outcomes: &[(
            "third/acorn/birch/*",
            InfraError,
            "cells/third/acorn/birch/plaintext/observation.binpb: No space left on device",
        )],
        exit: Exit::InfraError,
        ..ROW
    },
    Row {
        what: "a cell has no folder",
        stage: Stage { full: &["cells/first/birch"], ..WHOLE },
        outcomes: &[("first/birch/*/*", InfraError, "the evidence cannot be saved: ")],
        exit: Exit::InfraError,
        ..ROW
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_whose_evidence_is_lost_does_not_pass_and_others_do() {
    check(&ROWS).await;
}
