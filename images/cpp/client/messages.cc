#include "client/messages.h"

#include <google/protobuf/unknown_field_set.h>

#include <cstdint>
#include <string>
#include <utility>

namespace peer {
namespace {

using interop::v1::Received;
using interop::v1::Send;

// A field that no message of the schema has: the largest number there can be.
constexpr int kAbsentField = (1 << 29) - 1;

template <class Request>
void SetPayload(const Send& send, Request* request) {
  request->clear_payload();
  if (send.has_body_size()) request->mutable_payload()->set_body(std::string(send.body_size(), '\0'));
}

template <class Response>
void TakePayload(Response* response, Received* received) {
  const std::string& body = response->payload().body();
  received->set_all_zero(body.find_first_not_of('\0') == std::string::npos);
  if (response->has_payload()) received->set_body_size(static_cast<uint32_t>(body.size()));
  response->clear_payload();
}

}  // namespace

void MakeRequest(const Send& send, grpc::testing::Empty* request) { *request = send.empty(); }

void MakeRequest(const Send& send, grpc::testing::SimpleRequest* request) {
  *request = send.simple();
  SetPayload(send, request);
}

void MakeRequest(const Send& send, grpc::testing::StreamingInputCallRequest* request) {
  *request = send.streaming_input();
  SetPayload(send, request);
}

void MakeRequest(const Send& send, grpc::testing::StreamingOutputCallRequest* request) {
  *request = send.streaming_output();
  SetPayload(send, request);
}

void MarkAbsent(google::protobuf::Message* response) {
  response->GetReflection()->MutableUnknownFields(response)->AddVarint(kAbsentField, 1);
}

bool IsAbsent(const google::protobuf::Message& response) {
  const auto& unknown = response.GetReflection()->GetUnknownFields(response);
  return !unknown.empty() && unknown.field(0).number() == kAbsentField;
}

Received Note(grpc::testing::Empty response) {
  Received received;
  received.set_all_zero(true);
  *received.mutable_empty() = std::move(response);
  return received;
}

Received Note(grpc::testing::SimpleResponse response) {
  Received received;
  TakePayload(&response, &received);
  *received.mutable_simple() = std::move(response);
  return received;
}

Received Note(grpc::testing::StreamingInputCallResponse response) {
  Received received;
  received.set_all_zero(true);
  *received.mutable_streaming_input() = std::move(response);
  return received;
}

Received Note(grpc::testing::StreamingOutputCallResponse response) {
  Received received;
  TakePayload(&response, &received);
  *received.mutable_streaming_output() = std::move(response);
  return received;
}

}  // namespace peer
