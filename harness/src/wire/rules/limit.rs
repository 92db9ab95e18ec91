use super::view;
use crate::model::Side;
use crate::wire::{Connection, Frame, setting};
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// A limit that one side sets with SETTINGS for the other, as strictly as the evidence allows.
///
/// A raised limit binds when it is seen, a lowered one from the acknowledgement: until then the other side may not
/// have read it. So the limit in force is the highest of the acknowledged one and those under way. A value that the
/// setting may not have binds nobody.
#[derive(Debug)]
pub(super) struct Limit {
    setter: Side,
    setting: u16,
    acknowledged: u32,
    /// One for each SETTINGS that is not acknowledged.
    under_way: VecDeque<u32>,
    /// Those of them that no later one exceeds: the first is the highest.
    highest: VecDeque<u32>,
}

impl Limit {
    /// A setting of one side, before any SETTINGS.
    pub(super) fn new(setter: Side, setting: u16, initial: u32) -> Limit {
        Limit { setter, setting, acknowledged: initial, under_way: VecDeque::new(), highest: VecDeque::new() }
    }

    /// The next frame of the connection.
    pub(super) fn see(&mut self, frame: &Frame) {
        let Some((ack, settings)) = view::settings(frame) else { return };
        if ack && frame.side != self.setter {
            let Some(read) = self.under_way.pop_front() else { return };
            if self.highest.front() == Some(&read) {
                self.highest.pop_front();
            }
            self.acknowledged = read;
        } else if !ack && frame.side == self.setter {
            let legal = legal(self.setter, self.setting);
            let mut sent = settings.iter().filter(|sent| sent.id == self.setting && legal.contains(&sent.value));
            let value = sent.next_back().map_or(self.announced(), |sent| sent.value);
            self.under_way.push_back(value);
            while self.highest.back().is_some_and(|last| *last < value) {
                self.highest.pop_back();
            }
            self.highest.push_back(value);
        }
    }

    /// What binds now.
    pub(super) fn in_force(&self) -> u32 {
        self.highest.front().map_or(self.acknowledged, |highest| self.acknowledged.max(*highest))
    }

    /// What the setter said last, whether or not the other side has read it.
    pub(super) fn announced(&self) -> u32 {
        self.under_way.back().copied().unwrap_or(self.acknowledged)
    }

    /// What the other side acknowledged last.
    pub(super) fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    /// What binds at each frame of a connection.
    pub(super) fn course(mut self, connection: &Connection) -> Course {
        let mut changes = Vec::new();
        let mut now = self.in_force();
        let initial = now;
        for frame in &connection.frames {
            self.see(frame);
            if self.in_force() != now {
                now = self.in_force();
                changes.push((frame.index, now));
            }
        }
        Course { initial, changes }
    }
}

/// A limit over a whole connection.
#[derive(Debug)]
pub(super) struct Course {
    initial: u32,
    /// Frames behind which another value binds.
    changes: Vec<(usize, u32)>,
}

impl Course {
    /// What binds a frame: that before it.
    pub(super) fn before(&self, frame: usize) -> u32 {
        let later = self.changes.partition_point(|(change, _)| *change < frame);
        later.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(self.initial, |(_, value)| *value)
    }
}

/// The values that a setting of a side may have (RFC 9113 section 6.5.2).
pub(super) fn legal(setter: Side, id: u16) -> RangeInclusive<u32> {
    match id {
        setting::ENABLE_PUSH => 0..=u32::from(setter == Side::Client),
        setting::INITIAL_WINDOW_SIZE => 0..=0x7fff_ffff,
        setting::MAX_FRAME_SIZE => 16_384..=16_777_215,
        setting::GRPC_ALLOW_TRUE_BINARY_METADATA => 0..=1,
        _ => 0..=u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side::{Client, Server};
    use crate::wire::build::Exchange;
    use crate::wire::kind;

    const ID: u16 = 0x7f;

    #[test]
    fn raised_binds_when_seen_lowered_when_acknowledged() {
        let exchange = Exchange::new().preface().settings(Server, &[(ID, 20)]).settings(Server, &[(ID, 6), (ID, 5)]);
        let exchange = exchange.settings(Server, &[(ID + 1, 99)]).settings(Client, &[(ID, 99)]);
        let exchange = exchange.settings_ack(Server).settings_ack(Client).settings_ack(Client).settings_ack(Client);
        let connection = exchange.settings_ack(Client).settings(Server, &[(ID, 7)]).connection();
        let mut limit = Limit::new(Server, ID, 10);
        let after = |frame| {
            limit.see(frame);
            limit.in_force()
        };
        let each = [20, 20, 20, 20, 20, 20, 5, 5, 5, 7];
        assert_eq!(connection.frames.iter().map(after).collect::<Vec<_>>(), each);
        let course = Limit::new(Server, ID, 10).course(&connection);
        assert_eq!(course.before(0), 10);
        assert_eq!((1..=10).map(|frame| course.before(frame)).collect::<Vec<_>>(), each);
    }

    #[test]
    fn the_highest_of_those_under_way_binds() {
        let values = [3, 9, 4, 9, 1, 2];
        let exchange =
            values.iter().fold(Exchange::new(), |exchange, value| exchange.settings(Server, &[(ID, *value)]));
        let exchange = exchange.preface();
        let connection = values.iter().fold(exchange, |exchange, _| exchange.settings_ack(Client)).connection();
        let course = Limit::new(Server, ID, 0).course(&connection);
        let each: Vec<_> = (1..=12).map(|frame| course.before(frame)).collect();
        assert_eq!(each, [3, 9, 9, 9, 9, 9, 9, 9, 9, 9, 2, 2]);
    }

    #[test]
    fn what_a_setting_may_not_be_binds_nobody() {
        let exchange = Exchange::new().preface().settings(Server, &[(setting::MAX_FRAME_SIZE, 20_000)]);
        let exchange = exchange.settings_ack(Client).settings(Server, &[(setting::MAX_FRAME_SIZE, 10)]);
        let connection = exchange.settings_ack(Client).connection();
        assert_eq!(Limit::new(Server, setting::MAX_FRAME_SIZE, 16_384).course(&connection).before(9), 20_000);
    }

    #[test]
    fn one_that_breaks_its_layout_may_be_acknowledged() {
        let exchange = Exchange::new().preface().frame(Server, kind::SETTINGS, 0, 0, [0; 5]);
        let exchange = exchange.settings(Server, &[(ID, 5)]).settings_ack(Client);
        let course = Limit::new(Server, ID, 10).course(&exchange.connection());
        assert_eq!(course.before(3), 10, "the ACK is of the first");
    }
}
