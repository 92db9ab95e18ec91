//! The loop that takes a call of any kind through its steps.

use std::time::Instant;

use futures_timer::Delay;
use grpcio::WriteFlags;

use super::plan::Step;
use crate::proto::interop::v1::{CallObservation, StepEnd};

/// A call whose requests are of type `Q`.
pub trait Call<Q> {
    /// Returns when the library has accepted the message.
    async fn send(&mut self, message: &Q, flags: WriteFlags, seen: &mut CallObservation);

    async fn half_close(&mut self);

    /// Reads `count` messages, or with 0 all that are left, and the status when the call ends.
    async fn receive(&mut self, count: u32, seen: &mut CallObservation);

    fn cancel(&mut self);
}

/// Takes a call through its steps and then to its end.
pub async fn drive<Q>(steps: &[Step<Q>], mut call: impl Call<Q>, seen: &mut CallObservation, clock: Instant) {
    for (step, index) in steps.iter().zip(0..) {
        match step {
            Step::Send(message, flags) => call.send(message, *flags, seen).await,
            Step::HalfClose => call.half_close().await,
            Step::Receive(count) => call.receive(*count, seen).await,
            Step::Wait(duration) => Delay::new(*duration).await,
            Step::Cancel => call.cancel(),
        }
        seen.steps.push(StepEnd { index, ended_us: u64::try_from(clock.elapsed().as_micros()).unwrap_or(u64::MAX) });
    }
    call.half_close().await;
    call.receive(0, seen).await;
}
