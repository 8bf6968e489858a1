// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/acquire_sink.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/printer.h"
#include "app/publisher.h"
#include "cli/log.h"
#include "core/time.h"
#include "store/live_view.h"
#include "store/run.h"

namespace twin::app {

namespace {

constexpr std::chrono::milliseconds batch{5};  // between an append and its sync

record::Event duplicate(const record::Record& record, const store::Accepted& accepted) {
  record::Event event;
  event.header.from = {accepted.id};
  event.what = "duplicate";
  if (const auto* m = std::get_if<record::Measurement>(&record)) event.first = m->context.scan;
  event.text = "the run holds it already, as number " + std::to_string(accepted.sequence);
  return event;
}

}  // namespace

void tell_damage(const store::Run& run) {
  constexpr std::size_t most = 3;
  const auto& warnings = run.warnings();
  for (std::size_t i = 0; i < std::min(most, warnings.size()); ++i) cli::warning(warnings[i]);
  if (warnings.size() > most)
    cli::warning("and " + std::to_string(warnings.size() - most) + " more damaged lines");
}

struct AcquireSink::State {
  State(Session& of, const std::string& into)
      : session(of), start(of.start), printer(of, into), publisher(into) {}

  Session& session;
  record::Start start;
  bool begun = false;  ///< the run has it
  std::optional<store::Run> run;
  Printer printer;
  Publisher publisher;
  std::optional<store::LiveView> live;
  bool partial = false;
  const std::thread::id owner = std::this_thread::get_id();

  std::mutex mutex;  ///< of all below, and of run
  std::condition_variable changed;
  std::vector<std::pair<record::Record, std::int64_t>> unsynced;
  std::exception_ptr failure;
  bool ending = false;
  std::thread syncer;  ///< nobody else may come by for a long time

  /// Syncs each batch when its time has come.
  void keep_syncing() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return ending || !unsynced.empty(); });
      if (ending) return;
      changed.wait_for(lock, batch, [&] { return ending; });
      try {
        flush();
      } catch (...) {
        unsynced.clear();
        failure = std::current_exception();
      }
    }
  }

  /// With the lock held.
  void flush() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    if (unsynced.empty()) return;
    run->sync();
    for (auto& [record, sequence] : std::exchange(unsynced, {}))
      printer.print(std::move(record), sequence);
  }

  /// The run has who wrote its records: that they can be traced.
  void begin() {
    if (std::exchange(begun, true) || start.header.id.empty()) return;
    start.header.time = utc_now();
    (void)run->append(start);
  }

  /// A file that was written anew, or went on: the same scan, another state of it.
  void number(record::Measurement& m) {
    if (m.revision != 0 || !m.header.id.empty()) return;
    const auto before = run->earlier(m);
    if (!before) return;
    m.revision = before->revision + 1;
    m.header.from.push_back(before->id);
  }

  /// In the thread that made this, which outlives it: the publisher ends with the thread that
  /// began it.
  void publish(bool due_or_not) {
    if (!run || std::this_thread::get_id() != owner) return;
    if (publisher.ended()) run->was_published();
    if ((due_or_not || run->publish_due()) && publisher.begin()) run->was_published();
  }

  /// For whoever looks on; nothing depends on it. \param m  nullptr: only what waits
  void show(const record::Measurement* m, std::int64_t sequence) {
    if (!live || std::this_thread::get_id() != owner) return;
    try {
      if (m != nullptr)
        live->add(sequence, *m);
      else
        live->catch_up();
    } catch (const Error& error) {
      cli::warning(std::string(error.what()) + "; the live view ends, storing goes on");
      live.reset();
    }
  }

  void end_syncer() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
      changed.notify_all();
    }
    if (syncer.joinable()) syncer.join();
  }
};

AcquireSink::AcquireSink(Session& session, const std::string& into, const std::string& live)
    : state_(std::make_unique<State>(session, into)) {
  if (!live.empty()) state_->live.emplace(live);
  if (into.empty()) return;
  auto& run = state_->run;
  run.emplace(store::Run::open(into));
  if (run->recovered_bytes() > 0)
    cli::warning(into + ": recovered; a torn tail of " + std::to_string(run->recovered_bytes()) +
                 " bytes was cut");
  tell_damage(*run);
  state_->syncer = std::thread([state = state_.get()] { state->keep_syncing(); });
}

AcquireSink::~AcquireSink() { state_->end_syncer(); }

bool AcquireSink::take(record::Record record, bool quietly) {
  if (!state_->run) {
    state_->printer.print(std::move(record));
    return true;
  }
  const std::lock_guard lock(state_->mutex);
  state_->begin();
  if (auto* m = std::get_if<record::Measurement>(&record)) state_->number(*m);
  auto& header = record::header_of(record);
  const bool starts = std::holds_alternative<record::Start>(record);
  const bool ours = header.id.empty() && !starts;
  if (ours) {
    header.by = state_->start.header.id;
    header.time = utc_now();
  }
  const auto accepted = state_->run->append(record);
  if (accepted.duplicate) {
    if (quietly && !starts) return false;
    state_->flush();
    // A stream that is handed on begins, whether or not its like was seen.
    state_->printer.print(starts ? std::move(record) : duplicate(record, accepted));
    return false;
  }
  if (ours) header.id = accepted.id;
  state_->show(std::get_if<record::Measurement>(&record), accepted.sequence);
  state_->unsynced.emplace_back(std::move(record), accepted.sequence);
  state_->changed.notify_all();
  state_->publish(false);
  return true;
}

void AcquireSink::store(const record::Record& record) {
  const std::lock_guard lock(state_->mutex);
  if (state_->run) (void)state_->run->append(record);
}

void AcquireSink::print(record::Record record) {
  flush();
  state_->printer.print(std::move(record));
}

void AcquireSink::failed(const Error& error, const std::string& path) {
  flush();
  state_->printer.fail(error, path);
}

void AcquireSink::spoilt(const std::string& what) {
  cli::warning(what);
  state_->partial = true;
}

void AcquireSink::flush() {
  const std::lock_guard lock(state_->mutex);
  state_->flush();
  state_->show(nullptr, 0);
  state_->publish(false);
}

void AcquireSink::publish_behind() {
  const std::lock_guard lock(state_->mutex);
  state_->publish(true);
}

void AcquireSink::finish() {
  flush();
  state_->end_syncer();
  state_->publisher.wait();
  if (state_->run) {
    state_->run->was_published();
    state_->run->publish();
  }
  state_->printer.finish();
  if (state_->partial && state_->session.status == 0)
    state_->session.status = static_cast<int>(Cause::partial);
}

}  // namespace twin::app
