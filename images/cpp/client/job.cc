#include "client/job.h"

#include <google/protobuf/reflection.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/budget.h"
#include "client/call.h"
#include "client/channel.h"
#include "client/check.h"
#include "client/features.h"
#include "client/methods.h"
#include "interop/v1/script.pb.h"

namespace peer {
namespace {

using interop::v1::CallObservation;
using interop::v1::Group;
using interop::v1::Observation;
using interop::v1::Script;

std::optional<Script> ReadScript(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Script script;
  if (!file || !script.ParseFromIstream(&file)) return std::nullopt;
  return script;
}

// The first name that this client does not know; empty if there is none.
std::string MissingFeature(const Script& script) {
  // By reflection, because `requires` is a keyword since C++20: protoc 3.21 names the accessor that, newer ones add a
  // "_".
  const auto* field = script.GetDescriptor()->FindFieldByNumber(Script::kRequiresFieldNumber);
  const std::vector<std::string> known = Features();
  for (const std::string& name : script.GetReflection()->GetRepeatedFieldRef<std::string>(script, field)) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return name;
  }
  return "";
}

// Starts the calls of a group in order, lets them run concurrently, and returns what each has seen when all have ended.
std::vector<CallObservation> RunCalls(const Group& group, const Stubs& stubs, Budget* budget,
                                      Budget::Clock::time_point began) {
  std::vector<std::unique_ptr<Call>> calls;
  std::vector<std::future<void>> runs;
  for (const auto& script : group.calls()) {
    if (budget->Expired()) break;
    Call* call = calls.emplace_back(std::make_unique<Call>(script, budget, began)).get();
    runs.push_back(std::async(std::launch::async, [call, &stubs] { call->Run(stubs); }));
    call->WaitUntilStarted();
  }
  for (std::future<void>& run : runs) run.get();
  std::vector<CallObservation> seen;
  for (const auto& call : calls) seen.push_back(call->TakeSeen());
  return seen;
}

// Runs the groups in order and adds their calls to the observation, until the budget is over. False if a channel did
// not connect. All channels are closed on return.
bool RunGroups(const Script& script, const std::string& address, Budget* budget, Budget::Clock::time_point began,
               Observation* observation) {
  std::shared_ptr<grpc::Channel> channel;
  for (int g = 0; g < script.groups_size(); ++g) {
    const Group& group = script.groups(g);
    for (uint32_t r = 0; r < std::max(group.repeat(), 1u); ++r) {
      if (group.fresh_channel()) channel.reset();  // the old one closes before there is a new one
      if (channel == nullptr) channel = OpenChannel(address, script.channel(), *budget);
      if (channel == nullptr) return false;
      uint32_t c = 0;
      for (CallObservation& seen : RunCalls(group, Stubs(channel), budget, began)) {
        seen.set_group(g);
        seen.set_repeat(r);
        seen.set_call(c++);
        *observation->add_calls() = std::move(seen);
      }
      if (budget->Expired()) return true;
    }
  }
  return true;
}

}  // namespace

Observation RunJob(const Job& job, const std::string& scripts) {
  const auto began = Budget::Clock::now();
  Observation observation;
  observation.set_case_(job.name);
  const std::string path = scripts + "/" + job.name + ".binpb";
  const std::optional<Script> script = ReadScript(path);
  if (!script) {
    observation.set_result(Observation::BAD_SCRIPT);
    observation.set_detail("cannot read or parse " + path);
    return observation;
  }
  const std::string missing = MissingFeature(*script);
  if (!missing.empty()) {
    observation.set_result(Observation::UNSUPPORTED);
    observation.set_detail(missing);
    return observation;
  }
  const std::string wrong = Check(*script);
  if (!wrong.empty()) {
    observation.set_result(Observation::BAD_SCRIPT);
    observation.set_detail(wrong);
    return observation;
  }

  Budget budget{std::chrono::milliseconds(script->budget_ms())};
  const bool connected = RunGroups(*script, job.address, &budget, began, &observation);
  if (budget.Expired()) {
    observation.set_result(Observation::TIMED_OUT);
    observation.set_detail("the script's budget ran out");
  } else if (!connected) {
    observation.set_result(Observation::CONNECT_FAILED);
    observation.set_detail("the channel did not connect");
  } else {
    observation.set_result(Observation::DONE);
  }
  return observation;
}

}  // namespace peer
