use super::{Broken, TlsContext};
use crate::model::Side;
use crate::wire::tls::{HelloDefect, NotTls, TlsConnection};

pub(super) fn t1(connection: &TlsConnection, _: &TlsContext) -> Vec<Broken> {
    let of_side = |side: Side| {
        let half = connection.half(side);
        let not_tls = half.not_tls.iter().map(move |found| not_tls(side, found));
        half.hello_defect.iter().map(move |found| hello(side, found)).chain(not_tls)
    };
    Side::BOTH.into_iter().flat_map(of_side).collect()
}

fn hello(side: Side, HelloDefect { record, what, .. }: &HelloDefect) -> Broken {
    let expected = match side {
        Side::Client => "a readable ClientHello first",
        Side::Server => "a readable ServerHello first, or an alert",
    };
    Broken::new(side, *record, expected, what)
}

/// These octets are in no record, so there is no place to point at.
fn not_tls(side: Side, NotTls { octets, after_records, .. }: &NotTls) -> Broken {
    let behind = match after_records {
        0 => "first".to_owned(),
        1 => "behind 1 record".to_owned(),
        many => format!("behind {many} records"),
    };
    let observed = format!("{behind} \"{}\"", octets.escape_ascii());
    Broken { fault: side.into(), frame: None, expected: "TLS records only".to_owned(), observed }
}
