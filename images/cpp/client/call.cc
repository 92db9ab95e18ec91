#include "client/call.h"

#include <grpcpp/support/string_ref.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "client/text.h"

namespace peer {
namespace {

using interop::v1::MetadataList;
using interop::v1::Step;

// The library shows an empty map where a server sent no metadata, and where it sent no headers at all: a list without
// entries either way.
void Note(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata, MetadataList* list) {
  for (const auto& [key, value] : metadata) {
    auto* entry = list->add_entries();
    entry->set_key(ToUtf8({key.data(), key.size()}));
    entry->set_value(value.data(), value.size());
  }
}

}  // namespace

Call::Call(const interop::v1::Call& script, Budget* budget, Budget::Clock::time_point began)
    : script_(script), budget_(budget), began_(began), opening_(script) {}

void Call::Run(const Stubs& stubs) {
  // Whoever waits for the start is let go however this ends, be it by an exception.
  const std::unique_ptr<Call, void (*)(Call*)> starter(this, [](Call* call) { call->Start(); });
  const Budget::Guard guard(budget_, &opening_.context());
  const std::unique_ptr<Exchange> exchange = Open(script_.method(), stubs, &opening_);
  if (opening_.Begun()) Start();
  for (int i = 0; i < script_.steps_size(); ++i) {
    RunStep(script_.steps(i), exchange.get());
    if (budget_->Expired()) break;
    auto* end = seen_.add_steps();
    end->set_index(i);
    end->set_ended_us(std::chrono::duration_cast<std::chrono::microseconds>(Budget::Clock::now() - began_).count());
  }
  HalfClose(exchange.get());
  Receive(0, exchange.get());
}

// On a call that has ended a step has no effect; nor has what would send on one that was cancelled. A call with a
// single request that was cancelled before is begun all the same: there is no status without it.
void Call::RunStep(const Step& step, Exchange* exchange) {
  switch (step.action_case()) {
    case Step::kSend:
      Send(step.send(), exchange);
      Start();
      break;
    case Step::kHalfClose:
      HalfClose(exchange);
      break;
    case Step::kReceive:
      Receive(step.receive().count(), exchange);
      break;
    case Step::kCancel:
      if (!ended_) opening_.context().TryCancel();
      cancelled_ = true;
      break;
    case Step::kWaitMs:
      Start();
      budget_->Wait(std::chrono::milliseconds(step.wait_ms()));
      break;
    case Step::ACTION_NOT_SET:
      break;  // such a script has been refused
  }
}

void Call::Send(const interop::v1::Send& send, Exchange* exchange) {
  if (broken_ || ended_ || (cancelled_ && opening_.Begun())) return;
  broken_ = !exchange->Send(send);
}

void Call::HalfClose(Exchange* exchange) {
  if (half_closed_ || broken_ || cancelled_ || ended_) return;
  half_closed_ = true;
  broken_ = !exchange->HalfClose();
}

void Call::Receive(uint32_t count, Exchange* exchange) {
  for (uint32_t n = 0; !ended_ && (count == 0 || n < count); ++n) {
    const std::optional<interop::v1::Received> response = exchange->Receive();
    if (response) *seen_.add_messages() = *response;
    if (!response || !StreamsResponses(script_.method())) Finish(exchange);
  }
}

void Call::Finish(Exchange* exchange) {
  const grpc::Status status = exchange->Finish();
  ended_ = true;
  if (!opening_.Begun()) return;
  Note(opening_.context().GetServerInitialMetadata(), seen_.mutable_initial_metadata());
  // Of a call that was cut off the library reports only that.
  if (budget_->Expired()) return;
  seen_.mutable_status()->set_code(status.error_code());
  seen_.mutable_status()->set_message(ToUtf8(status.error_message()));
  Note(opening_.context().GetServerTrailingMetadata(), seen_.mutable_trailing_metadata());
}

void Call::Start() {
  if (is_started_) return;
  is_started_ = true;
  started_.set_value();
}

}  // namespace peer
