#ifndef SERVER_SERVICE_H_
#define SERVER_SERVICE_H_

#include "testing/test.grpc.pb.h"

namespace peer {

// grpc.testing.TestService. The base class answers UNIMPLEMENTED to the methods that are not here.
class Service final : public grpc::testing::TestService::Service {
 public:
  // Answers an empty request with an empty response.
  grpc::Status EmptyCall(grpc::ServerContext* context, const grpc::testing::Empty* request,
                         grpc::testing::Empty* response) override;

  // Answers with a body of the size asked for.
  grpc::Status UnaryCall(grpc::ServerContext* context, const grpc::testing::SimpleRequest* request,
                         grpc::testing::SimpleResponse* response) override;

  // Adds up the body sizes of its requests.
  grpc::Status StreamingInputCall(grpc::ServerContext* context,
                                  grpc::ServerReader<grpc::testing::StreamingInputCallRequest>* reader,
                                  grpc::testing::StreamingInputCallResponse* response) override;

  // Answers its one request.
  grpc::Status StreamingOutputCall(grpc::ServerContext* context,
                                   const grpc::testing::StreamingOutputCallRequest* request,
                                   grpc::ServerWriter<grpc::testing::StreamingOutputCallResponse>* writer) override;

  // Answers each request as it comes.
  grpc::Status FullDuplexCall(grpc::ServerContext* context,
                              grpc::ServerReaderWriter<grpc::testing::StreamingOutputCallResponse,
                                                       grpc::testing::StreamingOutputCallRequest>* stream) override;

  // Answers all requests, in order, once the client has half-closed.
  grpc::Status HalfDuplexCall(grpc::ServerContext* context,
                              grpc::ServerReaderWriter<grpc::testing::StreamingOutputCallResponse,
                                                       grpc::testing::StreamingOutputCallRequest>* stream) override;
};

}  // namespace peer

#endif  // SERVER_SERVICE_H_
