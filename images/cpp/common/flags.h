#ifndef COMMON_FLAGS_H_
#define COMMON_FLAGS_H_

#include <optional>
#include <string>
#include <vector>

namespace peer {

// One flag of the command line: --name=value, --name value, or --name, which has no value.
struct Flag {
  std::string name;
  std::optional<std::string> value;
};

// The flags in their order. Throws std::invalid_argument at anything that is none.
std::vector<Flag> ParseFlags(int argc, char** argv);

// The value of a flag that has to have one. Throws std::invalid_argument.
const std::string& ValueOf(const Flag& flag);

// The value of a flag that is true or false; true where there is none. Throws std::invalid_argument.
bool IsTrue(const Flag& flag);

}  // namespace peer

#endif  // COMMON_FLAGS_H_
