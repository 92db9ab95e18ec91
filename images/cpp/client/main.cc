// The client role of the C++ peer: it runs scripts and reports what it saw.
#include <google/protobuf/util/delimited_message_util.h>
#include <grpc/grpc.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "client/features.h"
#include "client/job.h"
#include "common/describe.h"
#include "common/flags.h"

namespace peer {
namespace {

// How long the process lives after its last job, for the transport to send its last frames.
constexpr std::chrono::milliseconds kLinger(100);

struct Options {
  bool describe = false;
  std::string scripts;
  std::vector<Job> jobs;
};

Job ParseJob(const std::string& value) {
  const size_t equals = value.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == value.size()) {
    throw std::invalid_argument("not of the form CASE=IP:PORT: " + value);
  }
  return {value.substr(0, equals), value.substr(equals + 1)};
}

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (const Flag& flag : ParseFlags(argc, argv)) {
    if (flag.name == "describe") {
      options.describe = IsTrue(flag);
    } else if (flag.name == "scripts") {
      options.scripts = ValueOf(flag);
    } else if (flag.name == "job") {
      options.jobs.push_back(ParseJob(ValueOf(flag)));
    } else {
      throw std::invalid_argument("unknown flag: --" + flag.name);
    }
  }
  return options;
}

// Runs the jobs one after another and writes the observation of each as soon as it is complete.
void RunJobs(const Options& options) {
  std::cerr << "client, grpc++ " << grpc::Version() << std::endl;
  for (const Job& job : options.jobs) {
    const interop::v1::Observation observation = RunJob(job, options.scripts);
    std::cerr << job.name << " at " << job.address << ": "
              << interop::v1::Observation::Result_Name(observation.result()) << " " << observation.detail()
              << std::endl;
    if (!google::protobuf::util::SerializeDelimitedToOstream(observation, &std::cout) || !std::cout.flush()) {
      throw std::runtime_error("cannot write the observation of " + job.name);
    }
  }
}

}  // namespace
}  // namespace peer

int main(int argc, char** argv) {
  try {
    const peer::Options options = peer::ParseOptions(argc, argv);
    if (options.describe) {
      peer::Describe(std::cout, peer::Features());
      return 0;
    }
    // Keeps the library up between the jobs. Else it shuts down with a job's last object, and then it may wait for up
    // to 10 s for what is still open: the shutdown deadline in grpc's src/core/lib/iomgr/iomgr.cc.
    grpc_init();
    peer::RunJobs(options);
    std::this_thread::sleep_for(peer::kLinger);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "client failed: " << error.what() << std::endl;
    return 1;
  }
}
