//! The payload of one frame: from its octets to its fields (RFC 9113 section 6).

use super::{Payload, Priority, Setting, flag, kind};
use bytes::{Buf, Bytes, TryGetError};

/// A payload, and what is needed of it besides.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) payload: Payload,
    /// The header block fragment, for the three frame types that have one.
    pub(super) fragment: Option<Bytes>,
    /// How it breaks the layout of its type, or what in it must not be so.
    pub(super) wrong: Option<String>,
}

impl From<Payload> for Parsed {
    fn from(payload: Payload) -> Self {
        Parsed { payload, fragment: None, wrong: None }
    }
}

/// Why a payload breaks its layout.
struct Wrong(String);

impl From<TryGetError> for Wrong {
    fn from(_: TryGetError) -> Self {
        Wrong("is too short for its fields".to_owned())
    }
}

/// Lengths and ids are 31 bits; the one above is reserved and ignored.
const LOW_31: u32 = 0x7fff_ffff;

/// Reads the payload of a frame.
pub(super) fn parse(type_octet: u8, flags: u8, body: Bytes) -> Parsed {
    parse_known(type_octet, flags, body).unwrap_or_else(|Wrong(why)| Parsed {
        payload: Payload::Malformed { kind: type_octet },
        fragment: None,
        wrong: Some(why),
    })
}

fn parse_known(type_octet: u8, flags: u8, mut body: Bytes) -> Result<Parsed, Wrong> {
    let ack = flags & flag::ACK != 0;
    let payload = match type_octet {
        kind::DATA => return data(flags, body),
        kind::HEADERS => return headers(flags, body),
        kind::PUSH_PROMISE => return push_promise(flags, body),
        kind::PRIORITY => {
            exactly(&body, 5)?;
            Payload::Priority(priority(&mut body)?)
        }
        kind::RST_STREAM => {
            exactly(&body, 4)?;
            Payload::RstStream { code: body.try_get_u32()? }
        }
        kind::SETTINGS => Payload::Settings { ack, settings: settings(ack, body)? },
        kind::PING => {
            exactly(&body, 8)?;
            Payload::Ping { ack, data: body.try_get_u64()?.to_be_bytes() }
        }
        kind::GOAWAY => {
            let last_stream = body.try_get_u32()? & LOW_31;
            Payload::GoAway { last_stream, code: body.try_get_u32()?, debug: body }
        }
        kind::WINDOW_UPDATE => {
            exactly(&body, 4)?;
            Payload::WindowUpdate { increment: body.try_get_u32()? & LOW_31 }
        }
        kind::CONTINUATION => {
            let payload = Payload::Continuation { fragment: octets(&body) };
            return Ok(Parsed { payload, fragment: Some(body), wrong: None });
        }
        kind => Payload::Unknown { kind },
    };
    Ok(payload.into())
}

fn data(flags: u8, mut body: Bytes) -> Result<Parsed, Wrong> {
    let padding = pad_length(flags, &mut body)?;
    let wrong = cut_padding(padding, &mut body)?;
    Ok(Parsed { payload: Payload::Data { data: body, padding }, fragment: None, wrong })
}

fn headers(flags: u8, mut body: Bytes) -> Result<Parsed, Wrong> {
    let padding = pad_length(flags, &mut body)?;
    let priority = if flags & flag::PRIORITY != 0 { Some(priority(&mut body)?) } else { None };
    let wrong = cut_padding(padding, &mut body)?;
    Ok(Parsed { payload: Payload::Headers { fragment: octets(&body), padding, priority }, fragment: Some(body), wrong })
}

fn push_promise(flags: u8, mut body: Bytes) -> Result<Parsed, Wrong> {
    let padding = pad_length(flags, &mut body)?;
    let promised = body.try_get_u32()? & LOW_31;
    let wrong = cut_padding(padding, &mut body)?;
    Ok(Parsed {
        payload: Payload::PushPromise { promised, fragment: octets(&body), padding },
        fragment: Some(body),
        wrong,
    })
}

fn settings(ack: bool, mut body: Bytes) -> Result<Vec<Setting>, Wrong> {
    if ack && body.has_remaining() {
        return Err(Wrong("acknowledges and has a payload".to_owned()));
    }
    if !body.len().is_multiple_of(6) {
        return Err(Wrong(format!("has {} octets, no multiple of 6", body.len())));
    }
    let mut settings = Vec::with_capacity(body.len() / 6);
    while body.has_remaining() {
        settings.push(Setting { id: body.try_get_u16()?, value: body.try_get_u32()? });
    }
    Ok(settings)
}

fn priority(body: &mut Bytes) -> Result<Priority, Wrong> {
    let dependency = body.try_get_u32()?;
    Ok(Priority { exclusive: dependency & !LOW_31 != 0, depends_on: dependency & LOW_31, weight: body.try_get_u8()? })
}

fn pad_length(flags: u8, body: &mut Bytes) -> Result<Option<u8>, Wrong> {
    Ok(if flags & flag::PADDED != 0 { Some(body.try_get_u8()?) } else { None })
}

/// Takes the padding off; says so where it is not all zeros, as a sender must make it (RFC 9113 section 6.1).
fn cut_padding(padding: Option<u8>, body: &mut Bytes) -> Result<Option<String>, Wrong> {
    let Some(length) = padding else { return Ok(None) };
    let Some(kept) = body.len().checked_sub(usize::from(length)) else {
        return Err(Wrong(format!("has {length} octets of padding and only {} to hold it", body.len())));
    };
    let padding = body.split_off(kept);
    Ok(padding.iter().any(|octet| *octet != 0).then(|| "has padding other than zeros".to_owned()))
}

fn exactly(body: &Bytes, octets: usize) -> Result<(), Wrong> {
    if body.len() == octets { Ok(()) } else { Err(Wrong(format!("has {} octets, not {octets}", body.len()))) }
}

fn octets(body: &Bytes) -> u32 {
    u32::try_from(body.len()).unwrap_or(u32::MAX)
}
