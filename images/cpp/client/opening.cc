#include "client/opening.h"

#include <grpcpp/security/credentials.h>

#include <algorithm>

#include "client/methods.h"

namespace peer {
namespace {

using interop::v1::Call;
using interop::v1::Send;

// Whether the call gets a compressor. The stub of a call with a single request has no options for the message, so one
// that is not to be compressed makes a call without compressor.
bool Compresses(const Call& call) {
  if (call.compressor() != interop::v1::GZIP) return false;
  const auto refuses = [](const auto& step) { return step.has_send() && step.send().compress() == Send::NO; };
  return StreamsRequests(call.method()) || std::none_of(call.steps().begin(), call.steps().end(), refuses);
}

}  // namespace

Opening::Opening(const Call& script) : deadline_(script.deadline_ms()) {
  // The library keeps metadata in a multimap: it goes out sorted by key, the values of one key in this order.
  for (const auto& entry : script.metadata()) context_.AddMetadata(entry.key(), entry.value());
  if (Compresses(script)) context_.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  // In plaintext the library ends such a call with UNAUTHENTICATED and sends nothing.
  if (!script.bearer_token().empty()) {
    context_.set_credentials(grpc::AccessTokenCredentials(script.bearer_token()));
  }
}

grpc::ClientContext* Opening::Begin() {
  begun_ = true;
  if (deadline_.count() > 0) context_.set_deadline(std::chrono::system_clock::now() + deadline_);
  return &context_;
}

}  // namespace peer
