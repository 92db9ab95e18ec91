use super::show::show_finding;
use super::text::escape;
use crate::model::{Finding, Place, Side};
use crate::wire::tls::{ClientHello, ServerHello, TlsConnection, TlsHalf, TlsRecord, TlsTranscript};
use std::fmt::Write;

/// What TLS shows of a connection: the hellos in words, and one line a record.
pub(super) fn show_tls(text: &mut String, transcript: &TlsTranscript, findings: &[Finding]) {
    for connection in &transcript.connections {
        let _ =
            writeln!(text, "\nconnection {}   client ->   <- server   (TLS: types, sizes and times)", connection.index);
        connection.client_hello.iter().for_each(|hello| client_hello(text, hello));
        connection.server_hello.iter().for_each(|hello| server_hello(text, hello));
        for (side, record) in records(connection) {
            show_record(text, side, record);
            let here = Place { connection: connection.index, frame: record.index };
            findings
                .iter()
                .filter(|finding| finding.place == Some(here))
                .for_each(|finding| show_finding(text, finding));
        }
        show_rest(text, Side::Client, &connection.client);
        show_rest(text, Side::Server, &connection.server);
    }
}

fn client_hello(text: &mut String, hello: &ClientHello) {
    let name = hello.server_name.as_deref().map_or("no name".to_owned(), escape);
    let protocols: Vec<String> = hello.alpn.iter().map(|name| name.escape_ascii().to_string()).collect();
    let versions: Vec<String> = hello.versions.iter().map(ToString::to_string).collect();
    let _ = writeln!(text, "  -> asks for {name}, offers {} and ALPN {}", versions.join(" "), protocols.join(" "));
}

fn server_hello(text: &mut String, hello: &ServerHello) {
    let protocol = match &hello.alpn {
        Some(name) => name.escape_ascii().to_string(),
        None => "hidden or none".to_owned(),
    };
    let _ = writeln!(text, "  <- chooses {}, cipher suite {:#06x}, ALPN {protocol}", hello.version, hello.cipher_suite);
}

/// Both directions, in the order in which the tap had them.
fn records(connection: &TlsConnection) -> Vec<(Side, &TlsRecord)> {
    let of = |side: Side| connection.half(side).records.iter().map(move |record| (side, record));
    let mut records: Vec<_> = of(Side::Client).chain(of(Side::Server)).collect();
    records.sort_by_key(|(_, record)| record.index);
    records
}

fn show_record(text: &mut String, side: Side, record: &TlsRecord) {
    let (ms, us) = (record.at_us / 1000, record.at_us % 1000);
    let _ = writeln!(text, "{:4} {ms:5}.{us:03} ms {} {} {}", record.index, arrow(side), record.kind, record.length);
}

fn show_rest(text: &mut String, side: Side, half: &TlsHalf) {
    let arrow = arrow(side);
    if let Some(alert) = &half.alert {
        let _ = writeln!(text, "  {arrow} {alert} in record {}", alert.record);
    }
    if let Some(rest) = &half.not_tls {
        let _ = writeln!(text, "  {arrow} from here on no TLS: {}", rest.octets.escape_ascii());
    }
    if half.left_out > 0 {
        let _ = writeln!(text, "  {arrow} and {} records more", half.left_out);
    }
}

fn arrow(side: Side) -> &'static str {
    match side {
        Side::Client => "->",
        Side::Server => "<-",
    }
}
