//! Short ways of writing long things in YAML.

use super::{Receive, Response, once};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::fmt;

/// Longest text in bytes: the contract's limit of metadata.
const LONGEST: usize = 64 << 10;

/// A text, or `{text: T, times: N}` for one repeated so often.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_any(Text)
}

/// The same where it may be absent.
pub(super) fn some_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    text(deserializer).map(Some)
}

/// How a text is written, for the schema of case files.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "described, never made")]
pub(super) enum TextForm {
    /// As it is.
    Plain(String),
    /// One text repeated.
    Repeated(Repeated),
}

struct Text;

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Repeated {
    /// What is repeated.
    text: String,
    /// How often.
    times: usize,
}

impl<'de> Visitor<'de> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or {text, times}")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<String, A::Error> {
        let Repeated { text, times } = Repeated::deserialize(MapAccessDeserializer::new(map))?;
        match text.len().checked_mul(times) {
            Some(length) if length <= LONGEST => Ok(text.repeat(times)),
            Some(_) | None => Err(A::Error::custom(format!("a text of more than {LONGEST} bytes"))),
        }
    }
}

/// Most responses one request may ask for.
const MOST: u32 = 10_000;

/// Responses, of which `times: N` stands for as many of the same.
pub(super) fn responses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Response>, D::Error> {
    let written: Vec<Alike> = Vec::deserialize(deserializer)?;
    let count = written.iter().fold(0_u32, |count, alike| count.saturating_add(alike.times));
    if count > MOST {
        return Err(D::Error::custom(format!("{count} responses: the most are {MOST}")));
    }
    let alike = |Alike { size, interval_us, compressed, times }| {
        std::iter::repeat_n(Response { size, interval_us, compressed }, times as usize)
    };
    Ok(written.into_iter().flat_map(alike).collect())
}

/// One response asked for, or several alike.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Alike {
    /// Size of its body.
    size: u32,
    /// Pause before it, in microseconds.
    #[serde(default)]
    interval_us: u32,
    /// Whether it is to be compressed.
    compressed: Option<bool>,
    /// How many of them.
    #[serde(default = "once")]
    times: u32,
}

/// A number of messages, or `{count: N, pause_ms: MS}` for as many with a pause before each.
pub(super) fn receive<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Receive, D::Error> {
    deserializer.deserialize_any(Count)
}

/// How responses to read are written, for the schema of case files.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "described, never made")]
pub(super) enum ReceiveForm {
    /// So many; 0 reads to the end.
    Count(u32),
    /// With a pause before each.
    Paced(Paced),
}

struct Count;

#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Paced {
    /// How many, at least 1.
    count: u32,
    /// In milliseconds.
    pause_ms: u32,
}

impl<'de> Visitor<'de> for Count {
    type Value = Receive;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of messages, or {count, pause_ms}")
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Receive, E> {
        let count = u32::try_from(count).map_err(|_| E::custom(format!("{count} messages are too many")))?;
        Ok(Receive { count, pause_ms: 0 })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Receive, A::Error> {
        let Paced { count, pause_ms } = Paced::deserialize(MapAccessDeserializer::new(map))?;
        match count {
            0 => Err(A::Error::custom("`count` is at least 1: a pause stands before each message")),
            1.. => Ok(Receive { count, pause_ms }),
        }
    }
}
