use super::folded::Kept;
use super::form::{Form, Key, Name, Text};
use super::layers::{Delta, Dialects, Pair, Scope, Trait, Who};
use super::{names, said};
use crate::judge::expected_call;
use crate::model::{Call, Case, PeerId, Side, WireRule};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What stands between a habit and the canonical value that it replaces.
pub(super) const INSTEAD: &str = " instead of ";
/// What a habit of answers with trailers only begins with.
pub(super) const ONLY: &str = "trailers only, ";

/// A case's snapshot: what it predicts, then who differs in what. Facts that every call has are left out of the first part.
pub fn write_case(case: &Case, canonical: &Form, dialects: &Dialects) -> String {
    let mut text = format!("{}\n", case.title.replace('\n', " "));
    for (number, call) in (1..).zip(&case.calls) {
        let _ = writeln!(text, "\ncall {number}: {}{}", call.method, extras(call));
        if let Some(why) = not_compared(case, call) {
            let _ = writeln!(text, "  ({why})");
        }
        for (key, value) in
            canonical.facts.iter().filter(|(key, value)| key.call == number && !is_usual(key, value, call))
        {
            let _ = writeln!(text, "  {} {}: {value}", arrow(key.side), key.name);
        }
    }
    if let Some(deltas) = dialects.deltas.get(&case.id) {
        for ((_, who), lines) in groups(deltas) {
            let _ = writeln!(text, "\n{who}:");
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    text
}

/// A peer's snapshot: its habits.
pub fn write_peer(peer: &PeerId, dialects: &Dialects) -> String {
    let mut text = format!("{peer}, whatever the case\n");
    for side in Side::BOTH {
        if let Some(habits) = dialects.habits.get(&(peer.clone(), side)) {
            let _ = writeln!(text, "\n{side}:");
            for habit in habits {
                let _ = writeln!(text, "  {}", habit_line(habit));
            }
        }
    }
    text
}

fn habit_line((habit, value): (&Trait, &Option<Text>)) -> String {
    let Trait { scope, name, canonical } = habit;
    let scope = if *scope == Scope::TrailersOnly { ONLY } else { "" };
    let instead = canonical.as_ref().map_or(String::new(), |canonical| format!("{INSTEAD}{canonical}"));
    format!("{scope}{}{instead}", fact(name, value.as_ref()))
}

fn fact(name: &Name, value: Option<&Text>) -> String {
    value.map_or_else(|| format!("no {name}"), |value| format!("{name}: {value}"))
}

/// A direction, as `show` draws it.
pub(super) fn arrow(side: Side) -> &'static str {
    match side {
        Side::Client => "->",
        Side::Server => "<-",
    }
}

/// What a call has beyond its steps.
fn extras(call: &Call) -> String {
    let mut words = Vec::new();
    if call.repeat > 1 {
        words.push(format!("{} times", call.repeat));
    }
    if call.concurrent > 1 {
        words.push(format!("{} at once", call.concurrent));
    }
    if call.fresh_channel {
        words.push("each on a channel of its own".to_owned());
    }
    words.extend(call.deadline_ms.map(|ms| format!("a deadline of {ms} ms")));
    if words.is_empty() { String::new() } else { format!(", {}", words.join(", ")) }
}

fn not_compared(case: &Case, call: &Call) -> Option<&'static str> {
    let unsent = case.wire.iter().chain(&call.wire).any(|rule| *rule == WireRule::Unsent);
    match Kept::of(case, &expected_call(call)) {
        Kept::Everything => None,
        Kept::UntilCancelled => Some("what is on its way when the client cancels is not compared"),
        Kept::Request => Some("the deadline ends it, and which side does is not compared"),
        Kept::Nothing if unsent => Some("not on the wire"),
        Kept::Nothing => Some("the deadline may pass before anything is on the wire: nothing is compared"),
    }
}

/// What every call has, and nobody needs to read.
fn is_usual(key: &Key, value: &str, call: &Call) -> bool {
    match &key.name {
        Name::Header(name) => matches!(
            (&**name, value),
            (":method", "POST")
                | (":scheme", "http")
                | (":authority" | ":path", _)
                | ("te", "trailers")
                | (":status", "200")
                | ("content-type", "application/grpc")
        ),
        Name::Answer => value == said::HEADERS_AND_TRAILERS,
        Name::End => !call.method.kind().streams_requests() && value == said::WITH_MESSAGE,
        Name::Binary => value == said::BASE64,
        Name::Settings | Name::Messages | Name::Trailer(_) | Name::Reset => false,
    }
}

/// A fact that differs in the same way in some calls.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line<'a> {
    side: Side,
    calls: BTreeSet<u32>,
    name: &'a Name,
    value: Option<&'a Text>,
}

/// The deltas of a case, each said once: facts by those who differ in all of them, roles before pairs.
fn groups(deltas: &BTreeMap<Who, Delta>) -> BTreeMap<(u8, String), Vec<String>> {
    let mut whose: BTreeMap<Line<'_>, BTreeSet<&Who>> = BTreeMap::new();
    for (who, delta) in deltas {
        for line in lines(delta) {
            whose.entry(line).or_default().insert(who);
        }
    }
    let mut groups: BTreeMap<(u8, String), Vec<String>> = BTreeMap::new();
    for (Line { side, name, value, calls }, who) in whose {
        let line = format!("{} {} {}", names::calls(&calls), arrow(side), fact(name, value));
        for title in titles(&who) {
            groups.entry(title).or_default().push(line.clone());
        }
    }
    groups
}

/// A delta, its calls taken together; the connection is none.
fn lines(delta: &Delta) -> Vec<Line<'_>> {
    let mut calls: BTreeMap<_, BTreeSet<u32>> = BTreeMap::new();
    for (key, value) in delta {
        calls.entry((key.side, &key.name, value.as_ref(), key.call == 0)).or_default().insert(key.call);
    }
    calls.into_iter().map(|((side, name, value, _), calls)| Line { side, name, value, calls }).collect()
}

/// Who they are, in words, clients, servers and pairs by themselves, in that order.
fn titles(who: &BTreeSet<&Who>) -> Vec<(u8, String)> {
    let role = |wanted: Side| {
        let peers = who.iter().filter_map(move |who| match who {
            Who::Role(side, peer) if *side == wanted => Some(peer),
            Who::Role(..) | Who::Pair(_) => None,
        });
        names::peers(peers)
    };
    let pairs: BTreeSet<&Pair> = who
        .iter()
        .filter_map(|who| match who {
            Who::Pair(pair) => Some(pair),
            Who::Role(..) => None,
        })
        .collect();
    let titles =
        [(0, "client", role(Side::Client)), (1, "server", role(Side::Server)), (2, "pair", names::pairs(&pairs))];
    let titles = titles.into_iter().filter(|(_, _, names)| !names.is_empty());
    titles.map(|(order, kind, names)| (order, format!("{kind} {names}"))).collect()
}
