#include "server/echo.h"

#include <cstring>

namespace peer {
namespace {

// Keys whose values, all of them and in their order, go back to the client.
constexpr char kInitial[] = "x-grpc-test-echo-initial";
constexpr char kTrailing[] = "x-grpc-test-echo-trailing-bin";

constexpr char kBearer[] = "Bearer ";

std::string ToString(grpc::string_ref text) { return std::string(text.data(), text.size()); }

}  // namespace

void EchoMetadata(grpc::ServerContext* context) {
  const auto& received = context->client_metadata();
  for (auto [at, end] = received.equal_range(kInitial); at != end; ++at) {
    context->AddInitialMetadata(kInitial, ToString(at->second));
  }
  for (auto [at, end] = received.equal_range(kTrailing); at != end; ++at) {
    context->AddTrailingMetadata(kTrailing, ToString(at->second));
  }
}

std::string Username(const grpc::ServerContext& context) {
  const auto& received = context.client_metadata();
  const auto credentials = received.find("authorization");
  if (credentials == received.end() || !credentials->second.starts_with(kBearer)) return "";
  return ToString(credentials->second).substr(std::strlen(kBearer));
}

grpc::Status EchoedStatus(const grpc::testing::EchoStatus& echo) {
  if (echo.code() == grpc::StatusCode::OK) return grpc::Status::OK;
  const bool known = echo.code() > 0 && echo.code() <= grpc::StatusCode::UNAUTHENTICATED;  // the last one there is
  return grpc::Status(known ? static_cast<grpc::StatusCode>(echo.code()) : grpc::StatusCode::UNKNOWN, echo.message());
}

}  // namespace peer
