use super::Budget;
use crate::model::Side;
use bytes::Bytes;

/// How a direction ended, as told to [`Decoder::end`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// FIN.
    Closed,
    /// RST or another socket error.
    Broken,
}

/// Decodes one connection while its bytes come. The result is the same however the bytes of a direction were split, as
/// long as the order between the two directions is kept. It never fails: what a peer did wrong is part of the result.
pub trait Decoder {
    /// What comes of it.
    type Connection;

    /// Begins a connection; `index` is its number among those that the tap accepted, and `budget` what it shares
    /// with the others of its transcript.
    fn new(index: usize, budget: &Budget) -> Self;

    /// Takes the next bytes of a side, which reached the tap at `at_us`.
    fn push(&mut self, side: Side, at_us: u64, bytes: Bytes);

    /// Notes that a side ended its direction; the first ending counts.
    fn end(&mut self, side: Side, ending: Ending);

    /// The connection as it is after all that was pushed.
    fn finish(self) -> Self::Connection;
}
