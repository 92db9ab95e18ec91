#include "server/service.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/check.h"
#include "server/compression.h"
#include "server/echo.h"

namespace peer {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::testing::Payload;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;

using DuplexStream = grpc::ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>;

// Makes a body of zeros.
void FillPayload(int32_t size, Payload* payload) { payload->set_body(std::string(size, '\0')); }

// Waits for an interval, or until the call is over. The synchronous API can only be asked for that, hence the slices.
Status Pause(const ServerContext& context, int32_t interval_us) {
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
  const Status checked = Check(request);
  if (!checked.ok()) return checked;
  for (const auto& parameters : request.response_parameters()) {
    StreamingOutputCallResponse response;
    FillPayload(parameters.size(), response.mutable_payload());
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
  const Status checked = Check(*request);
  if (!checked.ok()) return checked;
  if (request->response_compressed().value()) EnableCompression(context);
  FillPayload(request->response_size(), response->mutable_payload());
  if (request->fill_username()) response->set_username(Username(*context));
  return Status::OK;
}

Status Service::StreamingInputCall(ServerContext*, grpc::ServerReader<grpc::testing::StreamingInputCallRequest>* reader,
                                   grpc::testing::StreamingInputCallResponse* response) {
  grpc::testing::StreamingInputCallRequest request;
  int64_t sum = 0;  // wider than the answer, because signed overflow is undefined
  while (reader->Read(&request)) sum += static_cast<int64_t>(request.payload().body().size());
  response->set_aggregated_payload_size(static_cast<int32_t>(sum));
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
  for (StreamingOutputCallRequest request; stream->Read(&request);) {
    request.clear_payload();  // not needed any more, and a client may send many
    requests.push_back(std::move(request));
  }
  if (std::any_of(requests.begin(), requests.end(), AsksForCompression)) EnableCompression(context);
  for (const StreamingOutputCallRequest& request : requests) {
    const Status answered = Answer(*context, request, stream);
    if (!answered.ok()) return answered;
  }
  return Status::OK;
}

}  // namespace peer
