//! From a call's method to the generated stub, and to the kind of call that it starts.

use std::{panic::AssertUnwindSafe, time::Instant};

use futures::FutureExt;
use grpcio::{Channel, Result};

use super::{
    call::Driver,
    kinds::{ClientStreaming, Duplex, ServerStreaming, Unary},
    observe,
    plan::{Call, Steps},
};
use crate::proto::{
    grpc::testing::{TestServiceClient, UnimplementedServiceClient},
    interop::v1::CallObservation,
};

/// Makes the call and records what comes of it.
pub async fn run(call: &Call, channel: Channel, seen: &mut CallObservation, clock: Instant) {
    let driver = Driver { seen, clock };
    // grpcio panics where a server answers OK without a response: it says so on standard error, and there is no status.
    if let Ok(Err(error)) = AssertUnwindSafe(make(call, channel, driver)).catch_unwind().await {
        observe::ended(&Err(error), seen);
    }
}

/// The only error is a call that cannot be created.
async fn make(Call { options, steps }: &Call, channel: Channel, mut driver: Driver<'_>) -> Result<()> {
    let stub = TestServiceClient::new(channel.clone());
    // With a single request its write flags are an option of the call; a stream takes them with each request.
    let with = |flags| options.clone().write_flags(flags);
    match steps {
        Steps::Empty(steps) => {
            driver.wait(&steps.waits).await;
            let response = stub.empty_call_async_opt(&steps.request, with(steps.flags))?;
            driver.run_after(steps, Unary::new(response)).await;
        }
        Steps::Unary(steps) => {
            driver.wait(&steps.waits).await;
            let response = stub.unary_call_async_opt(&steps.request, with(steps.flags))?;
            driver.run_after(steps, Unary::new(response)).await;
        }
        Steps::StreamingInput(steps) => {
            let (requests, response) = stub.streaming_input_call_opt(options.clone())?;
            driver.run(steps, ClientStreaming::new(requests, response)).await;
        }
        Steps::StreamingOutput(steps) => {
            driver.wait(&steps.waits).await;
            let responses = stub.streaming_output_call_opt(&steps.request, with(steps.flags))?;
            driver.run_after(steps, ServerStreaming::new(responses)).await;
        }
        Steps::FullDuplex(steps) => {
            let (requests, responses) = stub.full_duplex_call_opt(options.clone())?;
            driver.run(steps, Duplex::new(requests, responses)).await;
        }
        Steps::HalfDuplex(steps) => {
            let (requests, responses) = stub.half_duplex_call_opt(options.clone())?;
            driver.run(steps, Duplex::new(requests, responses)).await;
        }
        Steps::Unimplemented(steps) => {
            driver.wait(&steps.waits).await;
            let response = stub.unimplemented_call_async_opt(&steps.request, with(steps.flags))?;
            driver.run_after(steps, Unary::new(response)).await;
        }
        Steps::UnimplementedService(steps) => {
            driver.wait(&steps.waits).await;
            let stub = UnimplementedServiceClient::new(channel);
            let response = stub.unimplemented_call_async_opt(&steps.request, with(steps.flags))?;
            driver.run_after(steps, Unary::new(response)).await;
        }
    }
    Ok(())
}
