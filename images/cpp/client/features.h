#ifndef CLIENT_FEATURES_H_
#define CLIENT_FEATURES_H_

#include <string>
#include <vector>

namespace peer {

// Features of the client role in the peer contract: all of them.
inline std::vector<std::string> Features() {
  return {
      "unary",
      "client_streaming",
      "server_streaming",
      "bidi",
      "unimplemented_service",
      "half_duplex",
      "metadata",
      "deadline",
      "gzip",
      "per_message_compression",
      "call_credentials",
      "cancel",
      "wait",
      "repeat",
      "fresh_channel",
      "concurrent_calls",
      "lazy_connect",
      "tls",
  };
}

}  // namespace peer

#endif  // CLIENT_FEATURES_H_
