//! More than the first window of a connection lets pass, for which credit is needed. That no more passes than credit was given for is
//! for W16 to say.

use super::flow::FIRST_WINDOW;
use super::view::kind_of;
use super::{Missed, sent};
use crate::model::{Direction, Level};
use crate::wire::{Connection, Frame, kind};

/// Too few bytes to have needed any credit.
pub(super) fn credit(way: Direction, connection: &Connection) -> Option<Missed> {
    let (sender, what) = sent(way);
    let carries = |frame: &&Frame| frame.side == sender && frame.stream != 0 && kind_of(frame) == kind::DATA;
    let bytes: u64 = connection.frames.iter().filter(carries).map(|frame| u64::from(frame.length)).sum();
    (bytes <= u64::from(FIRST_WINDOW)).then(|| Missed {
        level: Level::Must,
        fault: sender.into(),
        frame: None,
        expected: format!("more than {FIRST_WINDOW} bytes of {what} DATA"),
        observed: format!("{bytes} bytes"),
    })
}
