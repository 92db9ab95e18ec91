#ifndef CLIENT_CHANNEL_H_
#define CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "client/budget.h"
#include "interop/v1/script.pb.h"

namespace peer {

// Opens the channel that a script asks for, and connects it unless the script leaves that to the first call. Null if it
// does not connect.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const interop::v1::Channel& script,
                                           const Budget& budget);

}  // namespace peer

#endif  // CLIENT_CHANNEL_H_
