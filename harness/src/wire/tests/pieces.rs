//! The same bytes in other pieces, for tests that the pieces do not matter.

use crate::model::Side;
use crate::wire::build::{Exchange, Step};
use crate::wire::{Budget, Decoder, Ending};
use bytes::Bytes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// What happens on a connection, with no clock: as much of a side at once as can be.
#[derive(Debug, Clone)]
pub(in crate::wire) enum Event {
    Bytes(Side, Vec<u8>),
    End(Side, Ending),
}

pub(in crate::wire) fn events(exchange: &Exchange) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for step in exchange.steps() {
        match (step, events.last_mut()) {
            (Step::Bytes { side, bytes, .. }, Some(Event::Bytes(last, joined))) if side == last => {
                joined.extend_from_slice(bytes);
            }
            (Step::Bytes { side, bytes, .. }, _) => events.push(Event::Bytes(*side, bytes.to_vec())),
            (Step::End { side, ending, .. }, _) => events.push(Event::End(*side, *ending)),
        }
    }
    events
}

pub(in crate::wire) const WHOLE: &[usize] = &[usize::MAX];

/// Decodes events, their bytes in pieces of the given sizes, which are used round and round.
pub(in crate::wire) fn decode_pieces<D: Decoder>(events: &[Event], pieces: &[usize]) -> D::Connection {
    let mut decoder = D::new(0, &Budget::default());
    let mut sizes = pieces.iter().copied().cycle();
    for event in events {
        match event {
            Event::Bytes(side, bytes) => {
                let mut rest = Bytes::copy_from_slice(bytes);
                while !rest.is_empty() {
                    let size = sizes.next().unwrap_or(usize::MAX).min(rest.len());
                    decoder.push(*side, 0, rest.split_to(size));
                }
            }
            Event::End(side, ending) => decoder.end(*side, *ending),
        }
    }
    decoder.finish()
}

pub(in crate::wire) fn any_side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Client), Just(Side::Server)]
}

pub(in crate::wire) fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(prop_oneof![1_usize..40, 1_usize..20_000], 1..40)
}

/// Which octets of which events to change, and to what.
pub(in crate::wire) type Damage = Vec<(Index, Index, u8)>;

pub(in crate::wire) fn damage() -> impl Strategy<Value = Damage> {
    vec((any::<Index>(), any::<Index>(), any::<u8>()), 1..8)
}

pub(in crate::wire) fn damaged(mut events: Vec<Event>, damage: Damage) -> Vec<Event> {
    for (event, at, octet) in damage {
        let event = event.index(events.len());
        if let Event::Bytes(_, bytes) = &mut events[event] {
            let at = at.index(bytes.len());
            bytes[at] = octet;
        }
    }
    events
}
