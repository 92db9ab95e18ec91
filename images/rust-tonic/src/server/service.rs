//! The handlers of `grpc.testing.TestService`. UnimplementedCall is left to the generated default, which answers
//! UNIMPLEMENTED.

use std::time::Duration;

use tokio::time::sleep;
use tonic::{Request, Response, Status, Streaming, codegen::BoxStream};

use super::{
    compression::Flags,
    echo::{self, Echo},
};
use crate::{
    proto::grpc::testing::{
        BoolValue, Empty, PayloadType, SimpleRequest, SimpleResponse, StreamingInputCallRequest,
        StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse, test_service_server,
    },
    zeros,
};

/// The standard test service; it has no state.
pub struct TestService;

/// The type that traits with default methods have for every stream of responses.
type Responses = BoxStream<StreamingOutputCallResponse>;

#[tonic::async_trait]
impl test_service_server::TestService for TestService {
    async fn empty_call(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        Ok(Response::new(Empty {}))
    }

    async fn unary_call(&self, request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
        Echo::of(request.metadata()).apply(simple(request))
    }

    async fn cacheable_unary_call(&self, request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
        simple(request)
    }

    async fn streaming_input_call(
        &self,
        request: Request<Streaming<StreamingInputCallRequest>>,
    ) -> Result<Response<StreamingInputCallResponse>, Status> {
        let flags = flags(&request)?;
        let mut requests = request.into_inner();
        let mut total: usize = 0;
        while let Some(request) = requests.message().await? {
            check_compressed(request.expect_compressed, &flags)?;
            total += request.payload.map_or(0, |payload| payload.body.len());
        }
        let aggregated_payload_size =
            i32::try_from(total).map_err(|_| Status::out_of_range("the sum of the body sizes is too large"))?;
        Ok(Response::new(StreamingInputCallResponse { aggregated_payload_size }))
    }

    async fn streaming_output_call(
        &self,
        request: Request<StreamingOutputCallRequest>,
    ) -> Result<Response<Responses>, Status> {
        let ordered = ordered(&request.into_inner())?;
        Ok(Response::new(Box::pin(async_stream::try_stream! {
            for order in ordered {
                yield output(order).await;
            }
        })))
    }

    async fn full_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Responses>, Status> {
        let echo = Echo::of(request.metadata());
        let mut requests = request.into_inner();
        let responses: Responses = Box::pin(async_stream::try_stream! {
            while let Some(request) = requests.message().await? {
                for order in ordered(&request)? {
                    yield output(order).await;
                }
            }
        });
        echo.apply(Ok(Response::new(responses)))
    }

    async fn half_duplex_call(
        &self,
        request: Request<Streaming<StreamingOutputCallRequest>>,
    ) -> Result<Response<Responses>, Status> {
        let echo = Echo::of(request.metadata());
        let mut requests = request.into_inner();
        let responses: Responses = Box::pin(async_stream::try_stream! {
            let mut waiting = Vec::new();
            while let Some(request) = requests.message().await? {
                // The bodies have no part in the answers, and would fill the memory.
                waiting.push(StreamingOutputCallRequest { payload: None, ..request });
            }
            for request in &waiting {
                for order in ordered(request)? {
                    yield output(order).await;
                }
            }
        });
        echo.apply(Ok(Response::new(responses)))
    }
}

/// The response to a SimpleRequest.
fn simple(request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
    let flags = flags(&request)?;
    let username = echo::username(request.metadata()).map(str::to_owned);
    let request = request.into_inner();
    check_compressed(request.expect_compressed, &flags)?;
    echo::status(request.response_status.as_ref())?;
    check_type(request.response_type)?;
    let payload = zeros::payload(size(request.response_size)?);
    let username = username.filter(|_| request.fill_username).unwrap_or_default();
    let mut response = Response::new(SimpleResponse { payload: Some(payload), username, ..SimpleResponse::default() });
    if request.response_compressed != Some(BoolValue { value: true }) {
        response.disable_compression();
    }
    Ok(response)
}

/// A response of a stream as a request orders it.
struct Ordered {
    /// Passes before the response.
    interval: Duration,
    size: usize,
}

/// All responses that a request orders, unless it asks for a status, or there is something wrong anywhere in it.
fn ordered(request: &StreamingOutputCallRequest) -> Result<Vec<Ordered>, Status> {
    echo::status(request.response_status.as_ref())?;
    check_type(request.response_type)?;
    let each = request.response_parameters.iter().map(|parameters| {
        let interval = u64::try_from(parameters.interval_us);
        let interval = interval.map_err(|_| Status::invalid_argument("the interval is negative"))?;
        Ok(Ordered { interval: Duration::from_micros(interval), size: size(parameters.size)? })
    });
    each.collect()
}

async fn output(Ordered { interval, size }: Ordered) -> StreamingOutputCallResponse {
    if !interval.is_zero() {
        sleep(interval).await;
    }
    let payload = Some(zeros::payload(size));
    StreamingOutputCallResponse { payload, ..StreamingOutputCallResponse::default() }
}

fn check_type(response_type: i32) -> Result<(), Status> {
    if response_type != i32::from(PayloadType::Compressable) {
        let message = format!("response type {response_type} is unknown");
        return Err(Status::invalid_argument(message));
    }
    Ok(())
}

fn size(size: i32) -> Result<usize, Status> {
    usize::try_from(size).map_err(|_| Status::invalid_argument("the size is negative"))
}

fn flags<T>(request: &Request<T>) -> Result<Flags, Status> {
    let flags = request.extensions().get::<Flags>().cloned();
    flags.ok_or_else(|| Status::internal("the compressed flags were not observed"))
}

/// Fails if the message just received was compressed and should not have been, or the other way round.
fn check_compressed(expected: Option<BoolValue>, flags: &Flags) -> Result<(), Status> {
    let compressed = flags.next();
    match expected {
        Some(BoolValue { value }) if compressed != Some(value) => {
            let message = format!("compressed: expected {value}, found {}", !value);
            Err(Status::invalid_argument(message))
        }
        _ => Ok(()),
    }
}
