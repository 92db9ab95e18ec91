#include "server/check.h"

#include <cstdint>
#include <string>

namespace peer {
namespace {

using grpc::Status;
using grpc::StatusCode;
using grpc::testing::PayloadType;

Status CheckType(PayloadType type) {
  if (type == PayloadType::COMPRESSABLE) return Status::OK;
  return Status(StatusCode::INVALID_ARGUMENT, "unknown response_type " + std::to_string(type));
}

Status CheckNotNegative(int32_t value, const std::string& name) {
  if (value >= 0) return Status::OK;
  return Status(StatusCode::INVALID_ARGUMENT, name + " " + std::to_string(value) + " is negative");
}

}  // namespace

Status Check(const grpc::testing::SimpleRequest& request) {
  const Status type = CheckType(request.response_type());
  return type.ok() ? CheckNotNegative(request.response_size(), "response_size") : type;
}

Status Check(const grpc::testing::StreamingOutputCallRequest& request) {
  const Status type = CheckType(request.response_type());
  if (!type.ok()) return type;
  for (const auto& parameters : request.response_parameters()) {
    const Status size = CheckNotNegative(parameters.size(), "size");
    if (!size.ok()) return size;
    const Status interval = CheckNotNegative(parameters.interval_us(), "interval_us");
    if (!interval.ok()) return interval;
  }
  return Status::OK;
}

}  // namespace peer
