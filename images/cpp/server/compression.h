#ifndef SERVER_COMPRESSION_H_
#define SERVER_COMPRESSION_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/sync_stream.h>

#include "testing/messages.pb.h"

namespace peer {

// Gives the call a compressor, which compresses each message that does not refuse it; to be called before its headers
// go out. Without it responses are not compressed, whatever the requests are.
//
// A level rather than an algorithm: the library then keeps to those that the client accepts, of which gzip is the
// lowest, and leaves the responses alone where there is none. It sends an algorithm that is set whether accepted or
// not.
void EnableCompression(grpc::ServerContext* context);

// Whether a response to the request is to be compressed.
bool AsksForCompression(const grpc::testing::StreamingOutputCallRequest& request);

// How the response that is asked for is to be written.
grpc::WriteOptions OptionsOf(const grpc::testing::ResponseParameters& parameters);

}  // namespace peer

#endif  // SERVER_COMPRESSION_H_
