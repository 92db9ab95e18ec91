// The server role of the C++ peer: grpc.testing.TestService on the synchronous API.
#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/describe.h"
#include "common/flags.h"
#include "common/limits.h"
#include "server/service.h"

namespace peer {
namespace {

// How long calls may go on after SIGTERM; the process has to be gone within a second.
constexpr std::chrono::milliseconds kStopGrace(500);

// Calls that a connection may have at once: what the contract asks for. The library's own limit is none.
constexpr int kMaxStreams = 100;

// Features of the server role in the peer contract; "expect_compressed" is missing, see peer.yaml.
std::vector<std::string> Features() {
  return {
      "unary",         "client_streaming", "server_streaming",    "bidi",                       "half_duplex", "echo_status",
      "echo_metadata", "echo_username",    "compressed_response", "compressed_stream_response", "tls",
  };
}

struct Options {
  bool describe = false;
  std::string port = "8080";
  bool use_tls = false;
  std::string cert_file;
  std::string key_file;
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (const Flag& flag : ParseFlags(argc, argv)) {
    if (flag.name == "describe") {
      options.describe = IsTrue(flag);
    } else if (flag.name == "port") {
      options.port = ValueOf(flag);
    } else if (flag.name == "use_tls") {
      options.use_tls = IsTrue(flag);
    } else if (flag.name == "tls_cert_file") {
      options.cert_file = ValueOf(flag);
    } else if (flag.name == "tls_key_file") {
      options.key_file = ValueOf(flag);
    } else {
      throw std::invalid_argument("unknown flag: --" + flag.name);
    }
  }
  return options;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const Options& options) {
  if (!options.use_tls) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({ReadFile(options.key_file), ReadFile(options.cert_file)});
  return grpc::SslServerCredentials(tls);
}

// Runs the server until SIGTERM or SIGINT.
void Serve(const Options& options) {
  // Blocked before there are other threads, which inherit that: the signals are left to sigwait.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  // Each handler gets a thread, as many as there are calls.
  Service service;
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(kMaxMessage);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadata);
  builder.AddChannelArgument(kAbsoluteMaxMetadata, kMaxMetadata);
  // Else a second server could share the port, and take part of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  int port = 0;
  builder.AddListeningPort("[::]:" + options.port, Credentials(options), &port);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) throw std::runtime_error("cannot listen on port " + options.port);
  std::cerr << "serving on port " << port << ", tls " << options.use_tls << ", grpc++ " << grpc::Version() << std::endl;

  int signal = 0;
  sigwait(&signals, &signal);
  std::cerr << "stopping" << std::endl;
  server->Shutdown(std::chrono::system_clock::now() + kStopGrace);
}

}  // namespace
}  // namespace peer

int main(int argc, char** argv) {
  try {
    const peer::Options options = peer::ParseOptions(argc, argv);
    if (options.describe) {
      peer::Describe(std::cout, peer::Features());
    } else {
      peer::Serve(options);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "server failed: " << error.what() << std::endl;
    return 1;
  }
}
