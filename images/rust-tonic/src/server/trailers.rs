//! Trailing metadata where a tonic handler cannot set them. It can set trailers only through an error status, and such an
//! error goes out as Trailers-Only, without initial metadata.

use std::{
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, Response,
    header::{CONTENT_TYPE, Entry},
};
use http_body::{Body as HttpBody, Frame};
use tonic::{Status, body::Body, metadata::MetadataMap};

use super::echo::INITIAL;

/// An extension of a response: metadata for its trailers.
#[derive(Clone)]
pub struct Trailers(pub MetadataMap);

/// Gives a response the trailers that are meant for it: a success those from its extensions; an error that has initial
/// metadata all the rest of its headers.
pub fn append(mut response: Response<Body>) -> Response<Body> {
    let extra = match response.extensions_mut().remove::<Trailers>() {
        Some(Trailers(metadata)) => metadata.into_headers(),
        None if response.headers().contains_key(INITIAL) => split(response.headers_mut()),
        None => return response,
    };
    response.map(|body| Body::new(WithTrailers { body, extra }))
}

/// Leaves what is no trailer in the headers of an error, and returns the others.
fn split(headers: &mut HeaderMap) -> HeaderMap {
    let mut trailers = mem::take(headers);
    for name in [CONTENT_TYPE, HeaderName::from_static(INITIAL)] {
        if let Entry::Occupied(entry) = trailers.entry(&name) {
            headers.extend(entry.remove_entry_mult().1.map(|value| (name.clone(), value)));
        }
    }
    trailers
}

/// A body whose trailers get the extra ones, or are those where it has none.
struct WithTrailers {
    body: Body,
    extra: HeaderMap,
}

impl HttpBody for WithTrailers {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    trailers.extend(self.extra.drain());
                }
            }
            Some(Err(_)) => {}
            None if self.extra.is_empty() => {}
            None => frame = Some(Ok(Frame::trailers(mem::take(&mut self.extra)))),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.extra.is_empty() && self.body.is_end_stream()
    }
}
