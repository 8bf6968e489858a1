// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/printer.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include "cli/log.h"
#include "core/text.h"
#include "core/time.h"
#include "store/run.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

namespace {

constexpr std::size_t most_waiting = std::size_t{64} << 20;  // bytes

struct Refusal {
  Error error;
  std::string source;
};

/// Records of the run that were let go.
struct Stored {
  std::int64_t first, last;
};

using Item = std::variant<record::Record, Refusal, Stored>;

std::size_t size_of(const record::Record& record) {
  std::size_t bytes = 1000;
  if (const auto* m = std::get_if<record::Measurement>(&record))
    for (const auto& [name, array] : m->arrays) bytes += array.data.size() * sizeof(double);
  return bytes;
}

std::size_t size_of(const Item& item) {
  const auto* record = std::get_if<record::Record>(&item);
  return record ? size_of(*record) : 100;
}

}  // namespace

struct Printer::State {
  State(Session& of, std::string run_file) : session(of), into(std::move(run_file)) {}

  Session& session;
  std::string into;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> waiting;
  std::size_t bytes = 0;  ///< of what waits
  bool printing = false, ending = false, gone = false;
  std::exception_ptr failure;
  std::thread thread;

  // Of the printing thread alone.
  bool closed = false;  ///< stdout
  std::optional<store::Run> run;

  void push(Item item) {
    const std::lock_guard lock(mutex);
    bytes += size_of(item);
    waiting.push_back(std::move(item));
    changed.notify_all();
  }

  bool let_go(std::int64_t sequence) {
    const std::lock_guard lock(mutex);
    if (sequence == 0 || into.empty() || bytes < most_waiting) return false;
    auto* last = std::get_if<Stored>(&waiting.back());
    if (last != nullptr && last->last + 1 == sequence)
      last->last = sequence;
    else
      waiting.emplace_back(Stored{sequence, sequence});
    return true;
  }

  void work() {
    while (true) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return !waiting.empty() || ending; });
      if (waiting.empty()) break;
      Item item = std::move(waiting.front());
      waiting.pop_front();
      bytes -= std::min(bytes, size_of(item));
      printing = true;
      lock.unlock();
      changed.notify_all();
      guarded(std::move(item));
      lock.lock();
      printing = false;
      changed.notify_all();
    }
    const std::lock_guard lock(mutex);
    gone = true;
    changed.notify_all();
  }

  void guarded(Item item) {
    try {
      std::visit([this](auto& one) { put(std::move(one)); }, item);
    } catch (const Error& error) {
      if (error.cause() == Cause::closed_pipe && !into.empty()) {
        closed = session.closed_is_fine = true;
        return cli::warning("stdout was closed; storing goes on");
      }
      stop();
    } catch (...) {
      stop();
    }
  }

  /// Nothing more can be printed: whoever hands in the next record is told.
  void stop() {
    closed = true;
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::current_exception();
  }

  void put(record::Record record) {
    if (closed) return;
    const auto* m = std::get_if<record::Measurement>(&record);
    const std::string scan = m ? m->context.scan : "";
    try {
      session.out.write(std::move(record));
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      put(Refusal{error.at(printable(scan)), ""});
    }
  }

  void put(const Refusal& refusal) {
    if (session.status == 0) session.status = static_cast<int>(Cause::partial);
    if (closed)
      cli::error(refusal.error.what());
    else
      session.fail(refusal.error, refusal.source);
  }

  void put(const Stored& range) {
    if (closed) return;
    if (!run) run.emplace(store::Run::read(into));
    run->replay(range.first - 1, range.last, [&](std::int64_t, const std::string& line) {
      put(stream::decode(stream::parse_json(line, into)));
    });
  }

  /// With the lock held: until \p done; after a signal two seconds at most.
  /// \return  whether it is
  bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done) {
    double told = 0;  // monotonic, s: a signal came
    while (!done()) {
      if (interrupted() != 0 && told == 0) told = monotonic_seconds();
      if (told != 0 && monotonic_seconds() - told > 2) return false;
      changed.wait_for(lock, std::chrono::milliseconds(100));
    }
    return true;
  }

  void rethrow() {
    const std::lock_guard lock(mutex);
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

Printer::Printer(Session& session, std::string into)
    : state_(std::make_shared<State>(session, std::move(into))) {
  state_->thread = std::thread([state = state_] { state->work(); });
}

Printer::~Printer() {
  std::unique_lock lock(state_->mutex);
  state_->ending = true;
  state_->changed.notify_all();
  const bool gone = state_->wait(lock, [&] { return state_->gone; });
  lock.unlock();
  if (gone)
    state_->thread.join();
  else
    state_->thread.detach();
}

void Printer::print(record::Record record, std::int64_t sequence) {
  state_->rethrow();
  if (state_->let_go(sequence)) return;
  // What is small is never waited for: who tells of orders has to go on.
  if (state_->into.empty() && std::holds_alternative<record::Measurement>(record)) {
    std::unique_lock lock(state_->mutex);
    while (state_->bytes >= most_waiting && !state_->failure && interrupted() == 0)
      state_->changed.wait_for(lock, std::chrono::milliseconds(100));
  }
  state_->push(std::move(record));
}

void Printer::fail(Error error, std::string source) {
  state_->push(Refusal{std::move(error), std::move(source)});
}

void Printer::finish() {
  std::unique_lock lock(state_->mutex);
  const bool done =
      state_->wait(lock, [&] { return state_->waiting.empty() && !state_->printing; });
  lock.unlock();
  if (!done) throw Error(Cause::closed_pipe, "standard output: its reader does not read");
  state_->rethrow();
}

}  // namespace twin::app
