//! Trailing metadata on success. A tonic handler can set trailers only through an error status; here it puts them into
//! the response's extensions, and they are added to the trailers as the body passes by.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tonic::{Status, body::Body, metadata::MetadataMap};

/// An extension of a response: metadata for its trailers.
#[derive(Clone)]
pub struct Trailers(pub MetadataMap);

/// Adds a response's `Trailers` to the trailers in its body.
pub fn append(mut response: Response<Body>) -> Response<Body> {
    match response.extensions_mut().remove::<Trailers>() {
        Some(Trailers(metadata)) => response.map(|body| {
            let extra = metadata.into_headers();
            Body::new(WithTrailers { body, extra })
        }),
        None => response,
    }
}

struct WithTrailers {
    body: Body,
    extra: HeaderMap,
}

impl HttpBody for WithTrailers {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(trailers) = frame.trailers_mut()
        {
            trailers.extend(self.extra.drain());
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
