#ifndef COMMON_FLAGS_H_
#define COMMON_FLAGS_H_

#include <string>
#include <vector>

namespace peer {

// One flag of the command line: --name=value, --name value, or --name, whose value is empty.
struct Flag {
  std::string name;
  std::string value;
};

// The flags in their order. Throws std::invalid_argument at anything that is none.
std::vector<Flag> ParseFlags(int argc, char** argv);

// The value of a flag that is true or false; true where it is left out. Throws std::invalid_argument.
bool IsTrue(const Flag& flag);

}  // namespace peer

#endif  // COMMON_FLAGS_H_
