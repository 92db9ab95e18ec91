//! From a call's method to the generated stub, and to the kind of call that it starts.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, codec::CompressionEncoding, transport::Channel};

use super::{
    call::{Driver, Requests, Single, Stream},
    plan::{Call, Steps},
};
use crate::{
    MAX_MESSAGE_SIZE,
    proto::{
        grpc::testing::{
            test_service_client::TestServiceClient, unimplemented_service_client::UnimplementedServiceClient,
        },
        interop::v1::CallObservation,
    },
};

/// A stub for one call. A macro because generated stubs share no trait.
macro_rules! stub {
    ($client:ident, $channel:expr, $call:expr) => {{
        let stub = $client::new($channel)
            .max_decoding_message_size(MAX_MESSAGE_SIZE)
            .max_encoding_message_size(MAX_MESSAGE_SIZE)
            // Off by default in tonic; without it no server could answer compressed.
            .accept_compressed(CompressionEncoding::Gzip);
        if $call.gzip { stub.send_compressed(CompressionEncoding::Gzip) } else { stub }
    }};
}

/// Makes the call and records what comes of it.
pub async fn run(call: &Call, channel: Channel, seen: &mut CallObservation, clock: Instant) {
    // tonic panics over a grpc-status-details-bin that is no base64: it says so on standard error, and there is no status.
    // https://github.com/grpc/grpc-rust/issues/2618
    let _ = AssertUnwindSafe(make(call, channel, Driver { seen, clock })).catch_unwind().await;
}

async fn make(call: &Call, channel: Channel, mut driver: Driver<'_>) {
    let mut stub = stub!(TestServiceClient, channel.clone(), call);
    match &call.steps {
        Steps::Empty(steps) => {
            driver.wait(&steps.waits).await;
            let request = request(call, steps.request);
            let response = spawn(async move { stub.empty_call(request).await });
            driver.run_after(steps, Single::new(response)).await;
        }
        Steps::Unary(steps) => {
            driver.wait(&steps.waits).await;
            let request = request(call, steps.request.clone());
            let response = spawn(async move { stub.unary_call(request).await });
            driver.run_after(steps, Single::new(response)).await;
        }
        Steps::StreamingInput(steps) => {
            let (requests, request) = requests(call);
            let response = spawn(async move { stub.streaming_input_call(request).await });
            driver.run(steps, requests, Single::new(response)).await;
        }
        Steps::StreamingOutput(steps) => {
            driver.wait(&steps.waits).await;
            let request = request(call, steps.request.clone());
            let responses = spawn(async move { stub.streaming_output_call(request).await });
            driver.run_after(steps, Stream::new(responses)).await;
        }
        Steps::FullDuplex(steps) => {
            let (requests, request) = requests(call);
            let responses = spawn(async move { stub.full_duplex_call(request).await });
            driver.run(steps, requests, Stream::new(responses)).await;
        }
        Steps::HalfDuplex(steps) => {
            let (requests, request) = requests(call);
            let responses = spawn(async move { stub.half_duplex_call(request).await });
            driver.run(steps, requests, Stream::new(responses)).await;
        }
        Steps::Unimplemented(steps) => {
            driver.wait(&steps.waits).await;
            let request = request(call, steps.request);
            let response = spawn(async move { stub.unimplemented_call(request).await });
            driver.run_after(steps, Single::new(response)).await;
        }
        Steps::UnimplementedService(steps) => {
            driver.wait(&steps.waits).await;
            let mut stub = stub!(UnimplementedServiceClient, channel, call);
            let request = request(call, steps.request);
            let response = spawn(async move { stub.unimplemented_call(request).await });
            driver.run_after(steps, Single::new(response)).await;
        }
    }
}

/// Starts a call. It is a task of its own because a stub returns only when the response headers are there, which may take
/// until the server has read all requests.
fn spawn<T: Send + 'static>(call: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(call))
}

/// A message, or a stream of them, with the call's metadata and deadline.
fn request<T>(call: &Call, message: T) -> Request<T> {
    let mut request = Request::new(message);
    *request.metadata_mut() = call.metadata.clone();
    if let Some(deadline) = call.deadline {
        request.set_timeout(deadline);
    }
    request
}

/// The sending side of a call, and the request with the stream of what it sends.
fn requests<Q: Send + 'static>(call: &Call) -> (Requests<Q>, Request<ReceiverStream<Q>>) {
    let mut request = request(call, ());
    let (requests, stream) = Requests::stream(request.cancellation_handle());
    (requests, request.map(|()| stream))
}
