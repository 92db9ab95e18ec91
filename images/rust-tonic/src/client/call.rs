//! One call in progress: its requests, its responses, and the loop that takes it through its steps.

use tokio::{
    sync::mpsc,
    time::{Instant, sleep},
};
use tokio_util::task::AbortOnDropHandle;
use tonic::{CancellationHandle, Response, Status, Streaming};

use super::{observe, plan::Step};
use crate::proto::interop::v1::{CallObservation, Received, StepEnd};

/// Takes a call through its steps and then to its end.
pub async fn drive<Q: Clone>(
    steps: &[Step<Q>],
    (mut requests, mut responses): (Requests<Q>, impl Responses),
    seen: &mut CallObservation,
    clock: Instant,
) {
    for (step, index) in steps.iter().zip(0..) {
        match step {
            Step::Send(message) => requests.send(message.clone()).await,
            Step::HalfClose => requests.half_close(),
            Step::Receive(count) => responses.receive(*count, seen).await,
            Step::Wait(duration) => sleep(*duration).await,
            Step::Cancel => {
                requests.cancel();
                // The handle ends the request stream with RST_STREAM, and has no effect after its regular end. What is
                // left then is to drop the call, which resets the stream too but yields no status.
                if requests.sender.is_none() {
                    responses.abandon(seen).await;
                }
            }
        }
        seen.steps.push(StepEnd { index, ended_us: u64::try_from(clock.elapsed().as_micros()).unwrap_or(u64::MAX) });
    }
    requests.half_close();
    responses.receive(0, seen).await;
}

/// The sending side of a call.
pub struct Requests<Q> {
    /// None after the half-close.
    sender: Option<mpsc::Sender<Q>>,
    single: bool,
    cancellation: CancellationHandle,
}

impl<Q> Requests<Q> {
    /// The sending side, and where its messages come out. A `single` message implies the half-close.
    pub fn new(cancellation: CancellationHandle, single: bool) -> (Self, mpsc::Receiver<Q>) {
        let (sender, receiver) = mpsc::channel(1);
        let requests = Self { sender: Some(sender), single, cancellation };
        (requests, receiver)
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
        if self.single {
            self.half_close();
        }
    }

    fn half_close(&mut self) {
        self.sender = None;
    }

    fn cancel(&self) {
        self.cancellation.clone().cancel();
    }
}

impl<Q> Drop for Requests<Q> {
    /// A call dropped in the middle of its requests must not look half-closed, which the end of `sender` alone would.
    fn drop(&mut self) {
        self.cancel();
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
    /// Waits for the response headers.
    async fn open(&mut self, seen: &mut CallObservation) {
        if let Self::Pending(pending) = self {
            *self = match pending.await {
                Ok(Ok(response)) => {
                    seen.initial_metadata = Some(observe::metadata(response.metadata()));
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
