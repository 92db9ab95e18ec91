use super::cell::about;
use super::data::{Defect, Record, Tls};
use crate::model::{Finding, Side};
use crate::report::text::escape;
use crate::wire::tls::{ClientHello, ServerHello, TlsConnection, TlsHalf};

/// What TLS shows of a connection: the hellos in words, and its records.
pub(super) fn tls(connection: &TlsConnection, findings: &[Finding]) -> Tls {
    Tls {
        connection: connection.index,
        client_hello: connection.client_hello.as_ref().map(client_hello),
        server_hello: connection.server_hello.as_ref().map(server_hello),
        records: records(connection, findings),
        remarks: Side::BOTH.into_iter().flat_map(|side| remarks(side, connection.half(side))).collect(),
    }
}

fn client_hello(hello: &ClientHello) -> String {
    let name = hello.server_name.as_deref().map_or("no name".to_owned(), escape);
    let protocols: Vec<String> = hello.alpn.iter().map(|name| name.escape_ascii().to_string()).collect();
    let versions: Vec<String> = hello.versions.iter().map(ToString::to_string).collect();
    format!("asks for {name}, offers {} and ALPN {}", versions.join(" "), protocols.join(" "))
}

fn server_hello(hello: &ServerHello) -> String {
    let protocol = match &hello.alpn {
        Some(name) => name.escape_ascii().to_string(),
        None => "hidden or none".to_owned(),
    };
    format!("chooses {}, cipher suite {:#06x}, ALPN {protocol}", hello.version, hello.cipher_suite)
}

/// Those of both directions, in the order in which the tap had them.
fn records(connection: &TlsConnection, findings: &[Finding]) -> Vec<Record> {
    let of = |side: Side| {
        connection.half(side).records.iter().map(move |record| Record {
            record: record.index,
            side,
            at_us: record.at_us,
            kind: record.kind.to_string(),
            length: record.length,
            findings: about(findings, connection.index, &[record.index]),
        })
    };
    let mut records: Vec<Record> = of(Side::Client).chain(of(Side::Server)).collect();
    records.sort_by_key(|record| record.record);
    records
}

fn remarks(side: Side, half: &TlsHalf) -> Vec<Defect> {
    let alert = half.alert.as_ref().map(|alert| format!("{alert} in record {}", alert.record));
    let rest = half.not_tls.as_ref();
    let rest = rest.map(|rest| format!("from here on no TLS: {}", rest.octets.escape_ascii()));
    let more = (half.left_out > 0).then(|| format!("and {} records more", half.left_out));
    [alert, rest, more].into_iter().flatten().map(|what| Defect { side, what }).collect()
}
