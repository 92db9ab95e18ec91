#ifndef CLIENT_UNARY_H_
#define CLIENT_UNARY_H_

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_unary_call.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "client/exchange.h"
#include "client/messages.h"
#include "client/opening.h"

namespace peer {

// The exchange of a unary call.
//
// It goes through the asynchronous form of the stub: that returns when the library has taken the call, so the steps go
// on meanwhile, and the calls of a group get their streams in the script's order. The blocking form returns when the
// call is over, and nothing tells how far it has got. What it sends is the same.
template <class Request, class Response>
class UnaryExchange final : public Exchange {
 public:
  using Reader = grpc::ClientAsyncResponseReader<Response>;
  using Stub = std::function<std::unique_ptr<Reader>(grpc::ClientContext*, const Request&, grpc::CompletionQueue*)>;

  UnaryExchange(Opening* opening, Stub stub) : opening_(opening), stub_(std::move(stub)) {}

  // A queue has to be shut down and drained before it goes.
  ~UnaryExchange() override {
    Wait();
    queue_.Shutdown();
    while (Next()) continue;
  }

  bool Send(const interop::v1::Send& send) override {
    // Serialised by the stub, so that it need not outlive it: a thousand of them at once are much.
    Request request;
    MakeRequest(send, &request);
    MarkAbsent(&response_);
    reader_ = stub_(opening_->Begin(), request, &queue_);
    reader_->Finish(&response_, &status_, this);
    // The transport works in the threads that wait for it, so one has to, whatever the steps do.
    ended_ = std::async(std::launch::async, [this] { Next(); });
    return true;
  }

  std::optional<interop::v1::Received> Receive() override {
    Wait();
    if (reader_ == nullptr || !status_.ok() || IsAbsent(response_)) return std::nullopt;
    return Note(std::move(response_));
  }

  grpc::Status Finish() override {
    Wait();
    return reader_ == nullptr ? grpc::Status(grpc::StatusCode::CANCELLED, "not sent") : status_;
  }

 private:
  bool Next() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok);
  }

  // Waits until the call, if it was begun, is over.
  void Wait() {
    if (ended_.valid()) ended_.get();
  }

  Opening* const opening_;
  const Stub stub_;
  grpc::CompletionQueue queue_;
  Response response_;
  grpc::Status status_;
  std::unique_ptr<Reader> reader_;  // null before Send
  std::future<void> ended_;
};

}  // namespace peer

#endif  // CLIENT_UNARY_H_
