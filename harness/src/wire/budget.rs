use super::limits;
use std::cell::Cell;
use std::rc::Rc;

/// What is left of the bounds that all connections of a transcript share.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Of [`limits::FRAMES`].
    pub(super) frames: Rc<Cell<usize>>,
    /// Of [`limits::STREAMS`].
    pub(super) streams: Rc<Cell<usize>>,
    /// Of [`limits::DEFECTS`].
    pub(super) defects: Rc<Cell<usize>>,
    /// Of [`limits::HEADER_LISTS`].
    pub(super) header_lists: Rc<Cell<usize>>,
    /// Of [`limits::INFLATED_MESSAGES`].
    pub(super) inflated: Rc<Cell<usize>>,
    /// Of [`limits::MESSAGES`].
    pub(super) messages: Rc<Cell<usize>>,
    /// Of [`limits::TLS_RECORDS`].
    pub(super) tls_records: Rc<Cell<usize>>,
}

impl Default for Budget {
    fn default() -> Budget {
        let share = |most| Rc::new(Cell::new(most));
        Budget {
            frames: share(limits::FRAMES),
            streams: share(limits::STREAMS),
            defects: share(limits::DEFECTS),
            header_lists: share(limits::HEADER_LISTS),
            inflated: share(limits::INFLATED_MESSAGES),
            messages: share(limits::MESSAGES),
            tls_records: share(limits::TLS_RECORDS),
        }
    }
}

/// Takes from a share; nothing, and it is used up, where it has not so much.
pub(super) fn take(share: &Cell<usize>, amount: usize) -> bool {
    let left = share.get().checked_sub(amount);
    share.set(left.unwrap_or_default());
    left.is_some()
}
