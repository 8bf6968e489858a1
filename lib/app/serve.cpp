// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/error.h"
#include "core/time.h"
#include "stream/reader.h"

namespace twin::app {

namespace {

/// What can't be understood, and whose request it was.
struct Refused {
  Error error;
  std::string request;
};

using Document = std::variant<record::Record, Refused>;

// Reads stdin beside the work, so that a cancel is seen while a request runs.
class Inbox {
 public:
  explicit Inbox(std::vector<std::string> inputs)
      : thread_([this, in = std::move(inputs)] { pump(in); }) {}
  // The reader sits in a blocking read when the tool is interrupted: it is left behind then, and
  // goes with the process.
  ~Inbox() {
    if (at_end())
      thread_.join();
    else
      thread_.detach();
  }

  // The next model or error, waiting for it; nothing at the end of the input.
  std::optional<Document> next() {
    std::unique_lock lock(state_->mutex);
    while (state_->queue.empty() && !state_->ended && !interrupted())
      state_->arrived.wait_for(lock, std::chrono::milliseconds(100));
    if (state_->queue.empty()) return std::nullopt;
    auto out = std::move(state_->queue.front());
    state_->queue.pop_front();
    const auto* r = std::get_if<record::Record>(&out);
    state_->running = r != nullptr ? record::header_of(*r).request : "";
    return out;
  }

  void done() {
    const std::lock_guard lock(state_->mutex);
    state_->running.clear();
  }

  // True when request \p id is to be given up: cancelled, or nobody is there any more.
  bool gave_up(const std::string& id) {
    const std::lock_guard lock(state_->mutex);
    return state_->ended || interrupted() || std::erase(state_->cancelled, id) > 0;
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable arrived;
    std::deque<Document> queue;
    std::vector<std::string> cancelled;
    std::string running;
    bool ended = false;

    // A cancel of what is neither running nor waiting came too late: it must not hit the next one.
    void cancel(const std::string& request) {
      const auto waits = [&](const Document& d) {
        const auto* r = std::get_if<record::Record>(&d);
        return r != nullptr && record::header_of(*r).request == request;
      };
      if (running == request || std::ranges::any_of(queue, waits)) cancelled.push_back(request);
    }
  };

  bool at_end() {
    const std::lock_guard lock(state_->mutex);
    return state_->ended;
  }

  void pump(const std::vector<std::string>& inputs) {
    const auto state = state_;
    stream::Reader reader(inputs);
    while (true) {
      std::optional<Document> got;
      try {
        auto item = reader.next();
        if (!item) break;
        got = std::move(item->record);
      } catch (const Error& error) {
        got = Refused{error, reader.request()};
      }
      const std::lock_guard lock(state->mutex);
      if (auto* r = std::get_if<record::Record>(&*got);
          r && std::holds_alternative<record::Cancel>(*r))
        state->cancel(record::header_of(*r).request);
      else
        state->queue.push_back(std::move(*got));
      state->arrived.notify_all();
    }
    const std::lock_guard lock(state->mutex);
    state->ended = true;
    state->arrived.notify_all();
  }

  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::thread thread_;
};

record::Failure failure_of(const Error& error, const std::string& request) {
  record::Failure out;
  out.header.request = request;
  out.what = error.what();
  out.cause = static_cast<int>(error.cause());
  return out;
}

void answer(Session& session, Inbox& inbox, const record::ModelRecord& model,
            const ServeOne& simulate) {
  const auto request = model.header.request;
  double last = -1;
  const auto progress = [&](const std::string& stage, double fraction) {
    if (inbox.gave_up(request)) return false;
    if (monotonic_seconds() - last < 0.5) return true;
    last = monotonic_seconds();
    record::Progress p;
    p.header.request = request;
    p.stage = stage;
    p.fraction = fraction;
    session.out.write(p);
    return true;
  };
  try {
    auto state = simulate(model, progress);
    state.header.request = request;
    session.out.write(std::move(state));
  } catch (const Error& error) {
    if (error.cause() == Cause::closed_pipe || error.cause() == Cause::output) throw;
    session.out.write(failure_of(error, request));
  }
}

}  // namespace

void serve(Session& session, const ServeOne& simulate) {
  Inbox inbox(session.inputs);
  while (auto document = inbox.next()) {
    if (const auto* refused = std::get_if<Refused>(&*document)) {
      session.out.write(failure_of(refused->error, refused->request));
      continue;
    }
    const auto& record = std::get<record::Record>(*document);
    if (const auto* model = std::get_if<record::ModelRecord>(&record))
      answer(session, inbox, *model, simulate);
    inbox.done();
  }
}

}  // namespace twin::app
