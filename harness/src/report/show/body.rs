//! What is in a message, by the descriptors of `proto/`.

use crate::model::Side;
use crate::proto::DESCRIPTORS;
use crate::report::text::plural;
use crate::wire::are_zeros;
use bytes::Bytes;
use prost_reflect::{DescriptorPool, DynamicMessage, MapKey, MessageDescriptor, Value};
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;

/// Bytes of a field that are written out.
const BYTES: usize = 16;
/// Elements of a list that are written out.
const ELEMENTS: usize = 8;

/// The services whose messages can be read.
pub(super) struct Protos(DescriptorPool);

impl Protos {
    /// Those of `proto/`.
    pub(super) fn ours() -> Protos {
        // They were encoded by the compiler that made this program's own types; without them there are only sizes.
        Protos(DescriptorPool::decode(DESCRIPTORS).unwrap_or_default())
    }

    /// The type of the messages that a side sends in a call of this `:path`, if it is known.
    pub(super) fn message(&self, path: &str, side: Side) -> Option<MessageDescriptor> {
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        let service = self.0.get_service_by_name(service)?;
        let method = service.methods().find(|known| known.name() == method)?;
        Some(match side {
            Side::Client => method.input(),
            Side::Server => method.output(),
        })
    }
}

/// Reads a message of a type; in words why it is none.
pub(super) fn read(of: &MessageDescriptor, body: &Bytes) -> Result<DynamicMessage, String> {
    DynamicMessage::decode(of.clone(), body.clone()).map_err(|error| error.to_string())
}

/// A message as data: fields by name, those that are not set left out; bytes by their number and their begin.
pub(super) fn json(message: &DynamicMessage) -> Json {
    let known = message.fields().map(|(field, value)| (field.name().to_owned(), json_value(value)));
    let unknown = message.unknown_fields().map(|field| (field.number().to_string(), json!("unknown field")));
    Json::Object(known.chain(unknown).collect())
}

fn json_value(value: &Value) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::I32(value) | Value::EnumNumber(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::U32(value) => json!(value),
        Value::U64(value) => json!(value),
        Value::F32(value) => json!(value),
        Value::F64(value) => json!(value),
        Value::String(value) => json!(value),
        Value::Bytes(value) if are_zeros(value) => json!({ "length": value.len(), "zeros": true }),
        Value::Bytes(value) => json!({ "length": value.len(), "begins": hex(value) }),
        Value::Message(value) => json(value),
        Value::List(values) => Json::Array(values.iter().map(json_value).collect()),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (map_key(key), json_value(value)));
            Json::Object(entries.collect::<Map<String, Json>>())
        }
    }
}

/// A message in a line, long lists and bytes cut short.
pub(super) fn text(message: &DynamicMessage) -> String {
    let known = message.fields().map(|(field, value)| format!("{}: {}", field.name(), text_value(value)));
    let unknown = message.unknown_fields().map(|field| format!("{}: unknown field", field.number()));
    let fields: Vec<String> = known.chain(unknown).collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

fn text_value(value: &Value) -> String {
    match value {
        Value::Bytes(value) if value.is_empty() => "no bytes".to_owned(),
        Value::Bytes(value) if are_zeros(value) => plural(value.len(), "zero"),
        Value::Bytes(value) => format!("{} {}", plural(value.len(), "byte"), hex(value)),
        Value::String(value) => format!("\"{}\"", value.escape_default()),
        Value::Message(value) => text(value),
        Value::List(values) => {
            let more = values.len().saturating_sub(ELEMENTS);
            let mut shown: Vec<String> = values.iter().take(ELEMENTS).map(text_value).collect();
            shown.extend((more > 0).then(|| format!("{more} more")));
            format!("[{}]", shown.join(", "))
        }
        Value::Map(entries) => {
            let mut shown: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", map_key(key), text_value(value))).collect();
            shown.sort();
            format!("{{ {} }}", shown.join(", "))
        }
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::EnumNumber(_) => json_value(value).to_string(),
    }
}

fn map_key(key: &MapKey) -> String {
    match key {
        MapKey::Bool(key) => key.to_string(),
        MapKey::I32(key) => key.to_string(),
        MapKey::I64(key) => key.to_string(),
        MapKey::U32(key) => key.to_string(),
        MapKey::U64(key) => key.to_string(),
        MapKey::String(key) => key.escape_default().to_string(),
    }
}

/// The first bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    let mut text = bytes.iter().take(BYTES).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    text.push_str(if bytes.len() > BYTES { ".." } else { "" });
    text
}
