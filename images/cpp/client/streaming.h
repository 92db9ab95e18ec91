#ifndef CLIENT_STREAMING_H_
#define CLIENT_STREAMING_H_

#include <grpcpp/support/sync_stream.h>

#include <memory>
#include <optional>

#include "client/exchange.h"
#include "client/opening.h"
#include "testing/test.grpc.pb.h"

namespace peer {

// The exchange of StreamingInputCall.
class ClientStreamingExchange final : public Exchange {
 public:
  ClientStreamingExchange(Opening* opening, grpc::testing::TestService::Stub* stub);

  bool Send(const interop::v1::Send& send) override;
  bool HalfClose() override;
  std::optional<interop::v1::Received> Receive() override;
  grpc::Status Finish() override;

 private:
  grpc::testing::StreamingInputCallResponse response_;
  const std::unique_ptr<grpc::ClientWriter<grpc::testing::StreamingInputCallRequest>> stream_;
  grpc::Status status_;
};

// The exchange of StreamingOutputCall. Its stub takes the request, so the call begins with Send.
class ServerStreamingExchange final : public Exchange {
 public:
  ServerStreamingExchange(Opening* opening, grpc::testing::TestService::Stub* stub);

  bool Send(const interop::v1::Send& send) override;
  std::optional<interop::v1::Received> Receive() override;
  grpc::Status Finish() override;

 private:
  Opening* const opening_;
  grpc::testing::TestService::Stub* const stub_;
  std::unique_ptr<grpc::ClientReader<grpc::testing::StreamingOutputCallResponse>> stream_;  // null before Send
};

// The exchange of FullDuplexCall and HalfDuplexCall.
class DuplexExchange final : public Exchange {
 public:
  using Stream =
      grpc::ClientReaderWriter<grpc::testing::StreamingOutputCallRequest, grpc::testing::StreamingOutputCallResponse>;

  explicit DuplexExchange(std::unique_ptr<Stream> stream);

  bool Send(const interop::v1::Send& send) override;
  bool HalfClose() override;
  std::optional<interop::v1::Received> Receive() override;
  grpc::Status Finish() override;

 private:
  const std::unique_ptr<Stream> stream_;
};

}  // namespace peer

#endif  // CLIENT_STREAMING_H_
