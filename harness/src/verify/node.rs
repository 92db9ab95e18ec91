use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// JSON as tshark writes it, where a name may stand several times in an object and the order counts; only what [`KEPT`] names is kept.
/// (`--no-duplicate-keys` would put the values of a name together and lose which message follows which frame.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Object(Vec<(String, Node)>),
    List(Vec<Node>),
    /// A number, a truth value or nothing, which tshark uses for nothing that is read here.
    Other,
}

/// Payloads, which make up most of what tshark prints, are not among these.
const KEPT: [&str; 19] = [
    "_source",
    "layers",
    "frame",
    "frame.number",
    "http2",
    "http2.stream",
    "http2.type",
    "http2.length",
    "http2.streamid",
    "http2.flags",
    "http2.header",
    "http2.header.name",
    "http2.header.value",
    "http2.header.value.length",
    "http2.rst_stream.error",
    "grpc",
    "grpc.compressed_flag",
    "grpc.message_length",
    "tls",
];

/// And all of these: of TLS little is printed, and what is wanted lies deep.
const KEPT_BEGINS: [&str; 3] = ["tls.record", "tls.handshake", "Server Name Indication"];

impl Node {
    /// All values of a name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.entries().iter().filter(move |(of, _)| of == name).map(|(_, value)| value)
    }

    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        self.entries().iter().find(|(of, _)| of == name).map(|(_, value)| value)
    }

    /// The text of a name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Node::Text(text) => Some(text),
            Node::Object(_) | Node::List(_) | Node::Other => None,
        }
    }

    /// The number of a name, in decimal or, after `0x`, in hexadecimal.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let text = self.text(name)?;
        match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => text.parse().ok(),
        }
    }

    /// All texts of a name, however deep they lie, in order.
    pub(super) fn deep(&self, name: &str) -> Vec<&str> {
        let texts = self.entries().iter().map(|(of, value)| match value {
            Node::Text(text) if of == name => vec![text.as_str()],
            Node::Text(_) | Node::Other => Vec::new(),
            Node::Object(_) | Node::List(_) => value.deep(name),
        });
        texts.flatten().collect()
    }

    /// Names and values of an object, in order.
    pub(super) fn entries(&self) -> &[(String, Node)] {
        match self {
            Node::Object(entries) => entries,
            Node::Text(_) | Node::List(_) | Node::Other => &[],
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON of tshark")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if is_kept(&name) {
                entries.push((name, map.next_value()?));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Node::Object(entries))
    }
}

fn is_kept(name: &str) -> bool {
    KEPT.contains(&name) || KEPT_BEGINS.iter().any(|begin| name.starts_with(begin))
}
