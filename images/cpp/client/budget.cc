#include "client/budget.h"

#include <algorithm>

namespace peer {

Budget::Budget(std::chrono::milliseconds time) : end_(Clock::now() + time), timer_([this] { CancelAtEnd(); }) {}

Budget::~Budget() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
  timer_.join();
}

void Budget::CancelAtEnd() {
  std::unique_lock lock(mutex_);
  if (changed_.wait_until(lock, end_, [this] { return done_; })) return;
  expired_ = true;
  for (grpc::ClientContext* context : guarded_) context->TryCancel();
  changed_.notify_all();
}

bool Budget::Expired() const {
  const std::lock_guard lock(mutex_);
  // The timer may be late: what has waited for the end by the clock is to see it.
  return expired_ || Clock::now() >= end_;
}

Budget::Clock::duration Budget::Left() const { return std::max(end_ - Clock::now(), Clock::duration::zero()); }

void Budget::Wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return expired_; });
}

Budget::Guard::Guard(Budget* budget, grpc::ClientContext* context) : budget_(budget), context_(context) {
  const std::lock_guard lock(budget_->mutex_);
  budget_->guarded_.insert(context_);
  if (budget_->expired_) context_->TryCancel();
}

Budget::Guard::~Guard() {
  const std::lock_guard lock(budget_->mutex_);
  budget_->guarded_.erase(context_);
}

}  // namespace peer
