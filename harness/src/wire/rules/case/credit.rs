use super::Missed;
use super::view::kind_of;
use crate::model::{Direction, Level, Side};
use crate::wire::{Connection, Payload, kind};

/// The connection's window before any WINDOW_UPDATE (RFC 9113 section 6.9.2).
const FIRST_WINDOW: u64 = 65_535;

/// Bytes beyond the credit given so far, or too few to have needed any.
pub(super) fn credit(way: Direction, connection: &Connection) -> Option<Missed> {
    let (sender, what) = match way {
        Direction::Request => (Side::Client, "request"),
        Direction::Response => (Side::Server, "response"),
    };
    let (mut sent, mut allowed) = (0_u64, FIRST_WINDOW);
    for frame in &connection.frames {
        if frame.side == sender && kind_of(frame) == kind::DATA {
            sent += u64::from(frame.length);
        } else if let Payload::WindowUpdate { increment } = frame.payload
            && (frame.side, frame.stream) == (sender.other(), 0)
        {
            allowed += u64::from(increment);
        }
        if sent > allowed {
            return Some(Missed {
                level: Level::Must,
                fault: sender.into(),
                frame: Some(frame.index),
                expected: format!("{what} DATA within the {allowed} bytes of credit given so far"),
                observed: format!("{sent} bytes"),
            });
        }
    }
    (sent <= FIRST_WINDOW).then(|| Missed {
        level: Level::Must,
        fault: sender.into(),
        frame: None,
        expected: format!("more than {FIRST_WINDOW} bytes of {what} DATA"),
        observed: format!("{sent} bytes"),
    })
}
