#include "client/check.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "client/methods.h"

namespace peer {
namespace {

using interop::v1::Call;
using interop::v1::Channel;
using interop::v1::Metadata;
using interop::v1::Method;
using interop::v1::Script;
using interop::v1::Send;
using interop::v1::Step;

// A protobuf message is smaller than 2 GiB; this leaves room for what is around the body.
constexpr uint32_t kMaxBody = (uint32_t{1} << 31) - (uint32_t{1} << 20);

// Keys whose entries the library leaves out, replaces by its own or writes anew, silently: PrepareApplicationMetadata
// in https://github.com/grpc/grpc/blob/v1.51.1/src/core/lib/surface/call.cc and the filters of its channels.
constexpr std::string_view kReservedKeys[] = {
    "content-length", "content-type", "grpc-accept-encoding", "grpc-encoding", "grpc-timeout", "te", "user-agent",
};

bool IsLowerKey(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.'; }
bool IsPrintable(char c) { return c >= ' ' && c <= '~'; }

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string Check(const Channel& channel) {
  if (!Channel::Connect_IsValid(channel.connect())) return "unknown connect";
  // With no certificate at all the library would trust its default ones.
  constexpr char kCertificate[] = "-----BEGIN CERTIFICATE-----";
  if (channel.has_tls() && channel.tls().ca_pem().find(kCertificate) == std::string::npos) {
    return "no certificate in ca_pem";
  }
  return "";
}

// The library aborts the process at metadata that is not legal.
std::string Check(const Metadata& metadata) {
  const std::string& key = metadata.key();
  const std::string& value = metadata.value();
  if (key.empty() || !std::all_of(key.begin(), key.end(), IsLowerKey)) return "not a metadata key: " + key;
  if (std::find(std::begin(kReservedKeys), std::end(kReservedKeys), key) != std::end(kReservedKeys)) {
    return "reserved metadata key: " + key;
  }
  if (!EndsWith(key, "-bin") && !std::all_of(value.begin(), value.end(), IsPrintable)) {
    return "value of " + key + " is not printable ASCII";
  }
  return "";
}

std::string Check(const Send& send, const Call& call) {
  if (send.request_case() != RequestOf(call.method())) return "not a request of " + Method_Name(call.method());
  if (send.has_empty() && send.has_body_size()) return "a body in an empty request";
  if (send.body_size() > kMaxBody) return "a body larger than a message can be";
  if (!Send::Compress_IsValid(send.compress())) return "unknown compress";
  // The library compresses with the call's compressor or not at all.
  if (send.compress() == Send::YES && call.compressor() != interop::v1::GZIP) return "compress without a compressor";
  return "";
}

std::string CheckSteps(const Call& call) {
  const bool streams = StreamsRequests(call.method());
  bool sent = false;
  bool half_closed = false;
  for (int i = 0; i < call.steps_size(); ++i) {
    const Step& step = call.steps(i);
    std::string wrong;
    switch (step.action_case()) {
      case Step::kSend:
        wrong = Check(step.send(), call);
        if (wrong.empty() && sent && !streams) wrong = "second send";
        if (wrong.empty() && half_closed) wrong = "send after half_close";
        sent = true;
        break;
      case Step::kHalfClose:
        half_closed = true;
        break;
      case Step::kReceive:
        if (!sent && !streams) wrong = "receive before send";
        break;
      case Step::kCancel:
      case Step::kWaitMs:
        break;
      case Step::ACTION_NOT_SET:
        wrong = "no known action";
        break;
    }
    if (!wrong.empty()) return "step " + std::to_string(i) + ": " + wrong;
  }
  return sent || streams ? "" : "no send";
}

std::string Check(const Call& call) {
  if (RequestOf(call.method()) == Send::REQUEST_NOT_SET) return "unknown method";
  if (!interop::v1::Compressor_IsValid(call.compressor())) return "unknown compressor";
  if (!std::all_of(call.bearer_token().begin(), call.bearer_token().end(), IsPrintable)) return "bad bearer_token";
  for (const Metadata& metadata : call.metadata()) {
    std::string wrong = Check(metadata);
    if (!wrong.empty()) return wrong;
  }
  return CheckSteps(call);
}

}  // namespace

std::string Check(const Script& script) {
  std::string wrong = Check(script.channel());
  if (!wrong.empty()) return wrong;
  for (int g = 0; g < script.groups_size(); ++g) {
    for (int c = 0; c < script.groups(g).calls_size(); ++c) {
      wrong = Check(script.groups(g).calls(c));
      if (!wrong.empty()) return "group " + std::to_string(g) + ", call " + std::to_string(c) + ": " + wrong;
    }
  }
  return "";
}

}  // namespace peer
