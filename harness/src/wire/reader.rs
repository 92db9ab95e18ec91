//! Reads the DATA of one half of a stream as gRPC messages, where they are that.

use super::assembler::Assembler;
use super::blocks::Problem;
use super::inflate::Inflater;
use super::{Half, Layer, Message, Unreadable};
use bytes::Bytes;

/// Reads one half. Made at its first DATA frame: what its headers say later (trailers) does not change how it is read.
#[derive(Debug)]
pub(super) struct Reader {
    /// Absent where the half does not carry gRPC messages.
    assembler: Option<Assembler>,
    /// Its `grpc-encoding`.
    encoding: Option<Bytes>,
}

impl Reader {
    pub(super) fn new(half: &Half) -> Self {
        Reader {
            assembler: half.is_grpc().then(Assembler::default),
            encoding: half.header("grpc-encoding").map(Bytes::copy_from_slice),
        }
    }

    /// Reads nothing.
    pub(super) fn blind() -> Self {
        Reader { assembler: None, encoding: None }
    }

    /// Adds the messages that end in `data`, which frame `frame` carried, to the half.
    pub(super) fn read(&mut self, half: &mut Half, frame: usize, mut data: Bytes, inflater: &Inflater) -> Vec<Problem> {
        let mut problems = Vec::new();
        let Some(assembler) = &mut self.assembler else { return problems };
        while let Some(message) = assembler.next(frame, &mut data) {
            if !inflater.keeps_another() {
                let what = "more messages than the decoder holds; the others of this direction are left out";
                problems.push((Layer::Limit, what.to_owned()));
                half.partial = 0;
                self.assembler = None;
                return problems;
            }
            let body = inflater.body(message.flag, &message.raw, self.encoding.as_deref());
            if message.flag > 1 {
                problems.push((Layer::Message, format!("a message has compressed flag {}", message.flag)));
            }
            if body == Err(Unreadable::Limit) {
                problems.push((Layer::Limit, "a message inflates to more than the decoder holds".to_owned()));
            }
            half.messages.push(Message {
                first_frame: message.first_frame,
                last_frame: frame,
                flag: message.flag,
                raw: message.raw,
                body,
            });
        }
        half.partial = assembler.partial();
        problems
    }
}
