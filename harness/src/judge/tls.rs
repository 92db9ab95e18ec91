use super::cell::CellEvidence;
use super::expect::ExpectedCall;
use super::reported::ReportEvidence;
use super::{limit, volume};
use crate::model::{Driver, Expires, Fault, Finding, Level, SERVER_NAME, Side, Transport, WireRule};
use crate::wire::rules::{self, TlsContext};
use crate::wire::tls::{RecordKind, TlsConnection, TlsTranscript};

/// What TLS shows, held against its rules.
pub(super) fn rules(evidence: &CellEvidence<'_>, transcript: &TlsTranscript) -> Vec<Finding> {
    let context = TlsContext { server_name: Some(server_name(evidence).to_owned()) };
    let mut findings = rules::evaluate_tls(transcript, &context);
    findings.extend(limit::tls(transcript));
    // Where only one side speaks TLS, nothing is to be asked of the other.
    findings.retain(|finding| speaks_tls(evidence, finding.fault));
    findings
}

/// The rules of the case, and the client's report held against the steps.
pub(super) fn calls(
    evidence: &CellEvidence<'_>,
    expected: &[ExpectedCall<'_>],
    transcript: &TlsTranscript,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let asked = || evidence.case.wire.iter().chain(evidence.case.calls.iter().flat_map(|call| &call.wire));
    let asks = |rule: WireRule| asked().any(|asked| *asked == rule);
    if asks(WireRule::Unsent) {
        findings.extend(transcript.connections.iter().filter_map(unsent));
    } else if asks(WireRule::Unanswered) {
        findings.extend(transcript.connections.iter().filter_map(unanswered));
    } else {
        // A call that expires before it is on the wire sends nothing.
        let sent = !asks(WireRule::Expires(Expires::Anywhere));
        findings.extend(sent.then(|| nothing_sent(evidence, transcript)).flatten());
        findings.extend(volume(evidence, expected, transcript));
    }
    if evidence.claims_all_calls() {
        let together = |rule| rules::case::check_together_tls(rule, transcript);
        findings.extend(evidence.case.wire.iter().filter_map(together));
    }
    for (expected, observed) in expected.iter().zip(evidence.reported_calls()) {
        findings.extend(ReportEvidence { expected, observed, client: evidence.client }.findings());
    }
    findings
}

/// What bodies weigh. An official client has its own bodies built in, which may not be those of the case, and their responses follow.
fn volume(evidence: &CellEvidence<'_>, expected: &[ExpectedCall<'_>], transcript: &TlsTranscript) -> Vec<Finding> {
    let level = match evidence.client.driver {
        Driver::Script => Level::Must,
        Driver::Official => Level::Should,
    };
    let findings = volume::findings(expected, transcript).into_iter();
    findings.map(|finding| Finding { level: finding.level.max(level), ..finding }).collect()
}

/// The name that the client was told to ask for.
fn server_name<'a>(evidence: &CellEvidence<'a>) -> &'a str {
    let told = evidence.case.tls.server_name.as_deref();
    let built_in = evidence.server.tls.as_ref().map(|tls| tls.name.as_str());
    told.or(built_in).unwrap_or(SERVER_NAME)
}

fn speaks_tls(evidence: &CellEvidence<'_>, fault: Fault) -> bool {
    let transport = evidence.cell().transport;
    match fault {
        Fault::Client => transport == Transport::Tls,
        Fault::Server => evidence.case.server_config(transport).transport() == Transport::Tls,
        Fault::Unknown => true,
    }
}

/// The client sends no application data.
fn unsent(connection: &TlsConnection) -> Option<Finding> {
    let record = connection.sent_application_data(Side::Client)?;
    let observed = format!("application data in record {record} of the client, connection {}", connection.index);
    Some(finding("wire.unsent", Fault::Client, "no application data from the client", observed))
}

/// The server sends alerts at most.
fn unanswered(connection: &TlsConnection) -> Option<Finding> {
    let server = &connection.server;
    let only_alerts = server.not_tls.is_none() && server.records.iter().all(|record| record.kind == RecordKind::Alert);
    (!only_alerts).then(|| {
        let observed = format!("{} octets, connection {}", server.octets, connection.index);
        finding("wire.unanswered", Fault::Server, "nothing from the server but a TLS alert", observed)
    })
}

/// A client that claims to have made its calls has sent something through TLS.
fn nothing_sent(evidence: &CellEvidence<'_>, transcript: &TlsTranscript) -> Option<Finding> {
    let reports = evidence.observation.is_some_and(|observation| !observation.calls.is_empty());
    let sent = |connection: &TlsConnection| connection.sent_application_data(Side::Client).is_some();
    let silent = !transcript.connections.iter().any(sent);
    (silent && (reports || evidence.exit.is_some_and(|exit| exit.code == 0)))
        .then(|| finding("calls", Fault::Client, "application data from the client", "none".to_owned()))
}

fn finding(check: &str, fault: Fault, expected: &str, observed: String) -> Finding {
    Finding { check: check.to_owned(), level: Level::Must, fault, expected: expected.to_owned(), observed, place: None }
}

#[cfg(test)]
mod tests;
