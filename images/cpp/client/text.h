#ifndef CLIENT_TEXT_H_
#define CLIENT_TEXT_H_

#include <string>
#include <string_view>

namespace peer {

// The text with U+FFFD in place of each byte that is not UTF-8. A server can send any bytes as a status message, which
// an Observation, being protobuf, cannot hold.
std::string ToUtf8(std::string_view text);

}  // namespace peer

#endif  // CLIENT_TEXT_H_
