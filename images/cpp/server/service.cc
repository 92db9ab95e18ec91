#include "server/service.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "server/compression.h"
#include "server/echo.h"

namespace peer {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
using grpc::testing::Payload;
using grpc::testing::PayloadType;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

using DuplexStream = grpc::ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>;

// Makes a body of zeros.
Status FillPayload(PayloadType type, int32_t size, Payload* payload) {
  if (type != PayloadType::COMPRESSABLE) {
    return Status(StatusCode::INVALID_ARGUMENT, "unknown response_type " + std::to_string(type));
  }
  if (size < 0) {
    return Status(StatusCode::INVALID_ARGUMENT, "response size " + std::to_string(size) + " is negative");
  }
  payload->set_body(std::string(size, '\0'));
  return Status::OK;
}

// Waits for an interval, or until the call is over. The synchronous API can only be asked for that, hence the slices.
Status Pause(const ServerContext& context, int32_t interval_us) {
  if (interval_us < 0) {
    return Status(StatusCode::INVALID_ARGUMENT, "interval of " + std::to_string(interval_us) + " us is negative");
  }
  constexpr std::chrono::milliseconds kSlice(50);
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(interval_us);
  for (auto now = std::chrono::steady_clock::now(); now < end; now = std::chrono::steady_clock::now()) {
    if (context.IsCancelled()) return Status::CANCELLED;
    std::this_thread::sleep_until(std::min(end, now + kSlice));
  }
  return Status::OK;
}

// Sends the responses that one streaming request asks for, through a stream of either kind.
template <class Stream>
Status Answer(const ServerContext& context, const StreamingOutputCallRequest& request, Stream* stream) {
  const Status echoed = EchoedStatus(request.response_status());
  if (!echoed.ok()) return echoed;
  for (const auto& parameters : request.response_parameters()) {
    StreamingOutputCallResponse response;
    const Status filled = FillPayload(request.response_type(), parameters.size(), response.mutable_payload());
    if (!filled.ok()) return filled;
    const Status paused = Pause(context, parameters.interval_us());
    if (!paused.ok()) return paused;
    // A write fails only where the call is over.
    if (!stream->Write(response, OptionsOf(parameters))) return Status::CANCELLED;
  }
  return Status::OK;
}

}  // namespace

Status Service::EmptyCall(ServerContext*, const grpc::testing::Empty*, grpc::testing::Empty*) { return Status::OK; }

Status Service::UnaryCall(ServerContext* context, const grpc::testing::SimpleRequest* request,
                          grpc::testing::SimpleResponse* response) {
  EchoMetadata(context);
  const Status echoed = EchoedStatus(request->response_status());
  if (!echoed.ok()) return echoed;
  if (request->response_compressed().value()) EnableCompression(context);
  return FillPayload(request->response_type(), request->response_size(), response->mutable_payload());
}

Status Service::StreamingInputCall(ServerContext*, grpc::ServerReader<grpc::testing::StreamingInputCallRequest>* reader,
                                   grpc::testing::StreamingInputCallResponse* response) {
  grpc::testing::StreamingInputCallRequest request;
  int32_t sum = 0;
  while (reader->Read(&request)) sum += static_cast<int32_t>(request.payload().body().size());
  response->set_aggregated_payload_size(sum);
  return Status::OK;
}

Status Service::StreamingOutputCall(ServerContext* context, const StreamingOutputCallRequest* request,
                                    grpc::ServerWriter<StreamingOutputCallResponse>* writer) {
  if (AsksForCompression(*request)) EnableCompression(context);
  return Answer(*context, *request, writer);
}

Status Service::FullDuplexCall(ServerContext* context, DuplexStream* stream) {
  EchoMetadata(context);
  StreamingOutputCallRequest request;
  // A stream's compressor goes out with its headers, so the requests up to the first response decide on it.
  for (bool open = false; stream->Read(&request); open |= request.response_parameters_size() > 0) {
    if (!open && AsksForCompression(request)) EnableCompression(context);
    const Status answered = Answer(*context, request, stream);
    if (!answered.ok()) return answered;
  }
  return Status::OK;
}

Status Service::HalfDuplexCall(ServerContext* context, DuplexStream* stream) {
  EchoMetadata(context);
  std::vector<StreamingOutputCallRequest> requests;
  for (StreamingOutputCallRequest request; stream->Read(&request);) requests.push_back(std::move(request));
  if (std::any_of(requests.begin(), requests.end(), AsksForCompression)) EnableCompression(context);
  for (const StreamingOutputCallRequest& request : requests) {
    const Status answered = Answer(*context, request, stream);
    if (!answered.ok()) return answered;
  }
  return Status::OK;
}

}  // namespace peer
