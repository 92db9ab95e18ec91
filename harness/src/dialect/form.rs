use crate::model::Side;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A text that stands in many forms.
pub type Text = Arc<str>;

/// One cell's traffic in its normal form: facts by their place, so that neither order in time nor packaging matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Each fact's value, printable and on one line.
    pub facts: BTreeMap<Key, Text>,
}

/// Where a fact stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The call as numbered in its case, from 1, its repeats and copies taken together; 0 is the connection.
    pub call: u32,
    /// Who sent it.
    pub side: Side,
    /// What of it.
    pub name: Name,
}

/// What of a stream or a connection a fact is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The first SETTINGS, by identifier.
    Settings,
    /// Whether a server answers with headers and trailers, or with trailers only.
    Answer,
    /// A field of the header block that comes first; of an answer with trailers only `:status` and `content-type`.
    Header(Text),
    /// How the values of `-bin` fields are written.
    Binary,
    /// The serialised lengths of the messages, in order, and which are compressed.
    Messages,
    /// A field of the trailers.
    Trailer(Text),
    /// The frame with the client's END_STREAM.
    End,
    /// The error code of RST_STREAM.
    Reset,
}

impl Form {
    /// A fact's value.
    pub fn get(&self, key: &Key) -> Option<&Text> {
        self.facts.get(key)
    }

    /// States a fact.
    pub fn set(&mut self, key: Key, value: impl Into<Text>) {
        self.facts.insert(key, value.into());
    }
}

impl Key {
    /// A fact of a call.
    pub fn new(call: u32, side: Side, name: Name) -> Key {
        Key { call, side, name }
    }
}

impl Name {
    /// A header field.
    pub fn header(name: &str) -> Name {
        Name::Header(name.into())
    }

    /// A field of the trailers.
    pub fn trailer(name: &str) -> Name {
        Name::Trailer(name.into())
    }

    /// The name that a text stands for, as [`fmt::Display`] writes it.
    pub fn read(text: &str) -> Option<Name> {
        match text.split_once(' ') {
            Some(("header", name)) => Some(Name::header(name)),
            Some(("trailer", name)) => Some(Name::trailer(name)),
            Some(_) => None,
            None => match text {
                "settings" => Some(Name::Settings),
                "binary" => Some(Name::Binary),
                "answer" => Some(Name::Answer),
                "messages" => Some(Name::Messages),
                "end" => Some(Name::End),
                "reset" => Some(Name::Reset),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Settings => f.write_str("settings"),
            Name::Answer => f.write_str("answer"),
            Name::Header(name) => write!(f, "header {name}"),
            Name::Binary => f.write_str("binary"),
            Name::Messages => f.write_str("messages"),
            Name::Trailer(name) => write!(f, "trailer {name}"),
            Name::End => f.write_str("end"),
            Name::Reset => f.write_str("reset"),
        }
    }
}
