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
        BoolValue, Empty, Payload, PayloadType, ResponseParameters, SimpleRequest, SimpleResponse,
        StreamingInputCallRequest, StreamingInputCallResponse, StreamingOutputCallRequest, StreamingOutputCallResponse,
        test_service_server,
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
        let request = request.into_inner();
        echo::status(request.response_status.as_ref())?;
        Ok(Response::new(Box::pin(async_stream::try_stream! {
            for parameters in &request.response_parameters {
                yield output(request.response_type, parameters).await?;
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
                echo::status(request.response_status.as_ref())?;
                for parameters in &request.response_parameters {
                    yield output(request.response_type, parameters).await?;
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
                waiting.push(request);
            }
            for request in waiting {
                echo::status(request.response_status.as_ref())?;
                for parameters in &request.response_parameters {
                    yield output(request.response_type, parameters).await?;
                }
            }
        });
        echo.apply(Ok(Response::new(responses)))
    }
}

/// The response to a SimpleRequest.
fn simple(request: Request<SimpleRequest>) -> Result<Response<SimpleResponse>, Status> {
    let flags = flags(&request)?;
    let request = request.into_inner();
    check_compressed(request.expect_compressed, &flags)?;
    echo::status(request.response_status.as_ref())?;
    let mut response = Response::new(SimpleResponse {
        payload: Some(payload(request.response_type, request.response_size)?),
        ..SimpleResponse::default()
    });
    if request.response_compressed != Some(BoolValue { value: true }) {
        response.disable_compression();
    }
    Ok(response)
}

/// One response of a stream, after its interval.
async fn output(response_type: i32, parameters: &ResponseParameters) -> Result<StreamingOutputCallResponse, Status> {
    let payload = payload(response_type, parameters.size)?;
    let interval =
        u64::try_from(parameters.interval_us).map_err(|_| Status::invalid_argument("the interval is negative"))?;
    if interval > 0 {
        sleep(Duration::from_micros(interval)).await;
    }
    Ok(StreamingOutputCallResponse { payload: Some(payload), ..StreamingOutputCallResponse::default() })
}

fn payload(response_type: i32, size: i32) -> Result<Payload, Status> {
    if response_type != i32::from(PayloadType::Compressable) {
        let message = format!("response type {response_type} is unknown");
        return Err(Status::invalid_argument(message));
    }
    let size = usize::try_from(size).map_err(|_| Status::invalid_argument("the size is negative"))?;
    Ok(zeros::payload(size))
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
