#ifndef CLIENT_JOB_H_
#define CLIENT_JOB_H_

#include <string>

#include "interop/v1/observation.pb.h"

namespace peer {

// One case to be run against one address.
struct Job {
  std::string name;
  std::string address;
};

// Runs the job's script, which is in the directory `scripts`, and returns what was seen.
interop::v1::Observation RunJob(const Job& job, const std::string& scripts);

}  // namespace peer

#endif  // CLIENT_JOB_H_
