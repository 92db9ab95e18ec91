//! Compresses what is recorded, as it comes: a zstd frame (RFC 8878) of raw blocks and of runs of zeros.
//!
//! Nearly all that peers send are message bodies, which are zeros, or is encrypted or compressed. To look for zeros costs a fraction of
//! what zstd's fastest level does, and every byte waits for it on its way.

use crate::wire::are_zeros;

/// Magic number (section 3.1.1); a descriptor that announces neither length nor checksum nor dictionary; a window of 2^17 bytes.
const HEADER: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0, (17 - 10) << 3];
/// Most bytes that a block stands for (section 3.1.1.2.4).
const BLOCK: usize = 128 << 10;
/// Octets before a block (section 3.1.1.2).
const BLOCK_HEADER: usize = 3;

/// The flag of the last block, and the types of block, as they stand in that.
const LAST: usize = 1;
const RAW: usize = 0 << 1;
const RLE: usize = 1 << 1;

/// So many zeros at once are worth a block of their own.
const PIECE: usize = 64;
/// Where there are many, they are looked for in larger steps.
const STEP: usize = 2 << 10;

/// A frame that is being written.
pub(super) struct Squeezer {
    /// Whole blocks, and behind them the raw one that is open.
    out: Vec<u8>,
    /// Bytes in the open block; none, and there is no such block.
    open: usize,
    /// Zeros that come next.
    zeros: usize,
}

impl Squeezer {
    pub(super) fn new() -> Squeezer {
        Squeezer { out: HEADER.to_vec(), open: 0, zeros: 0 }
    }

    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let (zeros, others) = rest.split_at(leading_zeros(rest));
            let (others, after) = others.split_at(leading_others(others));
            self.zeros += zeros.len();
            self.raw(others);
            rest = after;
        }
    }

    /// Ends the frame.
    pub(super) fn end(&mut self) {
        self.run();
        self.close();
        self.block(RAW | LAST, 0);
    }

    /// Compressed bytes to be taken.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Takes what is compressed so far, and leaves `room` for the next.
    pub(super) fn take(&mut self, room: Vec<u8>) -> Vec<u8> {
        self.close();
        std::mem::replace(&mut self.out, room)
    }

    fn raw(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            self.run();
            if self.open == 0 {
                self.block(RAW, 0);
            }
            let (now, later) = rest.split_at(rest.len().min(BLOCK - self.open));
            self.out.extend_from_slice(now);
            self.open += now.len();
            if self.open == BLOCK {
                self.close();
            }
            rest = later;
        }
    }

    /// Writes the zeros that are due.
    fn run(&mut self) {
        if self.zeros > 0 {
            self.close();
        }
        while self.zeros > 0 {
            let length = self.zeros.min(BLOCK);
            self.block(RLE, length);
            self.out.push(0);
            self.zeros -= length;
        }
    }

    /// Ends the open block: only now is its length known.
    fn close(&mut self) {
        if self.open > 0 {
            let body = self.out.len() - self.open;
            self.out[body - BLOCK_HEADER..body].copy_from_slice(&header(RAW, self.open));
            self.open = 0;
        }
    }

    fn block(&mut self, kind: usize, length: usize) {
        self.out.extend_from_slice(&header(kind, length));
    }
}

fn header(kind: usize, length: usize) -> [u8; BLOCK_HEADER] {
    let [low, middle, high, ..] = (kind | length << 3).to_le_bytes();
    [low, middle, high]
}

/// How many bytes at the start are zeros, in whole pieces.
fn leading_zeros(bytes: &[u8]) -> usize {
    let steps = bytes.chunks_exact(STEP).take_while(|step| are_zeros(step)).count() * STEP;
    steps + bytes[steps..].chunks_exact(PIECE).take_while(|piece| are_zeros(piece)).count() * PIECE
}

/// How many bytes come before the first piece of zeros.
fn leading_others(bytes: &[u8]) -> usize {
    bytes.chunks_exact(PIECE).position(are_zeros).map_or(bytes.len(), |pieces| pieces * PIECE)
}

#[cfg(test)]
mod tests;
