#include "client/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <chrono>

#include "common/limits.h"

namespace peer {
namespace {

// How long an EAGER channel may take to connect.
constexpr std::chrono::seconds kConnectTimeout(5);

// The address is an IP literal, so no name is resolved.
std::string Target(const std::string& address) {
  const bool is_v6 = !address.empty() && address.front() == '[';
  return (is_v6 ? "ipv6:" : "ipv4:") + address;
}

// Trusts the script's certificate authority only, or is plaintext where the script has no TLS.
std::shared_ptr<grpc::ChannelCredentials> Credentials(const interop::v1::Channel& script) {
  if (!script.has_tls()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = script.tls().ca_pem();
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments Arguments(const interop::v1::Channel& script) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessage);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  arguments.SetInt(kAbsoluteMaxMetadata, kMaxMetadata);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Else channels to one address share a connection, and a fresh one would not be fresh.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  // The name to verify, and with it SNI and :authority.
  if (!script.tls().server_name().empty()) arguments.SetSslTargetNameOverride(script.tls().server_name());
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const interop::v1::Channel& script,
                                           const Budget& budget) {
  auto channel = grpc::CreateCustomChannel(Target(address), Credentials(script), Arguments(script));
  if (script.connect() == interop::v1::Channel::LAZY) return channel;
  // The channel itself tries again after a failure, so only time ends the wait.
  const auto time = std::min<Budget::Clock::duration>(kConnectTimeout, budget.Left());
  return channel->WaitForConnected(std::chrono::system_clock::now() + time) ? channel : nullptr;
}

}  // namespace peer
