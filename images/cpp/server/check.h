#ifndef SERVER_CHECK_H_
#define SERVER_CHECK_H_

#include <grpcpp/support/status.h>

#include "testing/messages.pb.h"

namespace peer {

// INVALID_ARGUMENT for a request that asks for what there cannot be, anywhere in it; else OK.
grpc::Status Check(const grpc::testing::SimpleRequest& request);
grpc::Status Check(const grpc::testing::StreamingOutputCallRequest& request);

}  // namespace peer

#endif  // SERVER_CHECK_H_
