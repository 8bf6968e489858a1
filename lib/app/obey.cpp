// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/obey.h"

#include <sys/stat.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/beamline.h"
#include "app/obey_audit.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "core/time.h"
#include "obey/gateway.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::app {

using Kind = ObeyInput::Kind;

namespace {

constexpr std::chrono::milliseconds look_every{100};

obey::Now clocks() { return {seconds_now(), monotonic_seconds()}; }

bool is_there(const std::string& path) {
  struct stat status {};
  return !path.empty() && ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

struct Obeyer::State {
  State(const ObeySettings& set, AcquireSink& to)
      : settings(set),
        sink(to),
        bounds(stream::read_bounds(set.bounds)),
        audit(bounds.audit_file, sha256_file(set.bounds)),
        gateway(bounds, audit.memory()),
        beamline(bounds) {}

  ObeySettings settings;
  AcquireSink& sink;
  record::Bounds bounds;
  ObeyAudit audit;
  obey::Gateway gateway;
  Beamline beamline;
  bool armed = false;
  std::string seen;   ///< the newest text of the command file
  double offset = 0;  ///< of the clocks, s
  double asked = 0;   ///< monotonic, s: the beamline for its mode

  std::mutex mutex;
  std::condition_variable changed;
  bool ending = false;
  std::thread thread;

  /// Whether the token that arms holds now.
  [[nodiscard]] bool token_holds() const {
    try {
      const auto text = read_file(bounds.token_file, 1 << 16);
      const auto all = words(text);
      const auto until = all.empty() ? std::nullopt : parse_utc(all.front());
      return until && seconds_now() < *until;
    } catch (const Error&) {
      return false;
    }
  }

  /// All ways lead through here: logged, sent, told.
  void put(const ObeyInput& input) {
    const obey::Answer answer = answer_to(gateway, input);
    if (answer.empty()) return;
    audit.write(input, answer, armed, gateway.memory(input.now));
    std::string failure;
    try {
      if (answer.order && armed) beamline.tell(*answer.order, input.now.monotonic);
    } catch (const Error& error) {
      failure = error.what();
    }
    const bool over = answer.what == "operator-override" || answer.what == "manual-change" ||
                      answer.what == "not-confirmed" || answer.what == "not-sent";
    if (over) beamline.forget();  // what was ordered last is not held up any more
    tell(input, answer);
    if (!failure.empty()) put({Kind::failed, clocks(), {}, failure});
  }

  void tell(const ObeyInput& input, const obey::Answer& answer) {
    record::Event event;
    if (input.kind == Kind::command && !input.command.header.id.empty())
      event.header.from = {input.command.header.id};
    event.what = answer.what;
    if (answer.order) event.first = answer.order->mode;
    event.second = utc_of(input.now.wall);
    event.text = answer.reason;
    if (answer.order && !armed) event.text += " (not armed: only said)";
    if (bounds.simulated) event.text += " (simulated)";
    cli::note("obey: " + event.what + ": " + event.text);
    sink.take(std::move(event));
  }

  void arm() {
    const bool holds = settings.arm && token_holds();
    if (holds == armed) return;
    if (!holds) put({Kind::end, clocks()});  // the last thing that it may order
    armed = holds;
    if (!holds) {
      beamline.forget();
      return cli::warning("obey: the token " + printable(bounds.token_file) +
                          " holds no more: nothing is ordered");
    }
    cli::note("obey: armed by " + printable(bounds.token_file));
    put({Kind::begin, clocks(), {}, {}, true});
  }

  void look_at_clocks(obey::Now now) {
    const double difference = now.wall - now.monotonic;
    if (std::abs(difference - std::exchange(offset, difference)) > bounds.clock_skew)
      put({Kind::jump, now});
  }

  void look_for_command() {
    std::string text;
    try {
      text = read_file(settings.commands, 1 << 20);
    } catch (const Error&) {
      return;  // there is none yet, or none any more: it expires
    }
    if (text == seen) return;
    seen = text;
    ObeyInput input{Kind::command, clocks()};
    try {
      auto record = stream::decode(stream::parse_yaml(text, printable(settings.commands)));
      auto* command = std::get_if<record::Command>(&record);
      if (command == nullptr)
        throw Error(Cause::data, printable(settings.commands) + ": no command");
      input.command = std::move(*command);
    } catch (const Error& error) {
      return cli::warning("obey: " + std::string(error.what()) + "; it is not obeyed");
    }
    put(input);
  }

  void look_at_beamline() {
    const double now = monotonic_seconds();
    if (!armed || now - asked < 0.5) return;
    asked = now;
    const auto mode = beamline.mode();
    if (mode) put({Kind::read_back, clocks(), {}, *mode});
  }

  void look() {
    look_at_clocks(clocks());
    put({Kind::overridden, clocks(), {}, {}, is_there(bounds.override_file)});
    put({Kind::suspended, clocks(), {}, {}, is_there(bounds.suspend_file)});
    arm();
    look_for_command();
    look_at_beamline();
    put({Kind::tick, clocks()});
    if (armed) beamline.renew(monotonic_seconds());
  }

  void follow() {
    try {
      const obey::Now now = clocks();
      offset = now.wall - now.monotonic;
      armed = settings.arm && token_holds();
      if (armed) cli::note("obey: armed by " + printable(bounds.token_file));
      put({Kind::begin, now, {}, "start", armed});
      std::unique_lock lock(mutex);
      while (!ending) {
        lock.unlock();
        look();
        lock.lock();
        changed.wait_for(lock, look_every, [&] { return ending; });
      }
      lock.unlock();
      put({Kind::end, clocks()});
    } catch (const std::exception& error) {
      cli::error("obey: " + std::string(error.what()) + ": nothing more is ordered");
      leave_safely();
      sink.spoilt("obey: it ended before its time");
    }
  }

  /// The safe mode may be ordered without a log.
  void leave_safely() {
    const obey::Answer last = gateway.end(clocks());
    if (!last.order || !armed) return;
    try {
      beamline.tell(*last.order, monotonic_seconds());
    } catch (const Error& error) {
      cli::error("obey: " + std::string(error.what()) + "; the beamline is not in its safe mode");
    }
  }
};

Obeyer::Obeyer(const ObeySettings& settings, AcquireSink& sink)
    : state_(std::make_unique<State>(settings, sink)) {
  if (!settings.arm) cli::note("obey: not armed: it is only said what would be ordered");
  state_->thread = std::thread([state = state_.get()] { state->follow(); });
}

Obeyer::~Obeyer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
    state_->changed.notify_all();
  }
  state_->thread.join();
}

}  // namespace twin::app
