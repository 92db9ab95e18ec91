#ifndef CLIENT_MESSAGES_H_
#define CLIENT_MESSAGES_H_

#include "interop/v1/observation.pb.h"
#include "interop/v1/script.pb.h"
#include "testing/messages.pb.h"

namespace peer {

// Makes the request of a send, complete with its payload. The send is known to hold one of that type.
void MakeRequest(const interop::v1::Send& send, grpc::testing::Empty* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::SimpleRequest* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::StreamingInputCallRequest* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::StreamingOutputCallRequest* request);

// Note a response, which loses its payload to the two facts that are told of it.
interop::v1::Received Note(grpc::testing::Empty response);
interop::v1::Received Note(grpc::testing::SimpleResponse response);
interop::v1::Received Note(grpc::testing::StreamingInputCallResponse response);
interop::v1::Received Note(grpc::testing::StreamingOutputCallResponse response);

}  // namespace peer

#endif  // CLIENT_MESSAGES_H_
