use crate::model::Call;
use crate::proto::v1;
use crate::wire::{HeaderBlock, binary};

/// Headers that libraries treat as their own business: some show them to the application and some do not. Load reports (gRFC A51) are
/// among them: C core keeps them to itself.
const TRANSPORT: [&str; 9] = [
    "content-type",
    "user-agent",
    "te",
    "date",
    "server",
    "trailer",
    "content-length",
    "accept-encoding",
    "endpoint-load-metrics-bin",
];

/// The application's part of a header block, sorted by key, values of one key in their order.
pub(super) fn on_the_wire(block: &HeaderBlock) -> Vec<(String, Vec<u8>)> {
    let entries = block.fields.iter().flat_map(|(key, value)| {
        let key = String::from_utf8_lossy(key).into_owned();
        let values = if key.ends_with("-bin") { raw(value) } else { vec![value.to_vec()] };
        values.into_iter().map(move |value| (key.clone(), value))
    });
    sorted(entries.filter(|(key, _)| is_the_applications(key)).collect())
}

/// The bytes a `-bin` field stands for; one that stands for none is W4's business and kept as it is.
fn raw(field: &[u8]) -> Vec<Vec<u8>> {
    match binary::decode(field) {
        Ok(decoded) => decoded.values.iter().map(|value| value.to_vec()).collect(),
        Err(_) => vec![field.to_vec()],
    }
}

/// The application's part of what a client reported, in the same form.
pub(super) fn reported(list: &v1::MetadataList) -> Vec<(String, Vec<u8>)> {
    let entries = list.entries.iter().map(|entry| (entry.key.to_ascii_lowercase(), entry.value.to_vec()));
    sorted(entries.filter(|(key, _)| is_the_applications(key)).collect())
}

/// What a case has its client send, in the same form. A bearer token goes out as `authorization` (RFC 6750 section 2.1).
pub(crate) fn of_the_case(call: &Call) -> Vec<(String, Vec<u8>)> {
    let token =
        call.bearer_token.iter().map(|token| ("authorization".to_owned(), format!("Bearer {token}").into_bytes()));
    sorted(call.metadata.iter().map(|header| (header.key.clone(), header.raw())).chain(token).collect())
}

/// In words.
pub(super) fn text(entries: &[(String, Vec<u8>)]) -> String {
    if entries.is_empty() {
        return "no metadata".to_owned();
    }
    let entries = entries.iter().map(|(key, value)| format!("{key}: {}", value.escape_ascii()));
    entries.collect::<Vec<_>>().join(", ")
}

fn is_the_applications(key: &str) -> bool {
    !key.starts_with(':') && !key.starts_with("grpc-") && !TRANSPORT.contains(&key)
}

fn sorted(mut entries: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    entries
}
