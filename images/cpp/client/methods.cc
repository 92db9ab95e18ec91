#include "client/methods.h"

#include "client/streaming.h"
#include "client/unary.h"

namespace peer {
namespace {

using interop::v1::Method;
using interop::v1::Send;

// The exchange of a unary method, which is a member of a stub.
template <class Stub, class Request, class Response>
std::unique_ptr<Exchange> OpenUnary(Opening* opening, Stub* stub,
                                    std::unique_ptr<grpc::ClientAsyncResponseReader<Response>> (Stub::*method)(
                                        grpc::ClientContext*, const Request&, grpc::CompletionQueue*)) {
  return std::make_unique<UnaryExchange<Request, Response>>(
      opening, [stub, method](grpc::ClientContext* context, const Request& request, grpc::CompletionQueue* queue) {
        return (stub->*method)(context, request, queue);
      });
}

}  // namespace

Stubs::Stubs(const std::shared_ptr<grpc::Channel>& channel)
    : test(grpc::testing::TestService::NewStub(channel)),
      unimplemented(grpc::testing::UnimplementedService::NewStub(channel)) {}

Send::RequestCase RequestOf(Method method) {
  switch (method) {
    case interop::v1::EMPTY_CALL:
    case interop::v1::UNIMPLEMENTED_CALL:
    case interop::v1::UNIMPLEMENTED_SERVICE_CALL:
      return Send::kEmpty;
    case interop::v1::UNARY_CALL:
      return Send::kSimple;
    case interop::v1::STREAMING_INPUT_CALL:
      return Send::kStreamingInput;
    case interop::v1::STREAMING_OUTPUT_CALL:
    case interop::v1::FULL_DUPLEX_CALL:
    case interop::v1::HALF_DUPLEX_CALL:
      return Send::kStreamingOutput;
    default:
      return Send::REQUEST_NOT_SET;
  }
}

bool StreamsRequests(Method method) {
  return method == interop::v1::STREAMING_INPUT_CALL || method == interop::v1::FULL_DUPLEX_CALL ||
         method == interop::v1::HALF_DUPLEX_CALL;
}

bool StreamsResponses(Method method) {
  return method == interop::v1::STREAMING_OUTPUT_CALL || method == interop::v1::FULL_DUPLEX_CALL ||
         method == interop::v1::HALF_DUPLEX_CALL;
}

std::unique_ptr<Exchange> Open(Method method, const Stubs& stubs, Opening* opening) {
  using Test = grpc::testing::TestService::Stub;
  using Unimplemented = grpc::testing::UnimplementedService::Stub;
  switch (method) {
    case interop::v1::EMPTY_CALL:
      return OpenUnary(opening, stubs.test.get(), &Test::AsyncEmptyCall);
    case interop::v1::UNARY_CALL:
      return OpenUnary(opening, stubs.test.get(), &Test::AsyncUnaryCall);
    case interop::v1::UNIMPLEMENTED_CALL:
      return OpenUnary(opening, stubs.test.get(), &Test::AsyncUnimplementedCall);
    case interop::v1::UNIMPLEMENTED_SERVICE_CALL:
      return OpenUnary(opening, stubs.unimplemented.get(), &Unimplemented::AsyncUnimplementedCall);
    case interop::v1::STREAMING_INPUT_CALL:
      return std::make_unique<ClientStreamingExchange>(opening, stubs.test.get());
    case interop::v1::STREAMING_OUTPUT_CALL:
      return std::make_unique<ServerStreamingExchange>(opening, stubs.test.get());
    case interop::v1::FULL_DUPLEX_CALL:
      return std::make_unique<DuplexExchange>(stubs.test->FullDuplexCall(opening->Begin()));
    case interop::v1::HALF_DUPLEX_CALL:
      return std::make_unique<DuplexExchange>(stubs.test->HalfDuplexCall(opening->Begin()));
    default:
      return nullptr;  // such a script has been refused
  }
}

}  // namespace peer
