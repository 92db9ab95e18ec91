#ifndef CLIENT_METHODS_H_
#define CLIENT_METHODS_H_

#include <grpcpp/channel.h>

#include <memory>

#include "client/exchange.h"
#include "client/opening.h"
#include "interop/v1/script.pb.h"
#include "testing/test.grpc.pb.h"

namespace peer {

// The generated stubs on one channel.
struct Stubs {
  explicit Stubs(const std::shared_ptr<grpc::Channel>& channel);

  const std::unique_ptr<grpc::testing::TestService::Stub> test;
  const std::unique_ptr<grpc::testing::UnimplementedService::Stub> unimplemented;
};

// The type of a method's requests, as a send has it; REQUEST_NOT_SET where there is no such method.
interop::v1::Send::RequestCase RequestOf(interop::v1::Method method);

// Whether a method takes any number of requests; else it takes one.
bool StreamsRequests(interop::v1::Method method);

// Whether a method takes any number of responses; the only response of another one comes together with the status.
bool StreamsResponses(interop::v1::Method method);

// The exchange of a call. A call that streams requests begins here, another one with its request.
std::unique_ptr<Exchange> Open(interop::v1::Method method, const Stubs& stubs, Opening* opening);

}  // namespace peer

#endif  // CLIENT_METHODS_H_
