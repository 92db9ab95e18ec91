//! More than the first window of a connection lets pass, for which credit is needed. That no more passes than credit was given for is
//! for W16 to say.

use super::flow::{FIRST_WINDOW, Windows};
use super::{Missed, sent};
use crate::model::{Direction, Level};
use crate::wire::Connection;

/// Too few bytes to have needed any credit.
pub(super) fn credit(way: Direction, connection: &Connection) -> Option<Missed> {
    let (sender, what) = sent(way);
    let mut windows = Windows::new(sender);
    for frame in &connection.frames {
        windows.see(frame);
    }
    (windows.sent() <= i64::from(FIRST_WINDOW)).then(|| Missed {
        level: Level::Must,
        fault: sender.into(),
        frame: None,
        expected: format!("more than {FIRST_WINDOW} bytes of {what} DATA"),
        observed: format!("{} bytes", windows.sent()),
    })
}
