#ifndef SERVER_ECHO_H_
#define SERVER_ECHO_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <string>

#include "testing/messages.pb.h"

namespace peer {

// Puts what of the request's metadata is to come back into the initial and the trailing metadata.
void EchoMetadata(grpc::ServerContext* context);

// The user whom the call's bearer token authenticates; empty if there is none. For these tests a token is its user's
// name.
std::string Username(const grpc::ServerContext& context);

// The status that a request asks its call to end with; OK if it asks for none.
grpc::Status EchoedStatus(const grpc::testing::EchoStatus& echo);

}  // namespace peer

#endif  // SERVER_ECHO_H_
