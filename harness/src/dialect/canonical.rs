use super::folded::Kept;
use super::form::{Form, Key, Name};
use super::{encode, normal, said};
use crate::judge::{ExpectedCall, ExpectedStatus, expected_call, metadata_of};
use crate::model::{Call, Case, Compressor, Side, StatusCode, Transport};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

/// What is escaped in `grpc-message`: all but the visible characters and space, and the escape itself.
const MESSAGE: &AsciiSet = &CONTROLS.add(b'%');

/// Whether a case's cells over plaintext show frames, so that there is a normal form of them.
pub fn is_compared(case: &Case) -> bool {
    case.transports.contains(&Transport::Plaintext)
        && case.server_config(Transport::Plaintext).transport() == Transport::Plaintext
}

/// What a case predicts of its traffic: the least that the protocol asks for. What libraries add is theirs, so that no `user-agent` stands
/// here; nor does a SETTINGS.
pub fn canonical(case: &Case) -> Form {
    let mut form = Form::default();
    for (number, call) in (1..).zip(&case.calls) {
        let expected = expected_call(call);
        let kept = Kept::of(case, &expected);
        if kept != Kept::Nothing {
            request(&mut form, number, &expected, kept);
            response(&mut form, number, &expected, kept);
        }
    }
    form
}

fn request(form: &mut Form, number: u32, expected: &ExpectedCall<'_>, kept: Kept) {
    let call = expected.call;
    let mut set = |name, value: String| form.set(Key::new(number, Side::Client, name), value);
    for (name, value) in request_headers(call) {
        set(Name::header(name), value);
    }
    let metadata = metadata_of(call);
    for entries in metadata.chunk_by(|a, b| a.0 == b.0) {
        if let Some((name, _)) = entries.first() {
            set(Name::header(name), values(name, entries));
        }
    }
    if metadata.iter().any(|(name, _)| name.ends_with("-bin")) {
        set(Name::Binary, said::BASE64.to_owned());
    }
    let sizes = encode::requests(expected);
    if !sizes.is_empty() {
        set(Name::Messages, encode::text(&sizes));
    }
    if kept.end(expected) {
        let streams = call.method.kind().streams_requests();
        set(Name::End, if streams { said::BY_ITSELF } else { said::WITH_MESSAGE }.to_owned());
    }
    if expected.cancelled && kept.clients_reset() {
        set(Name::Reset, "CANCEL".to_owned());
    }
}

fn request_headers(call: &Call) -> Vec<(&'static str, String)> {
    let mut headers = vec![
        (":method", "POST".to_owned()),
        (":scheme", "http".to_owned()),
        (":path", call.method.path().to_owned()),
        (":authority", said::ANY.to_owned()),
        ("te", "trailers".to_owned()),
        ("content-type", "application/grpc".to_owned()),
    ];
    if call.deadline_ms.is_some() {
        headers.push(("grpc-timeout", format!("{}m", said::ANY)));
    }
    if call.compressor == Compressor::Gzip {
        headers.push(("grpc-encoding", "gzip".to_owned()));
    }
    headers
}

fn response(form: &mut Form, number: u32, expected: &ExpectedCall<'_>, kept: Kept) {
    let Some(most) = kept.responses(expected) else { return };
    let mut set = |name, value: String| form.set(Key::new(number, Side::Server, name), value);
    let sizes = encode::responses(expected, most);
    let only = sizes.is_empty() && !expected.status.is_ok();
    set(Name::Answer, if only { said::TRAILERS_ONLY } else { said::HEADERS_AND_TRAILERS }.to_owned());
    set(Name::header(":status"), "200".to_owned());
    set(Name::header("content-type"), "application/grpc".to_owned());
    if sizes.iter().any(|(_, compressed)| *compressed) {
        set(Name::header("grpc-encoding"), "gzip".to_owned());
    }
    if !sizes.is_empty() {
        set(Name::Messages, encode::text(&sizes));
    }
    for (entries, name) in expected.echo.iter().flat_map(|echo| {
        let part = |entries, name: fn(&str) -> Name| (entries, name);
        [part(&echo.initial, Name::header), part(&echo.trailing, Name::trailer)]
    }) {
        if let Some((key, _)) = entries.first() {
            set(name(key), values(key, entries));
        }
    }
    let echoed = expected.echo.iter().flat_map(|echo| echo.initial.iter().chain(&echo.trailing));
    if echoed.into_iter().any(|(name, _)| name.ends_with("-bin")) {
        set(Name::Binary, said::BASE64.to_owned());
    }
    if kept == Kept::Everything {
        status(expected, set);
    }
}

/// The status that the server ends the call with.
fn status(expected: &ExpectedCall<'_>, mut set: impl FnMut(Name, String)) {
    let code = match expected.status {
        ExpectedStatus::Code(code) => code.to_string(),
        ExpectedStatus::AnyError => "any but 0 OK".to_owned(),
    };
    set(Name::trailer("grpc-status"), code);
    let message = expected.message.filter(|message| !message.is_empty());
    if let Some(message) = message.filter(|_| expected.status != ExpectedStatus::Code(StatusCode::Ok)) {
        let encoded = percent_encode(message.as_bytes(), MESSAGE).to_string();
        set(Name::trailer("grpc-message"), normal::value("grpc-message", encoded.as_bytes()));
    }
}

/// Entries of one name, each in a field of its own.
fn values(name: &str, entries: &[(String, Vec<u8>)]) -> String {
    let field = |(_, value): &(String, Vec<u8>)| match name.ends_with("-bin") {
        true => STANDARD_NO_PAD.encode(value).into_bytes(),
        false => value.clone(),
    };
    let fields: Vec<Vec<u8>> = entries.iter().map(field).collect();
    normal::values(name, fields.iter().map(Vec::as_slice))
}
