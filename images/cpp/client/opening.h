#ifndef CLIENT_OPENING_H_
#define CLIENT_OPENING_H_

#include <grpcpp/client_context.h>

#include <chrono>

#include "interop/v1/script.pb.h"

namespace peer {

// The context of one call, set up as the script says.
class Opening {
 public:
  explicit Opening(const interop::v1::Call& script);

  // The context to create the call with. To be called just there, since the deadline counts from here.
  grpc::ClientContext* Begin();

  // Whether a call has been created; without one the context must not be asked for metadata.
  bool Begun() const { return begun_; }

  grpc::ClientContext& context() { return context_; }

 private:
  const std::chrono::milliseconds deadline_;
  bool begun_ = false;
  grpc::ClientContext context_;
};

}  // namespace peer

#endif  // CLIENT_OPENING_H_
