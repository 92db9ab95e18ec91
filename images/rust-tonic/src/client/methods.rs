//! From a call's method to the generated stub: one function per kind of call.

use std::future::{self, Future};

use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Request, Response, Status, Streaming, codec::CompressionEncoding, transport::Channel};

use super::{
    call::{Pending, Requests, Single, Stream, drive},
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
    let mut stub = stub!(TestServiceClient, channel.clone(), call);
    match &call.steps {
        Steps::Empty(steps) => {
            let running = unary(call, |request| async move { stub.empty_call(request).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::Unary(steps) => {
            let running = unary(call, |request| async move { stub.unary_call(request).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::StreamingInput(steps) => {
            let running = client_streaming(call, |requests| async move { stub.streaming_input_call(requests).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::StreamingOutput(steps) => {
            let running = server_streaming(call, |request| async move { stub.streaming_output_call(request).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::FullDuplex(steps) => {
            let running = bidi(call, |requests| async move { stub.full_duplex_call(requests).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::HalfDuplex(steps) => {
            let running = bidi(call, |requests| async move { stub.half_duplex_call(requests).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::Unimplemented(steps) => {
            let running = unary(call, |request| async move { stub.unimplemented_call(request).await });
            drive(steps, running, seen, clock).await;
        }
        Steps::UnimplementedService(steps) => {
            let mut stub = stub!(UnimplementedServiceClient, channel, call);
            let running = unary(call, |request| async move { stub.unimplemented_call(request).await });
            drive(steps, running, seen, clock).await;
        }
    }
}

fn unary<Q, R, F>(call: &Call, stub: impl FnOnce(Request<Q>) -> F + Send + 'static) -> (Requests<Q>, Single<R>)
where
    Q: Send + 'static,
    R: Send + 'static,
    F: Future<Output = Result<Response<R>, Status>> + Send,
{
    let (requests, pending) = with_one_request(call, stub);
    (requests, Single::new(pending))
}

fn server_streaming<Q, R, F>(
    call: &Call,
    stub: impl FnOnce(Request<Q>) -> F + Send + 'static,
) -> (Requests<Q>, Stream<R>)
where
    Q: Send + 'static,
    R: Send + 'static,
    F: Future<Output = Result<Response<Streaming<R>>, Status>> + Send,
{
    let (requests, pending) = with_one_request(call, stub);
    (requests, Stream::Pending(pending))
}

fn client_streaming<Q, R, F>(
    call: &Call,
    stub: impl FnOnce(Request<ReceiverStream<Q>>) -> F,
) -> (Requests<Q>, Single<R>)
where
    R: Send + 'static,
    F: Future<Output = Result<Response<R>, Status>> + Send + 'static,
{
    let (requests, pending) = with_requests(call, stub);
    (requests, Single::new(pending))
}

fn bidi<Q, R, F>(call: &Call, stub: impl FnOnce(Request<ReceiverStream<Q>>) -> F) -> (Requests<Q>, Stream<R>)
where
    R: Send + 'static,
    F: Future<Output = Result<Response<Streaming<R>>, Status>> + Send + 'static,
{
    let (requests, pending) = with_requests(call, stub);
    (requests, Stream::Pending(pending))
}

/// Starts a call with a single request when that is sent.
fn with_one_request<Q, T, F>(
    call: &Call,
    stub: impl FnOnce(Request<Q>) -> F + Send + 'static,
) -> (Requests<Q>, Pending<T>)
where
    Q: Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<Response<T>, Status>> + Send,
{
    let mut request = request(call);
    let (requests, mut messages) = Requests::new(request.cancellation_handle(), true);
    let running = async move {
        match messages.recv().await {
            Some(message) => stub(request.map(|()| message)).await,
            // The job is over; this task is about to be dropped.
            None => future::pending().await,
        }
    };
    (requests, AbortOnDropHandle::new(tokio::spawn(running)))
}

/// Starts a call with a stream of requests at once. It is a task of its own because the stub returns only when the
/// response headers are there, which may take until the server has read all requests.
fn with_requests<Q, T, F>(call: &Call, stub: impl FnOnce(Request<ReceiverStream<Q>>) -> F) -> (Requests<Q>, Pending<T>)
where
    T: Send + 'static,
    F: Future<Output = Result<Response<T>, Status>> + Send + 'static,
{
    let mut request = request(call);
    let (requests, messages) = Requests::new(request.cancellation_handle(), false);
    let running = stub(request.map(|()| ReceiverStream::new(messages)));
    (requests, AbortOnDropHandle::new(tokio::spawn(running)))
}

/// A request with the call's metadata and deadline, still without a message.
fn request(call: &Call) -> Request<()> {
    let mut request = Request::new(());
    *request.metadata_mut() = call.metadata.clone();
    if let Some(deadline) = call.deadline {
        request.set_timeout(deadline);
    }
    request
}
