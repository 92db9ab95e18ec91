#ifndef COMMON_LIMITS_H_
#define COMMON_LIMITS_H_

namespace peer {

// The largest message either role accepts, in bytes. The library's own limit is 4 MiB for received messages; what it
// sends is not limited.
constexpr int kMaxMessage = 16 << 20;

// The most metadata either role accepts, in bytes. The library's own limit is 8 KiB. It is four times the contract's,
// because the library counts as HTTP/2 does: 32 bytes more for each entry, and with the entries that gRPC adds.
constexpr int kMaxMetadata = 256 << 10;

// Since 1.55 the library refuses metadata by this limit, and between the two limits some of it at random. The name is
// spelt out because the headers of older versions lack it; those ignore it.
// https://github.com/grpc/grpc/pull/32600
constexpr char kAbsoluteMaxMetadata[] = "grpc.absolute_max_metadata_size";

}  // namespace peer

#endif  // COMMON_LIMITS_H_
