//! How a call of any kind is taken through its steps.

use std::time::Duration;

use tokio::{
    sync::mpsc,
    time::{Instant, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::{CancellationHandle, Response, Status, Streaming};

use super::{
    observe,
    plan::{OneRequest, Step},
};
use crate::proto::interop::v1::{CallObservation, Received, StepEnd};

/// Time for hyper to see that a stream of requests is cancelled.
const CANCEL_LIMIT: Duration = Duration::from_millis(100);

/// Takes a call through its steps and notes what is seen.
pub struct Driver<'a> {
    pub seen: &'a mut CallObservation,
    /// Runs since the job began.
    pub clock: Instant,
}

impl Driver<'_> {
    /// All steps of a call, from its start to its end.
    pub async fn run<Q: Clone>(&mut self, steps: &[Step<Q>], mut requests: Requests<Q>, mut responses: impl Responses) {
        for step in steps {
            match step {
                Step::Send(message) => requests.send(message.clone()).await,
                Step::HalfClose => requests.half_close(),
                Step::Receive(count) => responses.receive(*count, self.seen).await,
                Step::Wait(duration) => sleep(*duration).await,
                Step::Cancel => {
                    if !requests.cancel().await {
                        responses.abandon(self.seen).await;
                    }
                }
            }
            self.step_ended();
        }
        requests.half_close();
        responses.receive(0, self.seen).await;
    }

    /// What comes before the only request.
    pub async fn wait(&mut self, waits: &[Duration]) {
        for duration in waits {
            sleep(*duration).await;
            self.step_ended();
        }
    }

    /// What comes after the only request, with which the call has begun.
    pub async fn run_after<Q: Clone>(&mut self, steps: &OneRequest<Q>, responses: impl Responses) {
        // The task of the call has not run yet: it does now, and gives the library the request.
        tokio::task::yield_now().await;
        self.step_ended();
        self.run(&steps.then, Requests::none(), responses).await;
    }

    fn step_ended(&mut self) {
        let index = self.seen.steps.len() as u32;
        let ended_us = u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.seen.steps.push(StepEnd { index, ended_us });
    }
}

/// The sending side of a call.
pub struct Requests<Q> {
    /// None after the half-close.
    sender: Option<mpsc::Sender<Q>>,
    cancellation: Option<CancellationHandle>,
}

impl<Q> Requests<Q> {
    /// There is nothing to send any more: the call began with its only request.
    pub fn none() -> Self {
        Self { sender: None, cancellation: None }
    }

    /// The sending side, and the stream of what it sends.
    pub fn stream(cancellation: CancellationHandle) -> (Self, ReceiverStream<Q>) {
        let (sender, receiver) = mpsc::channel(1);
        (Self { sender: Some(sender), cancellation: Some(cancellation) }, ReceiverStream::new(receiver))
    }

    /// Returns when the library has taken the message, or the call has ended.
    async fn send(&mut self, message: Q) {
        if let Some(sender) = &self.sender
            && sender.send(message).await.is_ok()
        {
            // There is room for one message: when there is some again, this one was taken. An error is the call's end,
            // which the responses tell.
            let _ = sender.reserve().await;
        }
    }

    fn half_close(&mut self) {
        self.sender = None;
    }

    /// Ends the stream of requests with RST_STREAM, and tells whether that has come to pass. It has not after the
    /// half-close, nor while hyper holds a message that flow control keeps back: it does not look at the stream then. What is
    /// left is to drop the call, which yields no status. It resets the stream too, but of a call whose requests are held back only
    /// until the response headers are there.
    /// https://github.com/hyperium/hyper/blob/v1.12.0/src/proto/h2/mod.rs
    async fn cancel(&self) -> bool {
        let (Some(sender), Some(cancellation)) = (&self.sender, &self.cancellation) else { return false };
        cancellation.clone().cancel();
        timeout(CANCEL_LIMIT, sender.closed()).await.is_ok()
    }
}

impl<Q> Drop for Requests<Q> {
    /// A call dropped in the middle of its requests must not look half-closed, which the end of `sender` alone would.
    fn drop(&mut self) {
        if let Some(cancellation) = self.cancellation.take() {
            cancellation.cancel();
        }
    }
}

/// The receiving side of a call.
pub trait Responses {
    /// Reads `count` messages, or with 0 all that are left, and the status when the call ends.
    async fn receive(&mut self, count: u32, seen: &mut CallObservation);

    /// Drops the call unless it has ended. It ends without a status then.
    async fn abandon(&mut self, seen: &mut CallObservation);
}

/// A call under way; dropping it cancels the call.
pub type Pending<T> = AbortOnDropHandle<Result<Response<T>, Status>>;

/// The one response of a unary or client streaming call; None when it has been received.
pub struct Single<R>(Option<Pending<R>>);

impl<R> Single<R> {
    pub fn new(pending: Pending<R>) -> Self {
        Self(Some(pending))
    }
}

impl<R: Into<Received>> Responses for Single<R> {
    async fn receive(&mut self, _: u32, seen: &mut CallObservation) {
        let Some(pending) = self.0.take() else { return };
        // Neither a Response nor a Status tells initial from trailing metadata here: tonic merges them, also for an
        // error that did not come as Trailers-Only. So both stay absent.
        match pending.await {
            Ok(Ok(response)) => {
                seen.messages.push(response.into_inner().into());
                seen.status = Some(observe::ok());
            }
            Ok(Err(status)) => seen.status = Some(observe::status(&status)),
            // The library panicked, and said so on standard error.
            Err(_) => {}
        }
    }

    async fn abandon(&mut self, seen: &mut CallObservation) {
        if self.0.as_ref().is_some_and(|pending| pending.is_finished()) {
            self.receive(0, seen).await;
        }
        self.0 = None;
    }
}

/// The responses of a server streaming or bidirectional call.
pub enum Stream<R> {
    /// Until the response headers have come.
    Pending(Pending<Streaming<R>>),
    Open(Box<Streaming<R>>),
    Ended,
}

impl<R> Stream<R> {
    pub fn new(pending: Pending<Streaming<R>>) -> Self {
        Self::Pending(pending)
    }

    /// Waits for the response headers.
    async fn open(&mut self, seen: &mut CallObservation) {
        if let Self::Pending(pending) = self {
            *self = match pending.await {
                Ok(Ok(response)) => {
                    let metadata = observe::metadata(response.metadata());
                    // Headers with a status are Trailers-Only, so they are the trailers.
                    match response.metadata().contains_key("grpc-status") {
                        true => seen.trailing_metadata = Some(metadata),
                        false => seen.initial_metadata = Some(metadata),
                    }
                    Self::Open(Box::new(response.into_inner()))
                }
                Ok(Err(status)) => failed(&status, seen),
                Err(_) => Self::Ended,
            };
        }
    }
}

impl<R: Into<Received>> Responses for Stream<R> {
    async fn receive(&mut self, count: u32, seen: &mut CallObservation) {
        self.open(seen).await;
        let mut left = count;
        while let Self::Open(stream) = self {
            match stream.message().await {
                Ok(Some(message)) => seen.messages.push(message.into()),
                Ok(None) => {
                    seen.status = Some(observe::ok());
                    if let Ok(Some(trailers)) = stream.trailers().await {
                        seen.trailing_metadata = Some(observe::metadata(&trailers));
                    }
                    *self = Self::Ended;
                }
                Err(status) => *self = failed(&status, seen),
            }
            if count > 0 {
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
    }

    async fn abandon(&mut self, seen: &mut CallObservation) {
        if matches!(self, Self::Pending(pending) if pending.is_finished()) {
            self.open(seen).await;
        }
        *self = Self::Ended;
    }
}

/// Records the status of a stream, whose metadata are the trailers.
fn failed<R>(status: &Status, seen: &mut CallObservation) -> Stream<R> {
    seen.status = Some(observe::status(status));
    seen.trailing_metadata = Some(observe::metadata(status.metadata()));
    Stream::Ended
}
