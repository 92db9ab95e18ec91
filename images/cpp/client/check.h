#ifndef CLIENT_CHECK_H_
#define CLIENT_CHECK_H_

#include <string>

#include "interop/v1/script.pb.h"

namespace peer {

// What of a script makes no sense, or cannot be given to the library at all; empty if there is nothing.
std::string Check(const interop::v1::Script& script);

}  // namespace peer

#endif  // CLIENT_CHECK_H_
