use super::folded::Kept;
use super::form::{Form, Key, Name};
use super::{encode, normal, said};
use crate::judge::{ExpectedCall, expected_call, streams_of_calls};
use crate::model::{Case, Side};
use crate::wire::{Connection, Half, HeaderBlock, Message, Payload, Stream, Transcript, code, setting};
use std::collections::{BTreeMap, BTreeSet};

/// The normal form of a cell's traffic. Left out are: SETTINGS after a side's first, acknowledgements, PING, WINDOW_UPDATE, GOAWAY, stream
/// ids, how DATA is cut, and what [`Kept`] says; values are as `normal` makes them.
pub fn observed(case: &Case, transcript: &Transcript) -> Form {
    let mut facts = Facts::default();
    let calls: Vec<(ExpectedCall<'_>, Kept)> = case
        .calls
        .iter()
        .map(|call| {
            let expected = expected_call(call);
            let kept = Kept::of(case, &expected);
            (expected, kept)
        })
        .collect();
    for (at, connection, stream) in streams_of_calls(case, transcript) {
        let Some((expected, kept)) = calls.get(at) else { continue };
        let call = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if *kept != Kept::Nothing {
            facts.client(call, connection, &stream.client, (expected, *kept));
            if let Some(most) = kept.responses(expected) {
                facts.server(call, stream, *kept, most);
            }
        }
    }
    // A connection that nothing came of is as it happens: some clients dial more than they need.
    let calls = !facts.0.is_empty();
    for connection in transcript.connections.iter().filter(|connection| calls && !connection.streams.is_empty()) {
        for side in Side::BOTH {
            facts.settings(connection, side);
        }
    }
    facts.form()
}

/// Facts as they are found; repeats and copies of a call bring several values of one.
#[derive(Default)]
struct Facts(BTreeMap<Key, BTreeSet<String>>);

impl Facts {
    fn add(&mut self, (call, side): (u32, Side), name: Name, value: String) {
        self.0.entry(Key::new(call, side, name)).or_default().insert(value);
    }

    fn form(self) -> Form {
        let joined = |values: BTreeSet<String>| values.into_iter().collect::<Vec<_>>().join(" | ").into();
        Form { facts: self.0.into_iter().map(|(key, values)| (key, joined(values))).collect() }
    }

    fn settings(&mut self, connection: &Connection, side: Side) {
        let first = connection.frames.iter().filter(|frame| frame.side == side).find_map(|frame| {
            let Payload::Settings { ack: false, settings } = &frame.payload else { return None };
            Some(settings)
        });
        if let Some(settings) = first {
            let mut settings = settings.clone();
            settings.sort_by_key(|setting| setting.id);
            let words = settings.iter().map(|entry| format!("{}={}", setting::name(entry.id), entry.value));
            let words = words.collect::<Vec<_>>().join(" ");
            self.add((0, side), Name::Settings, if words.is_empty() { "empty".to_owned() } else { words });
        }
    }

    fn client(&mut self, call: u32, connection: &Connection, half: &Half, (expected, kept): (&ExpectedCall<'_>, Kept)) {
        let place = (call, Side::Client);
        if let Some(head) = half.head() {
            self.fields(place, head, Name::header, |_| true);
        }
        self.messages(place, half, usize::MAX);
        if let Some(end) = half.end_stream.filter(|_| kept.end(expected)) {
            let value = match connection.frames.get(end).map(|frame| &frame.payload) {
                Some(Payload::Data { data, .. }) if !data.is_empty() => said::WITH_MESSAGE,
                Some(Payload::Data { .. }) => said::BY_ITSELF,
                _ => said::WITH_HEADERS,
            };
            self.add(place, Name::End, value.to_owned());
        }
        if let Some((_, code)) = half.reset.filter(|_| kept.clients_reset()) {
            self.add(place, Name::Reset, code::name(code));
        }
    }

    fn server(&mut self, call: u32, stream: &Stream, kept: Kept, most: usize) {
        let place = (call, Side::Server);
        let half = &stream.server;
        let Some(head) = half.head() else { return };
        let only = head.end_stream;
        let answer = if only { said::TRAILERS_ONLY } else { said::HEADERS_AND_TRAILERS };
        self.add(place, Name::Answer, answer.to_owned());
        let leads = |name: &str| name.starts_with(':') || name == "content-type";
        self.fields(place, head, Name::header, |name| !only || leads(name));
        self.messages(place, half, most);
        if kept == Kept::Everything {
            if let Some(trailers) = stream.trailers() {
                self.fields(place, trailers, Name::trailer, |name| !only || !leads(name));
            }
            // NO_ERROR says that the server needs no more of the request (RFC 9113 section 8.1), where its end was not there yet.
            if let Some((_, code)) = half.reset.filter(|(_, code)| *code != code::NO_ERROR) {
                self.add(place, Name::Reset, code::name(code));
            }
        }
    }

    fn fields(
        &mut self,
        place: (u32, Side),
        block: &HeaderBlock,
        named: fn(&str) -> Name,
        belongs: impl Fn(&str) -> bool,
    ) {
        let names: BTreeSet<&[u8]> = block.fields.iter().map(|(name, _)| name.as_ref()).collect();
        for octets in names {
            // A space would end the name.
            let name = normal::printable(octets).replace(' ', "\\x20");
            if belongs(&name) {
                let fields =
                    block.fields.iter().filter(|(of, _)| of.as_ref() == octets).map(|(_, value)| value.as_ref());
                if name.ends_with("-bin") {
                    fields
                        .clone()
                        .for_each(|field| self.add(place, Name::Binary, normal::binary_form(field).to_owned()));
                }
                self.add(place, named(&name), normal::values(&name, fields));
            }
        }
    }

    /// Compressed sizes are the compressor's affair: the length is that of the message.
    fn messages(&mut self, place: (u32, Side), half: &Half, most: usize) {
        let size =
            |message: &Message| (message.body.as_ref().map_or(message.raw.len(), |body| body.len()), message.flag);
        let sizes: Vec<(usize, bool)> =
            half.messages.iter().take(most).map(size).map(|(size, flag)| (size, flag != 0)).collect();
        if !sizes.is_empty() {
            self.add(place, Name::Messages, encode::text(&sizes));
        }
    }
}
