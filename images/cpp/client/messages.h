#ifndef CLIENT_MESSAGES_H_
#define CLIENT_MESSAGES_H_

#include <google/protobuf/message.h>

#include "interop/v1/observation.pb.h"
#include "interop/v1/script.pb.h"
#include "testing/messages.pb.h"

namespace peer {

// Makes the request of a send, complete with its payload. The send is known to hold one of that type.
void MakeRequest(const interop::v1::Send& send, grpc::testing::Empty* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::SimpleRequest* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::StreamingInputCallRequest* request);
void MakeRequest(const interop::v1::Send& send, grpc::testing::StreamingOutputCallRequest* request);

// An OK without a message is no error to the library where a call has one response
// (https://github.com/grpc/grpc/blob/v1.51.1/include/grpcpp/impl/call_op_set.h, AllowNoMessage), and nothing tells it
// from an empty one. So such a response is marked before the call: what is parsed has lost the mark.
void MarkAbsent(google::protobuf::Message* response);
bool IsAbsent(const google::protobuf::Message& response);

// Note a response, which loses its payload to the two facts that are told of it.
interop::v1::Received Note(grpc::testing::Empty response);
interop::v1::Received Note(grpc::testing::SimpleResponse response);
interop::v1::Received Note(grpc::testing::StreamingInputCallResponse response);
interop::v1::Received Note(grpc::testing::StreamingOutputCallResponse response);

}  // namespace peer

#endif  // CLIENT_MESSAGES_H_
