// Tests what decides without a server: which scripts are refused, and how responses and texts are noted.
#include <google/protobuf/text_format.h>

#include <cstdio>
#include <string>

#include "client/check.h"
#include "client/messages.h"
#include "client/text.h"

namespace peer {
namespace {

int failed = 0;

void Expect(bool holds, const std::string& what) {
  if (holds) return;
  ++failed;
  std::fprintf(stderr, "FAILED %s\n", what.c_str());
}

template <class Message>
Message Parse(const std::string& text) {
  Message message;
  Expect(google::protobuf::TextFormat::ParseFromString(text, &message), "to parse: " + text);
  return message;
}

// A call in protobuf's text format, and a part of the reason for which it is refused; none if it is to be accepted.
struct CallCase {
  const char* call;
  const char* reason;
};

constexpr CallCase kCalls[] = {
    {"method: UNARY_CALL steps {send {simple {}}} steps {receive {count: 1}}", ""},
    {"method: UNARY_CALL steps {cancel {}} steps {send {simple {}}}", ""},
    {"method: UNARY_CALL steps {send {simple {}}} steps {half_close {}}", ""},
    {"method: FULL_DUPLEX_CALL", ""},
    {"method: STREAMING_INPUT_CALL steps {receive {}}", ""},
    {"steps {send {simple {}}}", "unknown method"},
    {"method: 99 steps {send {empty {}}}", "unknown method"},
    {"method: UNARY_CALL", "no send"},
    {"method: UNARY_CALL steps {send {simple {}}} steps {send {simple {}}}", "second send"},
    {"method: STREAMING_OUTPUT_CALL steps {receive {}} steps {send {streaming_output {}}}", "receive before send"},
    {"method: FULL_DUPLEX_CALL steps {half_close {}} steps {send {streaming_output {}}}", "send after half_close"},
    {"method: UNARY_CALL steps {half_close {}} steps {send {simple {}}}", "send after half_close"},
    {"method: UNARY_CALL steps {send {empty {}}}", "not a request"},
    {"method: UNARY_CALL steps {send {}}", "not a request"},
    {"method: EMPTY_CALL steps {send {empty {} body_size: 1}}", "a body in an empty request"},
    {"method: UNARY_CALL steps {send {simple {} body_size: 4294967295}}", "larger than a message"},
    {"method: FULL_DUPLEX_CALL steps {}", "no known action"},
    {"method: FULL_DUPLEX_CALL compressor: GZIP steps {send {streaming_output {} compress: YES}}", ""},
    {"method: FULL_DUPLEX_CALL steps {send {streaming_output {} compress: NO}}", ""},
    {"method: FULL_DUPLEX_CALL steps {send {streaming_output {} compress: YES}}", "without a compressor"},
    {"method: FULL_DUPLEX_CALL steps {send {streaming_output {} compress: 3}}", "unknown compress"},
    {"method: FULL_DUPLEX_CALL compressor: 2", "unknown compressor"},
    {"method: FULL_DUPLEX_CALL bearer_token: 'a b~'", ""},
    {"method: FULL_DUPLEX_CALL bearer_token: 'a\\n'", "bearer_token"},
    {"method: FULL_DUPLEX_CALL metadata {key: 'a-b_c.1' value: ' ~'} metadata {key: 'a-bin' value: '\\000\\377'}", ""},
    {"method: FULL_DUPLEX_CALL metadata {value: 'a'}", "not a metadata key"},
    {"method: FULL_DUPLEX_CALL metadata {key: 'A'}", "not a metadata key"},
    {"method: FULL_DUPLEX_CALL metadata {key: ':path' value: '/'}", "not a metadata key"},
    {"method: FULL_DUPLEX_CALL metadata {key: 'grpc-timeout' value: '1S'}", "reserved metadata key"},
    {"method: FULL_DUPLEX_CALL metadata {key: 'a' value: '\\303\\244'}", "not printable"},
};

constexpr CallCase kChannels[] = {
    {"", ""},
    {"connect: LAZY", ""},
    {"connect: 2", "unknown connect"},
    {"tls {ca_pem: 'none'}", "no certificate"},
};

void ExpectReason(const interop::v1::Script& script, const CallCase& test) {
  const std::string reason = Check(script);
  const bool as_expected = *test.reason == '\0' ? reason.empty() : reason.find(test.reason) != std::string::npos;
  Expect(as_expected, std::string(test.call) + "\n  want: " + test.reason + "\n  got:  " + reason);
}

void TestCheck() {
  for (const CallCase& test : kCalls) {
    interop::v1::Script script;
    *script.add_groups()->add_calls() = Parse<interop::v1::Call>(test.call);
    ExpectReason(script, test);
  }
  for (const CallCase& test : kChannels) {
    interop::v1::Script script;
    *script.mutable_channel() = Parse<interop::v1::Channel>(test.call);
    ExpectReason(script, test);
  }
}

void TestAbsentResponse() {
  grpc::testing::SimpleResponse response;
  MarkAbsent(&response);
  Expect(IsAbsent(response), "a response that did not come to be absent");
  Expect(response.ParseFromString(""), "an empty response to parse");
  Expect(!IsAbsent(response), "an empty response not to be absent");
}

void TestToUtf8() {
  const std::string good = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";  // one character of each size
  Expect(ToUtf8(good) == good, "UTF-8 to stay as it is");
  const std::string r = "\xEF\xBF\xBD";
  Expect(ToUtf8("a\xFFz") == "a" + r + "z", "a byte that is never UTF-8 to be replaced");
  Expect(ToUtf8("\x80") == r, "a continuation without a lead to be replaced");
  Expect(ToUtf8("\xE2\x82") == r + r, "a character that is cut off to be replaced");
  Expect(ToUtf8("\xC0\x80") == r + r, "a form that is too long to be replaced");
  Expect(ToUtf8("\xED\xA0\x80") == r + r + r, "a surrogate to be replaced");
  Expect(ToUtf8("\xF4\x90\x80\x80") == r + r + r + r, "what is beyond Unicode to be replaced");
}

}  // namespace
}  // namespace peer

int main() {
  peer::TestCheck();
  peer::TestAbsentResponse();
  peer::TestToUtf8();
  return peer::failed == 0 ? 0 : 1;
}
