#ifndef CLIENT_EXCHANGE_H_
#define CLIENT_EXCHANGE_H_

#include <grpcpp/support/status.h>

#include <optional>

#include "interop/v1/observation.pb.h"
#include "interop/v1/script.pb.h"

namespace peer {

// The library's side of a call. Each kind of call has one: see unary.h and streaming.h.
class Exchange {
 public:
  virtual ~Exchange() = default;

  // Hands a request to the library. False means that the call has ended, and Finish tells how.
  virtual bool Send(const interop::v1::Send& send) = 0;

  // Half-closes; to be called once at most. Has nothing to do where the stub does it.
  virtual bool HalfClose() { return true; }

  // Waits for the next response, or the only one. None means that there are no more.
  virtual std::optional<interop::v1::Received> Receive() = 0;

  // Waits for the status; to be called once, when Receive has returned the only response or none.
  virtual grpc::Status Finish() = 0;
};

}  // namespace peer

#endif  // CLIENT_EXCHANGE_H_
