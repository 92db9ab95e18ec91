use crate::model::Side;
use crate::wire::{Frame, Payload};
use std::collections::VecDeque;

/// A limit that one side sets with SETTINGS for the other, as strictly as the evidence allows.
///
/// A raised limit binds when it is seen, a lowered one from the acknowledgement: until then the other side may not
/// have read it. So the limit in force is the highest of the acknowledged one and those under way.
#[derive(Debug)]
pub(super) struct Limit {
    setter: Side,
    setting: u16,
    acknowledged: u32,
    under_way: VecDeque<u32>,
}

impl Limit {
    /// A setting of one side, before any SETTINGS.
    pub(super) fn new(setter: Side, setting: u16, initial: u32) -> Limit {
        Limit { setter, setting, acknowledged: initial, under_way: VecDeque::new() }
    }

    /// The next frame of the connection.
    pub(super) fn see(&mut self, frame: &Frame) {
        let Payload::Settings { ack, settings } = &frame.payload else { return };
        if *ack && frame.side != self.setter {
            self.acknowledged = self.under_way.pop_front().unwrap_or(self.acknowledged);
        } else if !ack && frame.side == self.setter {
            let value = settings.iter().rfind(|setting| setting.id == self.setting).map(|setting| setting.value);
            let before = self.under_way.back().copied().unwrap_or(self.acknowledged);
            self.under_way.push_back(value.unwrap_or(before));
        }
    }

    /// What binds now.
    pub(super) fn in_force(&self) -> u32 {
        self.under_way.iter().copied().fold(self.acknowledged, u32::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Side::{Client, Server};
    use crate::wire::build::Exchange;

    const ID: u16 = 5;

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
        assert_eq!(connection.frames.iter().map(after).collect::<Vec<_>>(), [20, 20, 20, 20, 20, 20, 5, 5, 5, 7]);
    }
}
