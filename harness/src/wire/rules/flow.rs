use super::Broken;
use super::limit::Limit;
use super::view::{ends_half, kind_of, settings};
use crate::model::Side;
use crate::wire::{Connection, Frame, Payload, SidePair, kind, setting};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Every window before any SETTINGS and WINDOW_UPDATE, octets (RFC 9113 section 6.9.2).
pub(super) const FIRST_WINDOW: u32 = 65_535;

/// The largest window there may be, octets (RFC 9113 section 6.9.1).
const LARGEST_WINDOW: i64 = 0x7fff_ffff;

/// The flow-control windows for the DATA of one side (RFC 9113 section 6.9), as the tap sees them: credit counts as soon as it
/// is seen, so that a sender never has more than there is here.
#[derive(Debug)]
pub(super) struct Windows {
    sender: Side,
    /// What each stream's window begins with.
    initial: Limit,
    /// Octets left of the connection's.
    connection: i64,
    /// For each stream on which the sender may send: credit given to it less octets sent, so that a change of the initial
    /// window is one of all of them.
    streams: BTreeMap<u32, i64>,
    last_opened: u32,
}

/// A window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Window {
    Connection,
    Stream(u32),
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Connection => f.write_str("the connection's window"),
            Window::Stream(id) => write!(f, "the window of stream {id}"),
        }
    }
}

/// What a frame does that a window does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breach {
    /// DATA for which so many octets were left.
    Exceeds { left: i64 },
    /// Credit that makes the window so large.
    Overflows { size: i64 },
}

impl Windows {
    /// The windows for what a side sends, before its connection's first frame.
    pub(super) fn new(sender: Side) -> Windows {
        let initial = Limit::new(sender.other(), setting::INITIAL_WINDOW_SIZE, FIRST_WINDOW);
        Windows { sender, initial, connection: FIRST_WINDOW.into(), streams: BTreeMap::new(), last_opened: 0 }
    }

    /// The connection's next frame, and which windows it breaks: its stream's, the connection's.
    pub(super) fn see(&mut self, frame: &Frame) -> [Option<(Window, Breach)>; 2] {
        self.initial.see(frame);
        let is_sender = frame.side == self.sender;
        let mut breaches = [None, None];
        if is_sender && frame.stream != 0 && kind_of(frame) == kind::DATA {
            breaches = self.data(frame);
        } else if !is_sender && let Payload::WindowUpdate { increment } = frame.payload {
            breaches[0] = self.credit(frame.stream, increment);
        } else if !is_sender && let Some((false, _)) = settings(frame) {
            breaches[0] = self.largest_initial(frame);
        }
        self.open_or_end(frame);
        breaches
    }

    /// Octets that may be sent on a stream now, less than none where its initial window was lowered below what was sent; nothing where
    /// the sender may not send, or not any more.
    pub(super) fn left(&self, stream: u32) -> Option<i64> {
        self.stream(stream).map(|left| left.min(self.connection))
    }

    /// Octets left of a stream's window.
    fn stream(&self, id: u32) -> Option<i64> {
        self.streams.get(&id).map(|balance| i64::from(self.initial.in_force()) + balance)
    }

    /// The whole payload counts, padding included.
    fn data(&mut self, frame: &Frame) -> [Option<(Window, Breach)>; 2] {
        let length = i64::from(frame.length);
        let exceeded =
            |(window, left): (Window, i64)| (length > left.max(0)).then_some((window, Breach::Exceeds { left }));
        let of_stream = self.stream(frame.stream).map(|left| (Window::Stream(frame.stream), left));
        let breaches = [of_stream.and_then(exceeded), exceeded((Window::Connection, self.connection))];
        self.connection -= length;
        if let Some(balance) = self.streams.get_mut(&frame.stream) {
            *balance -= length;
        }
        breaches
    }

    /// Credit for a stream that has ended means nothing: what crosses that end is let pass.
    fn credit(&mut self, stream: u32, increment: u32) -> Option<(Window, Breach)> {
        if stream == 0 {
            self.connection += i64::from(increment);
            return overflows(Window::Connection, self.connection);
        }
        let announced = i64::from(self.initial.announced());
        let balance = self.streams.get_mut(&stream)?;
        *balance += i64::from(increment);
        overflows(Window::Stream(stream), announced + *balance)
    }

    /// A changed initial window changes those of all streams. The receiver has announced it, whether or not it is read yet.
    fn largest_initial(&self, frame: &Frame) -> Option<(Window, Breach)> {
        let (_, settings) = settings(frame)?;
        settings.iter().find(|sent| sent.id == setting::INITIAL_WINDOW_SIZE)?;
        let announced = i64::from(self.initial.announced());
        self.streams.iter().find_map(|(id, balance)| overflows(Window::Stream(*id), announced + balance))
    }

    /// A request opens both halves of its stream; that ids only grow is W15's to say.
    fn open_or_end(&mut self, frame: &Frame) {
        if frame.side == Side::Client && kind_of(frame) == kind::HEADERS && frame.stream > self.last_opened {
            self.last_opened = frame.stream;
            self.streams.insert(frame.stream, 0);
        }
        let ends = frame.side == self.sender && ends_half(frame);
        if ends || matches!(frame.payload, Payload::RstStream { .. }) {
            self.streams.remove(&frame.stream);
        }
    }
}

fn overflows(window: Window, size: i64) -> Option<(Window, Breach)> {
    (size > LARGEST_WINDOW).then_some((window, Breach::Overflows { size }))
}

pub(super) fn w16(connection: &Connection) -> Vec<Broken> {
    let mut windows = SidePair { client: Windows::new(Side::Client), server: Windows::new(Side::Server) };
    let mut told = SidePair::<BTreeSet<Window>>::default();
    let mut broken = Vec::new();
    for frame in &connection.frames {
        for sender in Side::BOTH {
            for (window, breach) in windows.of_mut(sender).see(frame).into_iter().flatten() {
                // What follows on a broken window says nothing more.
                if told.of_mut(sender).insert(window) {
                    broken.push(in_words(frame, window, breach));
                }
            }
        }
    }
    broken
}

fn in_words(frame: &Frame, window: Window, breach: Breach) -> Broken {
    let (expected, observed) = match breach {
        Breach::Exceeds { left } => {
            let left = left.max(0);
            (format!("DATA of at most {left} bytes, which are left of {window}"), format!("{} bytes", frame.length))
        }
        Breach::Overflows { size } => {
            (format!("{window} to be of at most {LARGEST_WINDOW} bytes"), format!("credit that makes it {size}"))
        }
    };
    Broken::new(frame.side, frame.index, expected, observed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side::{Client, Server};
    use crate::wire::build::Exchange;
    use crate::wire::flag::END_STREAM;
    use setting::INITIAL_WINDOW_SIZE as INITIAL;

    const NONE: &[(&str, &str)] = &[];

    fn begun() -> Exchange {
        Exchange::new().preface().headers(Client, 1, 0, NONE)
    }

    /// The windows of stream 1 and of the connection behind each frame but the first, which opens the stream.
    fn course(sender: Side, exchange: &Exchange) -> Vec<(Option<i64>, i64)> {
        let mut windows = Windows::new(sender);
        let after = |frame| {
            windows.see(frame);
            (windows.stream(1), windows.connection)
        };
        exchange.connection().frames.iter().map(after).skip(1).collect()
    }

    #[test]
    fn data_takes_and_window_updates_give() {
        let exchange = begun().data_padded(Client, 1, 0, [0; 89], 10).data(Server, 1, 0, [0; 7]);
        let exchange = exchange.window_update(Server, 1, 5).window_update(Server, 0, 3).window_update(Client, 1, 9);
        let first = i64::from(FIRST_WINDOW);
        let client = [(100, 100), (100, 100), (95, 100), (95, 97), (95, 97)];
        assert_eq!(course(Client, &exchange), client.map(|(stream, all)| (Some(first - stream), first - all)));
        let server = [(0, 0), (7, 7), (7, 7), (7, 7), (-2, 7)];
        assert_eq!(course(Server, &exchange), server.map(|(stream, all)| (Some(first - stream), first - all)));
    }

    #[test]
    fn a_raised_initial_window_counts_when_seen_and_a_lowered_one_from_its_ack() {
        let exchange = begun().data(Client, 1, 0, [0; 100]).settings(Server, &[(INITIAL, 70_000)]);
        let exchange = exchange.settings(Server, &[(INITIAL, 10)]).settings_ack(Client).settings_ack(Client);
        let stream: Vec<_> = course(Client, &exchange).into_iter().filter_map(|(stream, _)| stream).collect();
        assert_eq!(stream, [65_435, 69_900, 69_900, 69_900, -90]);
    }

    #[test]
    fn a_stream_ends_with_its_senders_half_or_a_reset() {
        let ended = begun().data(Client, 1, END_STREAM, [0; 100]).window_update(Server, 1, 100);
        assert_eq!(course(Client, &ended), [(None, 65_435), (None, 65_435)]);
        assert_eq!(course(Server, &ended), [(Some(65_535), 65_535); 2]);
        let reset = begun().rst_stream(Server, 1, 8).data(Client, 1, 0, [0; 100]).headers(Client, 1, 0, NONE);
        assert_eq!(course(Client, &reset), [(None, 65_535), (None, 65_435), (None, 65_435)]);
        assert_eq!(course(Server, &reset), [(None, 65_535); 3]);
    }
}
