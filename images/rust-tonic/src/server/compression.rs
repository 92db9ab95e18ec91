//! What tonic's API does not offer a handler about compression, done on the HTTP request before tonic sees it.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::{Status, body::Body};

/// The only method with a request that can ask for a compressed response in a way tonic can obey.
const MAY_COMPRESS: &str = "/grpc.testing.TestService/UnaryCall";

/// Prepares a request for the handlers: `Flags` tell them which messages came compressed, and responses of all methods
/// but one stay uncompressed.
pub fn observe(mut request: Request<Body>) -> Request<Body> {
    // A service that can compress does so for every client that accepts it, and a handler can refuse that for a single
    // response but not for a stream: https://github.com/grpc/grpc-rust/pull/692
    if request.uri().path() != MAY_COMPRESS {
        request.headers_mut().remove("grpc-accept-encoding");
    }
    let flags = Flags::default();
    request.extensions_mut().insert(flags.clone());
    request.map(|body| Body::new(Observed { body, scanner: Scanner::default(), flags }))
}

/// An extension of a request: the compressed flag of each message that has arrived, in order.
#[derive(Clone, Default)]
pub struct Flags(Arc<Mutex<VecDeque<bool>>>);

impl Flags {
    /// The flag of the next message; call it once for every message received.
    pub fn next(&self) -> Option<bool> {
        let mut flags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flags.pop_front()
    }

    fn push(&self, compressed: bool) {
        let mut flags = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        flags.push_back(compressed);
    }
}

/// A request body that notes the flags of the messages in it.
struct Observed {
    body: Body,
    scanner: Scanner,
    flags: Flags,
}

impl HttpBody for Observed {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let Self { scanner, flags, .. } = &mut *self;
            scanner.scan(data, |compressed| flags.push(compressed));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Finds the messages in a stream of bytes that may be split anywhere: each has a prefix of a flag and a big-endian
/// length, then that many bytes.
#[derive(Default)]
struct Scanner {
    prefix: [u8; 5],
    prefix_length: usize,
    body_left: usize,
}

impl Scanner {
    fn scan(&mut self, mut data: &[u8], mut found: impl FnMut(bool)) {
        while !data.is_empty() {
            let skipped = self.body_left.min(data.len());
            self.body_left -= skipped;
            data = &data[skipped..];

            let missing = &mut self.prefix[self.prefix_length..];
            let taken = missing.len().min(data.len());
            missing[..taken].copy_from_slice(&data[..taken]);
            self.prefix_length += taken;
            data = &data[taken..];

            if self.prefix_length == self.prefix.len() {
                let [flag, length @ ..] = self.prefix;
                self.body_left = u32::from_be_bytes(length) as usize;
                self.prefix_length = 0;
                found(flag == 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_found_however_the_bytes_are_split() {
        let bytes = [
            0, 0, 0, 0, 2, 1, 1, // uncompressed, two bytes
            1, 0, 0, 0, 0, // compressed, empty
            1, 0, 0, 0, 1, 0, // compressed, one byte
            0, 0, 0, 0, 0, // uncompressed, empty
        ];
        for size in 1..=bytes.len() {
            let mut scanner = Scanner::default();
            let mut flags = Vec::new();
            for chunk in bytes.chunks(size) {
                scanner.scan(chunk, |compressed| flags.push(compressed));
            }
            assert_eq!(flags, [false, true, true, false], "chunks of {size}");
        }
    }
}
