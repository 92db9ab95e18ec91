use bytes::{Bytes, BytesMut};

/// Puts together pieces whose length is known, from bytes that come split anyhow.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    /// The start of a piece that has not ended.
    tail: BytesMut,
}

impl Gatherer {
    /// Octets held back.
    pub(super) fn len(&self) -> usize {
        self.tail.len()
    }

    /// What is held back.
    pub(super) fn held(&self) -> &[u8] {
        &self.tail
    }

    /// The next octets, at least `octets` of them, once they are there. They are copied only where they came in several
    /// pieces, and stay in front for the next call.
    pub(super) fn peek<'a>(&'a mut self, input: &'a mut Bytes, octets: usize) -> Option<&'a [u8]> {
        if self.tail.is_empty() && input.len() >= octets {
            return Some(input);
        }
        let missing = octets.saturating_sub(self.tail.len()).min(input.len());
        self.tail.extend_from_slice(&input.split_to(missing));
        (self.tail.len() >= octets).then_some(&self.tail)
    }

    /// Takes the next `octets` octets, once they are there. No call before may have asked for more of them.
    pub(super) fn take(&mut self, input: &mut Bytes, octets: usize) -> Option<Bytes> {
        self.peek(input, octets)?;
        Some(if self.tail.is_empty() { input.split_to(octets) } else { self.tail.split().freeze() })
    }

    /// Takes what is held back.
    pub(super) fn take_held(&mut self) -> Bytes {
        self.tail.split().freeze()
    }
}
