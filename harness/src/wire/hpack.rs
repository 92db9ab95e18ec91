//! HPACK (RFC 7541) of one direction, by a library that is given one representation at a time: this shows where the
//! size updates stand, which it keeps to itself, and bounds the list while it grows.

use super::budget::take;
use super::{Budget, limits};
use bytes::{Bytes, BytesMut};
use loona_hpack::Decoder;
use std::fmt;

/// Decodes the header blocks of one direction, in order.
pub(super) struct Hpack {
    decoder: Decoder<'static>,
    budget: Budget,
}

/// What a header block says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct HeaderList {
    pub(super) fields: Vec<(Bytes, Bytes)>,
    /// Dynamic table size updates.
    pub(super) table_sizes: Vec<u32>,
    /// Whether one of them stood behind a field, where none may be (RFC 7541 section 4.2).
    pub(super) late_table_size: bool,
}

/// Why a header block is not decodable, and with it all later ones of the direction.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HpackError {
    /// It breaks RFC 7541.
    Invalid(String),
    /// It is more than the decoder holds.
    Limit(&'static str),
}

impl Hpack {
    pub(super) fn new(budget: &Budget) -> Self {
        Hpack { decoder: Decoder::new(), budget: budget.clone() }
    }

    pub(super) fn decode(&mut self, block: &[u8]) -> Result<HeaderList, HpackError> {
        let mut list = HeaderList::default();
        let mut lengths = Vec::new();
        let mut text = BytesMut::with_capacity(block.len().min(limits::HEADER_BLOCK) * 2);
        let mut size = 0_usize;
        let mut rest = block;
        while let Some(&first) = rest.first() {
            if first & 0xe0 == 0x20 {
                let (new, octets) = integer(rest, 5)?;
                self.resize(new, &mut list)?;
                list.late_table_size |= !lengths.is_empty();
                rest = rest.get(octets..).unwrap_or_default();
                continue;
            }
            let (field, after) = rest.split_at_checked(length(rest)?).ok_or_else(truncated)?;
            rest = after;
            let mut keep = |name: &[u8], value: &[u8]| {
                size = size.saturating_add(name.len() + value.len() + 32);
                if size <= limits::HEADER_LIST {
                    lengths.push((name.len(), value.len()));
                    text.extend_from_slice(name);
                    text.extend_from_slice(value);
                }
            };
            self.decoder.decode_with_cb(field, |name, value| keep(&name, &value)).map_err(invalid)?;
            if size > limits::HEADER_LIST {
                return Err(HpackError::Limit("a header list is larger than the decoder holds"));
            }
        }
        if !take(&self.budget.header_lists, size) {
            return Err(HpackError::Limit("header lists are more than the decoder holds"));
        }
        let mut text = text.freeze();
        list.fields = lengths.into_iter().map(|(name, value)| (text.split_to(name), text.split_to(value))).collect();
        Ok(list)
    }

    /// Obeys a size update, whatever the other side allowed: what it allowed may not have reached the encoder yet.
    fn resize(&mut self, new: usize, list: &mut HeaderList) -> Result<(), HpackError> {
        if new > limits::HEADER_TABLE {
            return Err(HpackError::Limit("the dynamic table is set larger than the decoder holds"));
        }
        self.decoder.set_max_table_size(new);
        list.table_sizes.push(u32::try_from(new).unwrap_or(u32::MAX));
        Ok(())
    }
}

impl fmt::Debug for Hpack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hpack").field("budget", &self.budget).finish_non_exhaustive()
    }
}

fn truncated() -> HpackError {
    HpackError::Invalid("a field ends behind the end of its header block".to_owned())
}

fn invalid(error: impl fmt::Display) -> HpackError {
    HpackError::Invalid(error.to_string())
}

/// Octets of the field representation at the start of `block` (RFC 7541 sections 6.1 and 6.2).
fn length(block: &[u8]) -> Result<usize, HpackError> {
    let first = *block.first().ok_or_else(truncated)?;
    let (prefix, literal) = match first {
        0x80.. => (7, false),
        0x40.. => (6, true),
        _ => (4, true),
    };
    let (index, mut octets) = integer(block, prefix)?;
    let strings = match (literal, index) {
        (false, _) => 0,
        (true, 0) => 2,
        (true, _) => 1,
    };
    for _ in 0..strings {
        let (text, prefix) = integer(block.get(octets..).unwrap_or_default(), 7)?;
        octets = octets.saturating_add(prefix).saturating_add(text);
    }
    Ok(octets)
}

/// The integer at the start of `block` and its octets (RFC 7541 section 5.1). More than five of them are valid, and more
/// than this decoder reads.
fn integer(block: &[u8], prefix: u8) -> Result<(usize, usize), HpackError> {
    let mask = (1_usize << prefix) - 1;
    let (first, rest) = block.split_first().ok_or_else(truncated)?;
    let mut value = usize::from(*first) & mask;
    if value < mask {
        return Ok((value, 1));
    }
    for at in 0..4 {
        let octet = *rest.get(at).ok_or_else(truncated)?;
        value += usize::from(octet & 0x7f) << (7 * at);
        if octet & 0x80 == 0 {
            return Ok((value, at + 2));
        }
    }
    Err(HpackError::Limit("an integer has more octets than the decoder reads"))
}
