use super::Exit;
use super::args::TapArgs;
use super::commands::{bad_input, block_on};
use super::output::Output;
use super::run::run_id;
use crate::judge::Recording;
use crate::model::{Finding, Level};
use crate::proto::v1::capture_record::{Kind, Side as RecordSide};
use crate::report::{ShowCell, View, plural};
use crate::tap::{Tap, Upstream, read_capture};
use crate::wire::rules::{self, TlsContext};
use crate::wire::{decode, decode_tls};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{TcpListener, lookup_host};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Time for open connections to end after Ctrl-C.
const GRACE: Duration = Duration::from_millis(500);
/// The first octet of TLS: a record of type handshake (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

/// Relays anybody's connections and records them until Ctrl-C; then shows what was on the wire and which rules it breaks.
pub(super) fn tap(args: &TapArgs) -> Exit {
    let capture = args.capture.clone().unwrap_or_else(|| PathBuf::from(format!("interop-tap-{}.zst", run_id())));
    let recorded = block_on(async {
        match record(args, &capture).await {
            Ok(()) => Exit::AsExpected,
            Err(what) => bad_input(&what),
        }
    });
    if recorded == Exit::AsExpected { show(&capture, &Output::Text(View::Calls)) } else { recorded }
}

async fn record(args: &TapArgs, capture: &Path) -> Result<(), String> {
    let refused = |flag: &str, value: &str, why: &dyn std::fmt::Display| format!("{flag} {value}: {why}");
    let server = lookup_host(&args.to).await.map_err(|error| refused("--to", &args.to, &error))?.next();
    let server = server.ok_or_else(|| refused("--to", &args.to, &"the name has no address"))?;
    let listener = TcpListener::bind(&args.listen).await.map_err(|error| refused("--listen", &args.listen, &error))?;
    let (_keep, server) = watch::channel(Upstream::At(server));
    let unwritable = |error: std::io::Error| format!("{}: {error}", capture.display());
    let tap = Tap::on(listener, server, capture.to_owned()).map_err(unwritable)?;
    eprintln!("{} -> {}, recorded in {}; Ctrl-C ends it", tap.address(), args.to, capture.display());
    stopped().await;
    tap.seal(GRACE).await.map_err(unwritable)
}

/// Ctrl-C or SIGTERM.
async fn stopped() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Shows what is in a tap's capture, each broken rule beside the frame it is about.
pub(super) fn show(capture: &Path, output: &Output<'_>) -> Exit {
    let recording = match recording(capture) {
        Ok(recording) => recording,
        Err(what) => return bad_input(&what),
    };
    let (connections, findings) = match &recording {
        Recording::Frames(transcript) => (transcript.connections.len(), rules::evaluate(transcript)),
        Recording::Tls(transcript) => {
            (transcript.connections.len(), rules::evaluate_tls(transcript, &TlsContext::default()))
        }
    };
    let (id, verdict) = (capture.display().to_string(), told(connections, &findings));
    let cell = ShowCell { id: &id, verdict: &verdict, recording: &recording, findings: &findings };
    if let Err(what) = output.give(&cell, capture) {
        return bad_input(&what);
    }
    match (connections, findings.iter().any(|finding| finding.level == Level::Must)) {
        (0, _) => Exit::NothingRan,
        (_, true) => Exit::NotAsExpected,
        (_, false) => Exit::AsExpected,
    }
}

fn told(connections: usize, findings: &[Finding]) -> String {
    let connections = plural(connections, "connection");
    let mut broken: Vec<String> =
        findings.iter().map(|found| format!("{} ({})", found.fingerprint(), found.level)).collect();
    broken.sort();
    broken.dedup();
    match broken.is_empty() {
        true => format!("{connections}, no rule broken"),
        false => format!("{connections}, broken: {}; `interop explain RULE` says what a rule means", broken.join(", ")),
    }
}

/// A capture without a case: what its first client says first tells how it is to be read.
fn recording(path: &Path) -> Result<Recording, String> {
    let records: Vec<_> = read_capture(path).map_err(|error| error.to_string())?.collect();
    let first = records.iter().find(|record| record.kind() == Kind::Bytes && record.side() == RecordSide::Client);
    let is_tls = first.is_some_and(|record| record.data.first() == Some(&HANDSHAKE));
    let unreadable = |error: crate::wire::CaptureError| format!("{}: {error}", path.display());
    match is_tls {
        true => decode_tls(records).map(Recording::Tls).map_err(unreadable),
        false => decode(records).map(Recording::Frames).map_err(unreadable),
    }
}
