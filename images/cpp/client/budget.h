#ifndef CLIENT_BUDGET_H_
#define CLIENT_BUDGET_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

namespace peer {

// The time a job may take. When it is over, the calls under way are cancelled; it is no deadline of theirs, because
// that would go out to the server as grpc-timeout.
class Budget {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Budget(std::chrono::milliseconds time);
  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Whether the time is over.
  bool Expired() const;

  // What is left of the time.
  Clock::duration Left() const;

  // Waits for `time`, or until the budget is over.
  void Wait(std::chrono::milliseconds time);

  // For as long as it lives, the end of the budget cancels a call.
  class Guard {
   public:
    Guard(Budget* budget, grpc::ClientContext* context);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Budget* const budget_;
    grpc::ClientContext* const context_;
  };

 private:
  void CancelAtEnd();

  const Clock::time_point end_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool expired_ = false;
  bool done_ = false;
  std::set<grpc::ClientContext*> guarded_;
  std::thread timer_;  // the last member, since it uses the others
};

}  // namespace peer

#endif  // CLIENT_BUDGET_H_
