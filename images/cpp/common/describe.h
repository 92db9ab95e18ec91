#ifndef COMMON_DESCRIBE_H_
#define COMMON_DESCRIBE_H_

#include <ostream>
#include <string>
#include <vector>

namespace peer {

// Writes the line of JSON that --describe asks for.
void Describe(std::ostream& out, const std::vector<std::string>& features);

}  // namespace peer

#endif  // COMMON_DESCRIBE_H_
