//! The four kinds of call. What a stub gives its caller is, in the traits of the crate futures and no others:
//!
//! * unary: a [`Future`] of the response
//! * client streaming: a [`Sink`](futures::Sink) of requests, and a [`Future`] of the response
//! * server streaming: a [`Stream`] of responses
//! * bidirectional: a [`Sink`](futures::Sink) of requests, and a [`Stream`] of responses

use std::mem;

use futures::{SinkExt, Stream, TryStreamExt};
use grpcio::{
    ClientCStreamReceiver, ClientCStreamSender, ClientDuplexReceiver, ClientDuplexSender, ClientSStreamReceiver,
    ClientUnaryReceiver, Metadata, Result, StreamingCallSink, WriteFlags,
};

use super::{call::Call, observe};
use crate::proto::interop::v1::{CallObservation, Received};

/// A unary call: a future of the response.
pub struct Unary<R> {
    /// None when it has been received.
    response: Option<ClientUnaryReceiver<R>>,
}

impl<R> Unary<R> {
    pub fn new(response: ClientUnaryReceiver<R>) -> Self {
        Self { response: Some(response) }
    }
}

impl<Q, R: Into<Received> + Unpin> Call<Q> for Unary<R> {
    async fn receive(&mut self, _: u32, seen: &mut CallObservation) {
        if let Some(response) = self.response.take() {
            receive_one(response, seen).await;
        }
    }

    fn cancel(&mut self) {
        if let Some(response) = &mut self.response {
            response.cancel();
        }
    }
}

/// A client streaming call: a sink of requests, and a future of the response.
pub struct ClientStreaming<Q, R> {
    requests: Requests<Q>,
    /// None when it has been received.
    response: Option<ClientCStreamReceiver<R>>,
}

impl<Q, R> ClientStreaming<Q, R> {
    pub fn new(requests: ClientCStreamSender<Q>, response: ClientCStreamReceiver<R>) -> Self {
        Self { requests: Requests::new(requests), response: Some(response) }
    }
}

impl<Q: Clone, R: Into<Received> + Unpin> Call<Q> for ClientStreaming<Q, R> {
    async fn send(&mut self, request: &Q, flags: WriteFlags) {
        self.requests.send(request.clone(), flags).await;
    }

    async fn half_close(&mut self) {
        self.requests.close().await;
    }

    async fn receive(&mut self, _: u32, seen: &mut CallObservation) {
        if let Some(response) = self.response.take() {
            receive_one(response, seen).await;
        }
    }

    fn cancel(&mut self) {
        self.requests.cancel();
    }
}

/// A server streaming call: a stream of responses.
pub struct ServerStreaming<R> {
    /// None when it has ended.
    responses: Option<ClientSStreamReceiver<R>>,
}

impl<R> ServerStreaming<R> {
    pub fn new(responses: ClientSStreamReceiver<R>) -> Self {
        Self { responses: Some(responses) }
    }
}

impl<Q, R: Into<Received>> Call<Q> for ServerStreaming<R> {
    async fn receive(&mut self, count: u32, seen: &mut CallObservation) {
        receive_many(&mut self.responses, count, seen).await;
    }

    fn cancel(&mut self) {
        if let Some(responses) = &mut self.responses {
            responses.cancel();
        }
    }
}

/// A bidirectional call: a sink of requests, and a stream of responses.
pub struct Duplex<Q, R> {
    requests: Requests<Q>,
    /// None when it has ended.
    responses: Option<ClientDuplexReceiver<R>>,
}

impl<Q, R> Duplex<Q, R> {
    pub fn new(requests: ClientDuplexSender<Q>, responses: ClientDuplexReceiver<R>) -> Self {
        Self { requests: Requests::new(requests), responses: Some(responses) }
    }
}

impl<Q: Clone, R: Into<Received>> Call<Q> for Duplex<Q, R> {
    async fn send(&mut self, request: &Q, flags: WriteFlags) {
        self.requests.send(request.clone(), flags).await;
    }

    async fn half_close(&mut self) {
        self.requests.close().await;
    }

    async fn receive(&mut self, count: u32, seen: &mut CallObservation) {
        receive_many(&mut self.responses, count, seen).await;
    }

    fn cancel(&mut self) {
        self.requests.cancel();
    }
}

/// A sink of requests, and whether anything may still be done with it. It is kept to the end of the call: a sink that is
/// dropped without `close` cancels the call.
struct Requests<Q> {
    sink: StreamingCallSink<Q>,
    open: bool,
}

impl<Q> Requests<Q> {
    fn new(sink: StreamingCallSink<Q>) -> Self {
        Self { sink, open: true }
    }

    /// An error means that the call has ended, which the receiver tells. A sink that failed must not be used again: it would
    /// poll a future that has resolved, and panic.
    async fn send(&mut self, request: Q, flags: WriteFlags) {
        if self.open {
            self.open = self.sink.send((request, flags)).await.is_ok();
        }
    }

    async fn close(&mut self) {
        if mem::take(&mut self.open) {
            // An error as above.
            let _ = self.sink.close().await;
        }
    }

    fn cancel(&mut self) {
        self.open = false;
        self.sink.cancel();
    }
}

/// Awaits the only response, and takes the metadata that came with it.
async fn receive_one<R: Into<Received>>(mut response: impl OneResponse<R>, seen: &mut CallObservation) {
    let received = async {
        let message = (&mut response).await?;
        seen.messages.push(message.into());
        // All is there now, so neither of these waits.
        seen.initial_metadata = Some(observe::metadata(response.headers().await?));
        seen.trailing_metadata = Some(observe::metadata(response.trailers().await?));
        Ok(())
    };
    let result = received.await;
    observe::ended(&result, seen);
}

/// Takes `count` responses from a stream, or with 0 all that are left. At its end there is no stream any more.
async fn receive_many<R: Into<Received>>(
    stream: &mut Option<impl ManyResponses<R>>,
    count: u32,
    seen: &mut CallObservation,
) {
    let Some(responses) = stream else { return };
    if seen.initial_metadata.is_none()
        && let Ok(headers) = responses.headers().await
    {
        seen.initial_metadata = Some(observe::metadata(headers));
    }
    let limit = if count == 0 { usize::MAX } else { count as usize };
    for _ in 0..limit {
        let end = match responses.try_next().await {
            Ok(Some(message)) => {
                seen.messages.push(message.into());
                continue;
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        observe::ended(&end, seen);
        *stream = None;
        return;
    }
}

/// What the receivers of one response have in common; the library has no trait for it.
trait OneResponse<R>: Future<Output = Result<R>> + Unpin {
    async fn headers(&mut self) -> Result<&Metadata>;
    async fn trailers(&mut self) -> Result<&Metadata>;
}

/// What the receivers of many responses have in common.
trait ManyResponses<R>: Stream<Item = Result<R>> + Unpin {
    async fn headers(&mut self) -> Result<&Metadata>;
}

macro_rules! one_response {
    ($receiver:ident) => {
        impl<R: Unpin> OneResponse<R> for $receiver<R> {
            async fn headers(&mut self) -> Result<&Metadata> {
                $receiver::headers(self).await
            }

            async fn trailers(&mut self) -> Result<&Metadata> {
                $receiver::trailers(self).await
            }
        }
    };
}

macro_rules! many_responses {
    ($receiver:ident) => {
        impl<R> ManyResponses<R> for $receiver<R> {
            async fn headers(&mut self) -> Result<&Metadata> {
                $receiver::headers(self).await
            }
        }
    };
}

one_response!(ClientUnaryReceiver);
one_response!(ClientCStreamReceiver);
many_responses!(ClientSStreamReceiver);
many_responses!(ClientDuplexReceiver);
