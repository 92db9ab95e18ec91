//! The handlers of `grpc.testing.TestService`. Each answers through a sink, in a future that is spawned on the call's
//! context and so runs on the thread of that call's completion queue. UnimplementedCall is left to the generated
//! default, which answers UNIMPLEMENTED.

use std::time::Duration;

use futures::{Sink, SinkExt, TryStreamExt};
use futures_timer::Delay;
use grpcio::{
    ClientStreamingSink, DuplexSink, Error, RequestStream, RpcContext, RpcStatus, RpcStatusCode, ServerStreamingSink,
    UnarySink, WriteFlags,
};

use super::headers::Headers;
use crate::proto::grpc::testing::{
    self, BoolValue, EchoStatus, Empty, Payload, PayloadType, ResponseParameters, SimpleRequest, SimpleResponse,
    StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
};

/// The standard test service; it has no state.
#[derive(Clone)]
pub struct TestService;

impl testing::TestService for TestService {
    fn empty_call(&mut self, ctx: RpcContext<'_>, _: Empty, sink: UnarySink<Empty>) {
        ctx.spawn(logged(sink.success(Empty {})));
    }

    fn unary_call(&mut self, ctx: RpcContext<'_>, request: SimpleRequest, mut sink: UnarySink<SimpleResponse>) {
        let headers = Headers::of(&ctx).build(asked(request.response_compressed));
        ctx.spawn(logged(async move {
            sink.set_headers(headers?);
            match simple(&request) {
                Ok(response) => sink.success(response).await,
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
            let mut total = 0;
            while let Some(request) = requests.try_next().await? {
                total += request.payload.map_or(0, |payload| payload.body.len());
            }
            match i32::try_from(total) {
                Ok(aggregated_payload_size) => {
                    sink.success(StreamingInputCallResponse { aggregated_payload_size }).await
                }
                Err(_) => {
                    sink.fail(status(RpcStatusCode::OUT_OF_RANGE, "the sum of the body sizes is too large")).await
                }
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
            sink.set_headers(Headers::default().build(any_compressed(&request))?);
            match answer(&request, &mut sink).await {
                Ok(()) => sink.close().await,
                Err(Error::RpcFailure(status)) => sink.fail(status).await,
                Err(error) => Err(error),
            }
        }));
    }

    fn full_duplex_call(
        &mut self,
        ctx: RpcContext<'_>,
        mut requests: RequestStream<StreamingOutputCallRequest>,
        mut sink: DuplexSink<StreamingOutputCallResponse>,
    ) {
        let headers = Headers::of(&ctx);
        ctx.spawn(logged(async move {
            let answered = async {
                while let Some(request) = requests.try_next().await? {
                    // They leave with the first response; after it this has no effect.
                    sink.set_headers(headers.build(any_compressed(&request))?);
                    answer(&request, &mut sink).await?;
                }
                Ok(())
            };
            // The stream of requests lives until the status has been sent: to drop it unread is to cancel the call.
            match answered.await {
                Ok(()) => sink.close().await,
                Err(Error::RpcFailure(status)) => sink.fail(status).await,
                Err(error) => Err(error),
            }
        }));
    }

    fn half_duplex_call(
        &mut self,
        ctx: RpcContext<'_>,
        requests: RequestStream<StreamingOutputCallRequest>,
        mut sink: DuplexSink<StreamingOutputCallResponse>,
    ) {
        let headers = Headers::of(&ctx);
        ctx.spawn(logged(async move {
            let requests: Vec<_> = requests.try_collect().await?;
            sink.set_headers(headers.build(requests.iter().any(any_compressed))?);
            let answered = async {
                for request in &requests {
                    answer(request, &mut sink).await?;
                }
                Ok(())
            };
            match answered.await {
                Ok(()) => sink.close().await,
                Err(Error::RpcFailure(status)) => sink.fail(status).await,
                Err(error) => Err(error),
            }
        }));
    }
}

/// A handler as a future that can be spawned. Its error is a call that the client has left.
async fn logged(handler: impl Future<Output = grpcio::Result<()>>) {
    if let Err(error) = handler.await {
        eprintln!("a call was not finished: {error}");
    }
}

/// The response to a SimpleRequest, or the status that it asks for or deserves.
fn simple(request: &SimpleRequest) -> Result<SimpleResponse, RpcStatus> {
    echo_status(request.response_status.as_ref())?;
    let payload = payload(request.response_type, request.response_size)?;
    Ok(SimpleResponse { payload: Some(payload), ..SimpleResponse::default() })
}

/// Sends all responses to one request of a stream. `RpcFailure` is the status to end the call with.
async fn answer<S>(request: &StreamingOutputCallRequest, sink: &mut S) -> grpcio::Result<()>
where
    S: Sink<(StreamingOutputCallResponse, WriteFlags), Error = Error> + Unpin,
{
    echo_status(request.response_status.as_ref()).map_err(Error::RpcFailure)?;
    for parameters in &request.response_parameters {
        let response = output(request.response_type, parameters).await.map_err(Error::RpcFailure)?;
        let flags = WriteFlags::default().force_no_compress(!asked(parameters.compressed));
        sink.send((response, flags)).await?;
    }
    Ok(())
}

/// One response of a stream, after its interval.
async fn output(response_type: i32, parameters: &ResponseParameters) -> Result<StreamingOutputCallResponse, RpcStatus> {
    let payload = payload(response_type, parameters.size)?;
    let interval = u64::try_from(parameters.interval_us).map_err(|_| invalid("the interval is negative"))?;
    if interval > 0 {
        Delay::new(Duration::from_micros(interval)).await;
    }
    Ok(StreamingOutputCallResponse { payload: Some(payload), ..StreamingOutputCallResponse::default() })
}

fn payload(response_type: i32, size: i32) -> Result<Payload, RpcStatus> {
    if response_type != i32::from(PayloadType::Compressable) {
        return Err(invalid("the response type is unknown"));
    }
    let size = usize::try_from(size).map_err(|_| invalid("the size is negative"))?;
    Ok(Payload::zeros(size))
}

/// Whether one of the responses is to be compressed.
fn any_compressed(request: &StreamingOutputCallRequest) -> bool {
    request.response_parameters.iter().any(|parameters| asked(parameters.compressed))
}

fn asked(compressed: Option<BoolValue>) -> bool {
    compressed.is_some_and(|compressed| compressed.value)
}

/// Fails with the status that a request asks for, if its code is not 0.
fn echo_status(asked: Option<&EchoStatus>) -> Result<(), RpcStatus> {
    match asked {
        Some(EchoStatus { code, message }) if *code != 0 => Err(RpcStatus::with_message(*code, message.clone())),
        _ => Ok(()),
    }
}

fn invalid(message: &str) -> RpcStatus {
    status(RpcStatusCode::INVALID_ARGUMENT, message)
}

fn status(code: RpcStatusCode, message: &str) -> RpcStatus {
    RpcStatus::with_message(code, message.to_owned())
}
