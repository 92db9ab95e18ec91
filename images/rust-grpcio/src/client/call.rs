//! How a call of any kind is taken through its steps.

use std::time::{Duration, Instant};

use futures_timer::Delay;
use grpcio::WriteFlags;

use super::plan::{OneRequest, Step};
use crate::proto::interop::v1::{CallObservation, StepEnd};

/// A call under way, whose requests are of type `Q`. A call with a single request has begun with it, and there is nothing
/// more to send.
pub trait Call<Q> {
    /// Returns when the library has accepted the message.
    async fn send(&mut self, _: &Q, _: WriteFlags) {}

    async fn half_close(&mut self) {}

    /// Reads `count` messages, or with 0 all that are left, and the status when the call ends.
    async fn receive(&mut self, count: u32, seen: &mut CallObservation);

    fn cancel(&mut self);
}

/// Takes a call through its steps and notes what is seen.
pub struct Driver<'a> {
    pub seen: &'a mut CallObservation,
    /// Runs since the job began.
    pub clock: Instant,
}

impl Driver<'_> {
    /// All steps of a call, from its start to its end.
    pub async fn run<Q>(&mut self, steps: &[Step<Q>], mut call: impl Call<Q>) {
        for step in steps {
            match step {
                Step::Send(message, flags) => call.send(message, *flags).await,
                Step::HalfClose => call.half_close().await,
                Step::Receive(count) => call.receive(*count, self.seen).await,
                Step::Wait(duration) => Delay::new(*duration).await,
                Step::Cancel => call.cancel(),
            }
            self.step_ended();
        }
        call.half_close().await;
        call.receive(0, self.seen).await;
    }

    /// What comes before the only request.
    pub async fn wait(&mut self, waits: &[Duration]) {
        for duration in waits {
            Delay::new(*duration).await;
            self.step_ended();
        }
    }

    /// What comes after the only request, with which the call has begun.
    pub async fn run_after<Q>(&mut self, steps: &OneRequest<Q>, call: impl Call<Q>) {
        self.step_ended();
        self.run(&steps.then, call).await;
    }

    fn step_ended(&mut self) {
        let index = self.seen.steps.len() as u32;
        let ended_us = u64::try_from(self.clock.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.seen.steps.push(StepEnd { index, ended_us });
    }
}
