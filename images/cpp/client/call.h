#ifndef CLIENT_CALL_H_
#define CLIENT_CALL_H_

#include <cstdint>
#include <future>
#include <utility>

#include "client/budget.h"
#include "client/exchange.h"
#include "client/methods.h"
#include "client/opening.h"
#include "interop/v1/observation.pb.h"
#include "interop/v1/script.pb.h"

namespace peer {

// Runs the steps of one call and notes what it sees.
class Call {
 public:
  // `began` is when the job began; the end of its budget cuts the call off.
  Call(const interop::v1::Call& script, Budget* budget, Budget::Clock::time_point began);

  // Runs the call to its end.
  void Run(const Stubs& stubs);

  // Waits until the library has taken the call, or its steps wait for something before that. The next call of the group
  // is begun after that, so that calls get their stream ids in the script's order. Calls that wait for a channel to
  // connect, of a script that is LAZY, are taken before they have a stream, and may get theirs in another order.
  void WaitUntilStarted() { started_.get_future().wait(); }

  // What was seen, once Run has returned.
  interop::v1::CallObservation TakeSeen() { return std::move(seen_); }

 private:
  void RunStep(const interop::v1::Step& step, Exchange* exchange);
  void Send(const interop::v1::Send& send, Exchange* exchange);
  void HalfClose(Exchange* exchange);
  // Reads `count` responses, or to the end of the call if it is 0.
  void Receive(uint32_t count, Exchange* exchange);
  // Takes the status, which ends the call.
  void Finish(Exchange* exchange);
  void Start();

  const interop::v1::Call& script_;
  Budget* const budget_;
  const Budget::Clock::time_point began_;
  Opening opening_;
  interop::v1::CallObservation seen_;
  bool is_started_ = false;
  std::promise<void> started_;
  bool cancelled_ = false;
  bool half_closed_ = false;
  bool broken_ = false;  // the library takes nothing more
  bool ended_ = false;
};

}  // namespace peer

#endif  // CLIENT_CALL_H_
