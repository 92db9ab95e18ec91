#include "common/describe.h"

#include <grpcpp/grpcpp.h>

namespace peer {

void Describe(std::ostream& out, const std::vector<std::string>& features) {
  out << R"({"name":"cpp","language":"C++","library":"grpc++","version":")" << grpc::Version() << R"(","features":[)";
  const char* separator = "";
  for (const std::string& feature : features) {
    out << separator << '"' << feature << '"';
    separator = ",";
  }
  out << "]}" << std::endl;
}

}  // namespace peer
