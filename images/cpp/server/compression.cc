#include "server/compression.h"

#include <algorithm>

namespace peer {

void EnableCompression(grpc::ServerContext* context) { context->set_compression_level(GRPC_COMPRESS_LEVEL_LOW); }

bool AsksForCompression(const grpc::testing::StreamingOutputCallRequest& request) {
  const auto& all = request.response_parameters();
  return std::any_of(all.begin(), all.end(), [](const auto& parameters) { return parameters.compressed().value(); });
}

grpc::WriteOptions OptionsOf(const grpc::testing::ResponseParameters& parameters) {
  grpc::WriteOptions options;
  if (!parameters.compressed().value()) options.set_no_compression();
  return options;
}

}  // namespace peer
