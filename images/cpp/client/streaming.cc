#include "client/streaming.h"

#include <utility>

#include "client/messages.h"

namespace peer {
namespace {

using grpc::testing::StreamingInputCallRequest;
using grpc::testing::StreamingOutputCallRequest;
using grpc::testing::StreamingOutputCallResponse;
using grpc::testing::TestService;
using interop::v1::Received;
using interop::v1::Send;

// DEFAULT and YES leave the message to the call's compressor: a script that has none there is refused for the latter.
grpc::WriteOptions OptionsOf(const Send& send) {
  grpc::WriteOptions options;
  if (send.compress() == Send::NO) options.set_no_compression();
  return options;
}

// The next response of a stream of either kind.
template <class Stream>
std::optional<Received> Next(Stream* stream) {
  StreamingOutputCallResponse response;
  if (!stream->Read(&response)) return std::nullopt;
  return Note(std::move(response));
}

}  // namespace

ClientStreamingExchange::ClientStreamingExchange(Opening* opening, TestService::Stub* stub)
    : stream_(stub->StreamingInputCall(opening->Begin(), &response_)) {
  MarkAbsent(&response_);
}

bool ClientStreamingExchange::Send(const interop::v1::Send& send) {
  StreamingInputCallRequest request;
  MakeRequest(send, &request);
  return stream_->Write(request, OptionsOf(send));
}

bool ClientStreamingExchange::HalfClose() { return stream_->WritesDone(); }

// The response comes only together with the status.
std::optional<Received> ClientStreamingExchange::Receive() {
  status_ = stream_->Finish();
  if (!status_.ok() || IsAbsent(response_)) return std::nullopt;
  return Note(std::move(response_));
}

grpc::Status ClientStreamingExchange::Finish() { return status_; }

ServerStreamingExchange::ServerStreamingExchange(Opening* opening, TestService::Stub* stub)
    : opening_(opening), stub_(stub) {}

bool ServerStreamingExchange::Send(const interop::v1::Send& send) {
  StreamingOutputCallRequest request;
  MakeRequest(send, &request);
  stream_ = stub_->StreamingOutputCall(opening_->Begin(), request);
  return true;
}

std::optional<Received> ServerStreamingExchange::Receive() {
  if (stream_ == nullptr) return std::nullopt;
  return Next(stream_.get());
}

grpc::Status ServerStreamingExchange::Finish() {
  if (stream_ == nullptr) return grpc::Status(grpc::StatusCode::CANCELLED, "not sent");
  return stream_->Finish();
}

DuplexExchange::DuplexExchange(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

bool DuplexExchange::Send(const interop::v1::Send& send) {
  StreamingOutputCallRequest request;
  MakeRequest(send, &request);
  return stream_->Write(request, OptionsOf(send));
}

bool DuplexExchange::HalfClose() { return stream_->WritesDone(); }

std::optional<Received> DuplexExchange::Receive() { return Next(stream_.get()); }

grpc::Status DuplexExchange::Finish() { return stream_->Finish(); }

}  // namespace peer
