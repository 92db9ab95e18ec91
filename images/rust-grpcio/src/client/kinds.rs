//! The four kinds of call, as grpcio has them: a response is a future, responses are a stream, requests are a sink.

use std::mem;

use futures::{SinkExt, Stream, StreamExt};
use grpcio::{
    ClientCStreamReceiver, ClientCStreamSender, ClientDuplexReceiver, ClientDuplexSender, ClientSStreamReceiver,
    ClientUnaryReceiver, Result, StreamingCallSink, WriteFlags,
};

use super::{call::Call, observe};
use crate::proto::interop::v1::{CallObservation, Received};

/// A unary call: a function that starts it with its request, then a future of the response.
pub struct Unary<S, R> {
    start: S,
    /// None before the request, and when the response has been received.
    receiver: Option<ClientUnaryReceiver<R>>,
}

impl<S, R> Unary<S, R> {
    pub fn new<Q>(start: S) -> Self
    where
        S: Fn(&Q, WriteFlags) -> Result<ClientUnaryReceiver<R>>,
    {
        Self { start, receiver: None }
    }
}

impl<Q, R, S> Call<Q> for Unary<S, R>
where
    R: Into<Received>,
    S: Fn(&Q, WriteFlags) -> Result<ClientUnaryReceiver<R>>,
{
    async fn send(&mut self, message: &Q, flags: WriteFlags, seen: &mut CallObservation) {
        match (self.start)(message, flags) {
            Ok(receiver) => self.receiver = Some(receiver),
            Err(error) => observe::ended(&Err(error), seen),
        }
    }

    /// The request implied it.
    async fn half_close(&mut self) {}

    async fn receive(&mut self, _: u32, seen: &mut CallObservation) {
        async fn response<R: Into<Received>>(
            mut receiver: ClientUnaryReceiver<R>,
            seen: &mut CallObservation,
        ) -> Result<()> {
            seen.initial_metadata = Some(observe::metadata(receiver.headers().await?));
            seen.messages.push(receiver.message().await?.into());
            seen.trailing_metadata = Some(observe::metadata(receiver.trailers().await?));
            Ok(())
        }
        if let Some(receiver) = self.receiver.take() {
            let result = response(receiver, seen).await;
            observe::ended(&result, seen);
        }
    }

    fn cancel(&mut self) {
        if let Some(receiver) = &mut self.receiver {
            receiver.cancel();
        }
    }
}

/// A client streaming call: a sink of requests and a future of the response.
pub struct ClientStreaming<Q, R> {
    requests: Requests<Q>,
    /// None when the response has been received.
    receiver: Option<ClientCStreamReceiver<R>>,
}

impl<Q, R> ClientStreaming<Q, R> {
    pub fn new((sender, receiver): (ClientCStreamSender<Q>, ClientCStreamReceiver<R>)) -> Self {
        Self { requests: Requests::new(sender), receiver: Some(receiver) }
    }
}

impl<Q: Clone, R: Into<Received>> Call<Q> for ClientStreaming<Q, R> {
    async fn send(&mut self, message: &Q, flags: WriteFlags, _: &mut CallObservation) {
        self.requests.send(message.clone(), flags).await;
    }

    async fn half_close(&mut self) {
        self.requests.half_close().await;
    }

    async fn receive(&mut self, _: u32, seen: &mut CallObservation) {
        async fn response<R: Into<Received>>(
            mut receiver: ClientCStreamReceiver<R>,
            seen: &mut CallObservation,
        ) -> Result<()> {
            seen.initial_metadata = Some(observe::metadata(receiver.headers().await?));
            seen.messages.push(receiver.message().await?.into());
            seen.trailing_metadata = Some(observe::metadata(receiver.trailers().await?));
            Ok(())
        }
        if let Some(receiver) = self.receiver.take() {
            let result = response(receiver, seen).await;
            observe::ended(&result, seen);
        }
    }

    fn cancel(&mut self) {
        self.requests.cancel();
    }
}

/// A server streaming call: a function that starts it with its request, then a stream of responses.
pub struct ServerStreaming<S, R> {
    start: S,
    /// None before the request.
    receiver: Option<ClientSStreamReceiver<R>>,
    progress: Progress,
}

impl<S, R> ServerStreaming<S, R> {
    pub fn new<Q>(start: S) -> Self
    where
        S: Fn(&Q, WriteFlags) -> Result<ClientSStreamReceiver<R>>,
    {
        Self { start, receiver: None, progress: Progress::Headers }
    }
}

impl<Q, R, S> Call<Q> for ServerStreaming<S, R>
where
    R: Into<Received>,
    S: Fn(&Q, WriteFlags) -> Result<ClientSStreamReceiver<R>>,
{
    async fn send(&mut self, message: &Q, flags: WriteFlags, seen: &mut CallObservation) {
        match (self.start)(message, flags) {
            Ok(receiver) => self.receiver = Some(receiver),
            Err(error) => observe::ended(&Err(error), seen),
        }
    }

    /// The request implied it.
    async fn half_close(&mut self) {}

    async fn receive(&mut self, count: u32, seen: &mut CallObservation) {
        let Some(receiver) = &mut self.receiver else { return };
        if self.progress == Progress::Headers {
            self.progress = Progress::Messages;
            if let Ok(headers) = receiver.headers().await {
                seen.initial_metadata = Some(observe::metadata(headers));
            }
        }
        self.progress.receive(receiver, count, seen).await;
    }

    fn cancel(&mut self) {
        if let Some(receiver) = &mut self.receiver {
            receiver.cancel();
        }
    }
}

/// A bidirectional call: a sink of requests and a stream of responses.
pub struct Duplex<Q, R> {
    requests: Requests<Q>,
    receiver: ClientDuplexReceiver<R>,
    progress: Progress,
}

impl<Q, R> Duplex<Q, R> {
    pub fn new((sender, receiver): (ClientDuplexSender<Q>, ClientDuplexReceiver<R>)) -> Self {
        Self { requests: Requests::new(sender), receiver, progress: Progress::Headers }
    }
}

impl<Q: Clone, R: Into<Received>> Call<Q> for Duplex<Q, R> {
    async fn send(&mut self, message: &Q, flags: WriteFlags, _: &mut CallObservation) {
        self.requests.send(message.clone(), flags).await;
    }

    async fn half_close(&mut self) {
        self.requests.half_close().await;
    }

    async fn receive(&mut self, count: u32, seen: &mut CallObservation) {
        if self.progress == Progress::Headers {
            self.progress = Progress::Messages;
            if let Ok(headers) = self.receiver.headers().await {
                seen.initial_metadata = Some(observe::metadata(headers));
            }
        }
        self.progress.receive(&mut self.receiver, count, seen).await;
    }

    fn cancel(&mut self) {
        self.requests.cancel();
    }
}

/// The requests of a call that streams them.
struct Requests<Q> {
    sink: StreamingCallSink<Q>,
    /// Until the half-close, a cancel, or the call's end. The sink lives on: to drop it unclosed is to cancel the call.
    open: bool,
}

impl<Q> Requests<Q> {
    fn new(sink: StreamingCallSink<Q>) -> Self {
        Self { sink, open: true }
    }

    /// An error means that the call has ended, which the responses tell. A sink that failed must not be used again: it
    /// would poll a future that has resolved, and panic.
    async fn send(&mut self, message: Q, flags: WriteFlags) {
        if self.open {
            self.open = self.sink.send((message, flags)).await.is_ok();
        }
    }

    async fn half_close(&mut self) {
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

/// How far a stream of responses has been read.
#[derive(PartialEq)]
enum Progress {
    Headers,
    Messages,
    End,
}

impl Progress {
    async fn receive<R: Into<Received>>(
        &mut self,
        responses: &mut (impl Stream<Item = Result<R>> + Unpin),
        count: u32,
        seen: &mut CallObservation,
    ) {
        let mut left = count;
        while *self != Self::End {
            match responses.next().await {
                Some(Ok(message)) => seen.messages.push(message.into()),
                Some(Err(error)) => {
                    observe::ended(&Err(error), seen);
                    *self = Self::End;
                }
                None => {
                    observe::ended(&Ok(()), seen);
                    *self = Self::End;
                }
            }
            if count > 0 {
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
    }
}
