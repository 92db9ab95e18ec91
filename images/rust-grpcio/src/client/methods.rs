//! From a call's method to the generated stub and the kind of call it starts.

use std::{panic::AssertUnwindSafe, time::Instant};

use futures::FutureExt;
use grpcio::{Channel, Result};

use super::{
    call::drive,
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
    // grpcio panics where a server answers OK without a response: it says so on standard error, and there is no status.
    if let Ok(Err(error)) = AssertUnwindSafe(start(call, channel, seen, clock)).catch_unwind().await {
        observe::ended(&Err(error), seen);
    }
}

/// The only error is a call that cannot be created.
async fn start(call: &Call, channel: Channel, seen: &mut CallObservation, clock: Instant) -> Result<()> {
    let stub = TestServiceClient::new(channel.clone());
    // With a single request its write flags are an option of the call; a stream takes them with each request.
    let options = |flags| call.options.clone().write_flags(flags);
    match &call.steps {
        Steps::Empty(steps) => {
            let call = Unary::new(|request, flags| stub.empty_call_async_opt(request, options(flags)));
            drive(steps, call, seen, clock).await;
        }
        Steps::Unary(steps) => {
            let call = Unary::new(|request, flags| stub.unary_call_async_opt(request, options(flags)));
            drive(steps, call, seen, clock).await;
        }
        Steps::StreamingInput(steps) => {
            let call = ClientStreaming::new(stub.streaming_input_call_opt(call.options.clone())?);
            drive(steps, call, seen, clock).await;
        }
        Steps::StreamingOutput(steps) => {
            let call = ServerStreaming::new(|request, flags| stub.streaming_output_call_opt(request, options(flags)));
            drive(steps, call, seen, clock).await;
        }
        Steps::FullDuplex(steps) => {
            let call = Duplex::new(stub.full_duplex_call_opt(call.options.clone())?);
            drive(steps, call, seen, clock).await;
        }
        Steps::HalfDuplex(steps) => {
            let call = Duplex::new(stub.half_duplex_call_opt(call.options.clone())?);
            drive(steps, call, seen, clock).await;
        }
        Steps::Unimplemented(steps) => {
            let call = Unary::new(|request, flags| stub.unimplemented_call_async_opt(request, options(flags)));
            drive(steps, call, seen, clock).await;
        }
        Steps::UnimplementedService(steps) => {
            let stub = UnimplementedServiceClient::new(channel);
            let call = Unary::new(|request, flags| stub.unimplemented_call_async_opt(request, options(flags)));
            drive(steps, call, seen, clock).await;
        }
    }
    Ok(())
}
