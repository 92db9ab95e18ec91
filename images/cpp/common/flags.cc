#include "common/flags.h"

#include <cstddef>
#include <stdexcept>

namespace peer {

std::vector<Flag> ParseFlags(int argc, char** argv) {
  std::vector<Flag> flags;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument.rfind("--", 0) != 0) {
      throw std::invalid_argument("not a flag: " + argument);
    }
    const size_t equals = argument.find('=');
    if (equals != std::string::npos) {
      flags.push_back({argument.substr(2, equals - 2), argument.substr(equals + 1)});
    } else if (i + 1 < argc && std::string(argv[i + 1]).rfind("--", 0) != 0) {
      flags.push_back({argument.substr(2), argv[++i]});
    } else {
      flags.push_back({argument.substr(2), std::nullopt});
    }
  }
  return flags;
}

const std::string& ValueOf(const Flag& flag) {
  if (!flag.value) throw std::invalid_argument("no value: --" + flag.name);
  return *flag.value;
}

bool IsTrue(const Flag& flag) {
  if (!flag.value || flag.value == "true") return true;
  if (flag.value == "false") return false;
  throw std::invalid_argument("neither true nor false: --" + flag.name + "=" + *flag.value);
}

}  // namespace peer
