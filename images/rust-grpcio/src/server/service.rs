//! The handlers of `grpc.testing.TestService`. Each answers through a sink, in a future that is spawned on the call's
//! context and so runs on the thread of that call's completion queue. A single response is the sink's success or failure;
//! a stream of responses goes into the sink, and its status with them. UnimplementedCall is left to the generated default,
//! which answers UNIMPLEMENTED.

use std::time::Duration;

use futures::{Sink, SinkExt, TryStreamExt};
use futures_timer::Delay;
use grpcio::{
    ClientStreamingSink, DuplexSink, Error, MetadataBuilder, RequestStream, RpcContext, RpcStatus, RpcStatusCode,
    ServerStreamingSink, UnarySink, WriteFlags,
};

use super::{
    end::{self, End},
    headers,
};
use crate::proto::grpc::testing::{
    self, BoolValue, EchoStatus, Empty, Payload, PayloadType, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
    StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
};

/// The standard test service; it has no state.
#[derive(Clone)]
pub struct TestService;

impl testing::TestService for TestService {
    fn empty_call(&mut self, ctx: RpcContext<'_>, _: Empty, sink: UnarySink<Empty>) {
        ctx.spawn(logged(sink.success(Empty {})));
    }

    fn unary_call(&mut self, ctx: RpcContext<'_>, request: SimpleRequest, mut sink: UnarySink<SimpleResponse>) {
        let headers = headers::echo(&ctx);
        let username = headers::username(&ctx).filter(|_| request.fill_username).unwrap_or_default();
        ctx.spawn(logged(async move {
            match headers.and_then(|echo| headers::finish(echo, asked(request.response_compressed))) {
                Ok(headers) => sink.set_headers(headers),
                Err(error) => return sink.fail(end::internal(&error)).await,
            }
            match simple(&request) {
                Ok(response) => sink.success(SimpleResponse { username, ..response }).await,
                Err(status) => sink.fail(status).await,
            }
        }));
    }

    fn cacheable_unary_call(&mut self, ctx: RpcContext<'_>, request: SimpleRequest, sink: UnarySink<SimpleResponse>) {
        self.unary_call(ctx, request, sink);
    }

    fn streaming_input_call(
        &mut self,
        ctx: RpcContext<'_>,
        mut requests: RequestStream<StreamingInputCallRequest>,
        sink: ClientStreamingSink<StreamingInputCallResponse>,
    ) {
        ctx.spawn(logged(async move {
            match sum(&mut requests).await {
                Ok(aggregated_payload_size) => {
                    sink.success(StreamingInputCallResponse { aggregated_payload_size }).await
                }
                Err(End::Status(status)) => sink.fail(status).await,
                Err(End::Over(error)) => Err(error),
            }
        }));
    }

    fn streaming_output_call(
        &mut self,
        ctx: RpcContext<'_>,
        request: StreamingOutputCallRequest,
        mut sink: ServerStreamingSink<StreamingOutputCallResponse>,
    ) {
        ctx.spawn(logged(async move {
            sink.set_headers(headers::finish(MetadataBuilder::new(), any_compressed(&request))?);
            let answered = answer(&request, &mut sink).await;
            sink.set_status(end::status(answered)?);
            sink.close().await
        }));
    }

    fn full_duplex_call(
        &mut self,
        ctx: RpcContext<'_>,
        mut requests: RequestStream<StreamingOutputCallRequest>,
        mut sink: DuplexSink<StreamingOutputCallResponse>,
    ) {
        let headers = headers::echo(&ctx);
        ctx.spawn(logged(async move {
            let answered = async {
                let mut headers = Some(headers?);
                while let Some(request) = requests.try_next().await? {
                    // They leave with the first response.
                    if let Some(echo) = headers.take_if(|_| !request.response_parameters.is_empty()) {
                        sink.set_headers(headers::finish(echo, any_compressed(&request))?);
                    }
                    answer(&request, &mut sink).await?;
                }
                Ok(())
            };
            // The stream of requests lives until the status has been sent: to drop it unread is to cancel the call.
            let status = end::status(answered.await)?;
            sink.set_status(status);
            sink.close().await
        }));
    }

    fn half_duplex_call(
        &mut self,
        ctx: RpcContext<'_>,
        mut requests: RequestStream<StreamingOutputCallRequest>,
        mut sink: DuplexSink<StreamingOutputCallResponse>,
    ) {
        let headers = headers::echo(&ctx);
        ctx.spawn(logged(async move {
            let answered = async {
                let echo = headers?;
                let mut waiting = Vec::new();
                while let Some(request) = requests.try_next().await? {
                    // The bodies have no part in the answers, and would fill the memory.
                    waiting.push(StreamingOutputCallRequest { payload: None, ..request });
                }
                sink.set_headers(headers::finish(echo, waiting.iter().any(any_compressed))?);
                for request in &waiting {
                    answer(request, &mut sink).await?;
                }
                Ok(())
            };
            let status = end::status(answered.await)?;
            sink.set_status(status);
            sink.close().await
        }));
    }
}

/// A handler as a future that can be spawned. Its error is a call that was over before it was answered.
async fn logged(handler: impl Future<Output = grpcio::Result<()>>) {
    if let Err(error) = handler.await {
        eprintln!("a call was over before it was answered: {error}");
    }
}

/// The sum of the body sizes of all requests.
async fn sum(requests: &mut RequestStream<StreamingInputCallRequest>) -> Result<i32, End> {
    let mut total = 0;
    while let Some(request) = requests.try_next().await? {
        total += request.payload.map_or(0, |payload| payload.body.len());
    }
    i32::try_from(total)
        .map_err(|_| status(RpcStatusCode::OUT_OF_RANGE, "the sum of the body sizes is too large").into())
}

/// The response to a SimpleRequest, or the status that it asks for or deserves.
fn simple(request: &SimpleRequest) -> Result<SimpleResponse, RpcStatus> {
    echo_status(request.response_status.as_ref())?;
    check_type(request.response_type)?;
    let payload = Payload::zeros(size(request.response_size)?);
    Ok(SimpleResponse { payload: Some(payload), ..SimpleResponse::default() })
}

/// Sends all responses to one request of a stream.
async fn answer<S>(request: &StreamingOutputCallRequest, sink: &mut S) -> Result<(), End>
where
    S: Sink<(StreamingOutputCallResponse, WriteFlags), Error = Error> + Unpin,
{
    echo_status(request.response_status.as_ref())?;
    for Ordered { interval, size, flags } in ordered(request)? {
        if !interval.is_zero() {
            Delay::new(interval).await;
        }
        let payload = Some(Payload::zeros(size));
        let response = StreamingOutputCallResponse { payload, ..StreamingOutputCallResponse::default() };
        sink.send((response, flags)).await?;
    }
    Ok(())
}

/// A response of a stream as a request orders it.
struct Ordered {
    /// Passes before the response.
    interval: Duration,
    size: usize,
    flags: WriteFlags,
}

/// All responses that a request orders, unless there is something wrong anywhere in it.
fn ordered(request: &StreamingOutputCallRequest) -> Result<Vec<Ordered>, RpcStatus> {
    check_type(request.response_type)?;
    let each = request.response_parameters.iter().map(|parameters| {
        let interval = u64::try_from(parameters.interval_us).map_err(|_| invalid("the interval is negative"))?;
        Ok(Ordered {
            interval: Duration::from_micros(interval),
            size: size(parameters.size)?,
            flags: WriteFlags::default().force_no_compress(!asked(parameters.compressed)),
        })
    });
    each.collect()
}

fn check_type(response_type: i32) -> Result<(), RpcStatus> {
    let known = response_type == i32::from(PayloadType::Compressable);
    if known { Ok(()) } else { Err(invalid("the response type is unknown")) }
}

fn size(size: i32) -> Result<usize, RpcStatus> {
    usize::try_from(size).map_err(|_| invalid("the size is negative"))
}

/// Whether one of the responses is to be compressed.
fn any_compressed(request: &StreamingOutputCallRequest) -> bool {
    request.response_parameters.iter().any(|parameters| asked(parameters.compressed))
}

fn asked(compressed: Option<BoolValue>) -> bool {
    compressed.is_some_and(|compressed| compressed.value)
}

/// Fails with the status that a request asks for, if its code is not 0. A code that gRPC does not have is UNKNOWN.
fn echo_status(asked: Option<&EchoStatus>) -> Result<(), RpcStatus> {
    match asked {
        None | Some(EchoStatus { code: 0, .. }) => Ok(()),
        Some(EchoStatus { code: code @ 1..=16, message }) => Err(RpcStatus::with_message(*code, message.clone())),
        Some(EchoStatus { message, .. }) => Err(status(RpcStatusCode::UNKNOWN, message)),
    }
}

fn invalid(message: &str) -> RpcStatus {
    status(RpcStatusCode::INVALID_ARGUMENT, message)
}

fn status(code: RpcStatusCode, message: &str) -> RpcStatus {
    RpcStatus::with_message(code, message.to_owned())
}
