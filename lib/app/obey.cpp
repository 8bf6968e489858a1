// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/obey.h"

#include <unistd.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "app/beam.h"
#include "app/beamline.h"
#include "app/obey_audit.h"
#include "app/obey_signs.h"
#include "app/teller.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "core/time.h"
#include "obey/gateway.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::app {

using Kind = ObeyInput::Kind;

namespace {

constexpr std::chrono::milliseconds look_every{100};
constexpr process::Seconds retry_after{2};  // before the safe mode is tried once more
constexpr std::size_t most_bytes = 16384;   // of a command

obey::Now clocks() { return {seconds_now(), monotonic_seconds()}; }

}  // namespace

struct Obeyer::State {
  State(const ObeySettings& set, AcquireSink& to)
      : settings(set),
        sink(to),
        bounds(stream::read_bounds(set.bounds)),
        audit(bounds.audit_file, sha256_file(set.bounds), bounds.simulated),
        gateway(bounds, audit.memory()),
        beamline(bounds),
        beam(bounds.beam),
        teller(to, "obey") {}

  Parent parent;  // it may go while the others are made
  ObeySettings settings;
  AcquireSink& sink;
  record::Bounds bounds;
  ObeyAudit audit;
  obey::Gateway gateway;
  Beamline beamline;
  Beam beam;
  Teller teller;
  bool armed = false;
  bool leaving = false;  ///< the token holds no more: the safe mode alone is still to be sent
  std::string failure;   ///< why the newest order could not be sent; "" when it could
  double retry_at = 0;   ///< monotonic, s: the safe mode is tried once more
  std::string seen;      ///< the newest text of the command file
  double offset = 0;     ///< of the clocks, s
  double asked = 0;      ///< monotonic, s: the beamline for its mode
  double heard = 0;      ///< monotonic, s: a mode

  std::mutex mutex;
  std::condition_variable changed;
  bool ending = false;
  std::string taken;  // what was told of a command, if that was the last that was
  std::thread thread;

  /// All ways lead through here: logged, sent, told.
  void put(const ObeyInput& input) {
    if (input.kind != Kind::overridden) look_for_operator();
    const auto before = gateway.ordered();
    const obey::Answer answer = answer_to(gateway, input);
    if (answer.empty()) return;
    audit.write(input, answer, before, armed, gateway.memory(input.now));
    // What was ordered last is not held up any more.
    if (answer.what == "operator-override" || answer.what == "manual-change") {
      beamline.forget();
      failure.clear();
    }
    if (answer.order && armed) send(*answer.order);
    // A mode that is asked for again and again is news once; the log has it all.
    if (answer.what != "counted") {
      const auto was = std::exchange(taken, answer.what == "command-taken" ? answer.reason : "");
      if (taken.empty() || taken != was) tell(input, answer);
    }
    if (const auto mode = beamline.by_hand()) put({Kind::read_back, clocks(), {}, *mode, true});
  }

  void look_for_beam() {
    const bool told = is_there(bounds.suspend_file), lost = beam.lost();
    put({Kind::suspended, clocks(), {}, told ? bounds.suspend_file : beam.said(), told || lost});
  }

  void look_for_operator() {
    put({Kind::overridden, clocks(), {}, {}, is_there(bounds.override_file)});
  }

  void send(const obey::Order& order) {
    try {
      beamline.tell(order, monotonic_seconds());
      failure.clear();
    } catch (const Error& error) {
      failure = error.what();
      retry_at = monotonic_seconds() + retry_after.count();
    }
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
    teller.event(std::move(event));
  }

  void arm() {
    const bool holds = settings.arm && token_holds(bounds.token_file);
    if (holds && (!armed || leaving)) {
      armed = true;
      leaving = false;
      heard = monotonic_seconds();
      teller.note("obey: armed by " + printable(bounds.token_file));
      return put({Kind::begin, clocks(), {}, {}, true});
    }
    if (!holds && armed) disarm();
  }

  /// The safe mode is the last thing that it may order, and tried until it could be sent.
  void disarm() {
    const std::string why = "obey: the token " + printable(bounds.token_file) + " holds no more: ";
    if (!leaving) {
      put({Kind::end, clocks()});
      leaving = true;
      if (!failure.empty())
        teller.warning(why + "the safe mode is tried until it could be sent: " + failure);
    }
    if (!failure.empty() && !is_there(bounds.override_file)) return;
    armed = leaving = false;
    failure.clear();
    beamline.forget();
    put({Kind::disarmed, clocks()});
    teller.warning(why + "nothing is ordered");
  }

  void look_at_clocks(obey::Now now) {
    const double difference = now.wall - now.monotonic;
    if (std::abs(difference - std::exchange(offset, difference)) > bounds.clock_skew)
      put({Kind::jump, now});
  }

  void look_for_command() {
    std::string text;
    try {
      text = read_regular_file(settings.commands, most_bytes);
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
      return teller.warning("obey: " + std::string(error.what()) + "; it is not obeyed");
    }
    put(input);
  }

  void look_at_beamline() {
    const double now = monotonic_seconds();
    if (!settings.arm || now - asked < 0.5) return;
    asked = now;
    if (!armed) return beamline.hear();
    const auto mode = beamline.mode();
    if (mode || !gateway.confirmed()) heard = monotonic_seconds();
    if (mode) return put({Kind::read_back, clocks(), {}, *mode});
    if (now - heard <= bounds.silence_seconds()) return;
    heard = now;
    put({Kind::failed,
         clocks(),
         {},
         "the beamline has not said its mode for " + shortest(bounds.silence_seconds()) + " s"});
  }

  void look() {
    audit.check();
    look_at_clocks(clocks());
    look_for_operator();
    look_for_beam();
    arm();
    if (!leaving) look_for_command();
    look_at_beamline();
    if (!failure.empty() && armed && monotonic_seconds() >= retry_at)
      put({Kind::failed, clocks(), {}, failure});
    put({Kind::tick, clocks()});
    if (armed) beamline.renew(monotonic_seconds());
  }

  void begin() {
    const obey::Now now = clocks();
    offset = now.wall - now.monotonic;
    armed = settings.arm && token_holds(bounds.token_file);
    if (armed) teller.note("obey: armed by " + printable(bounds.token_file));
    std::string first = "start";
    if (is_there(bounds.override_file))
      put({Kind::overridden, now, {}, std::exchange(first, ""), true});
    put({Kind::begin, now, {}, first, armed});
  }

  void follow() {
    try {
      begin();
      std::unique_lock lock(mutex);
      while (!ending && !orphaned()) {
        lock.unlock();
        look();
        lock.lock();
        changed.wait_for(lock, look_every, [&] { return ending; });
      }
      lock.unlock();
      put({Kind::end, clocks()});
      try_again([&] { put({Kind::failed, clocks(), {}, failure}); });
      if (!orphaned()) return;
      teller.warning("obey: whoever started this has gone: nothing more is ordered");
      if (interrupted() == 0) ::kill(::getpid(), SIGTERM);  // a second signal would cut it short
    } catch (const std::exception& error) {
      leave_safely();
      teller.warning("obey: " + std::string(error.what()) + ": nothing more is ordered");
      sink.spoilt("obey: it ended before its time");
      if (interrupted() == 0) ::kill(::getpid(), SIGTERM);  // whoever started it has to know
    }
  }

  /// Nobody who started this looks after it any more.
  [[nodiscard]] bool orphaned() const { return settings.arm && parent.gone(); }

  /// The safe mode may be ordered without a log.
  void leave_safely() {
    if (!armed || is_there(bounds.override_file)) return;
    const obey::Answer last = gateway.end(clocks());
    if (!last.order) return;
    send(*last.order);
    try_again([&] { send(*last.order); });
  }

  /// At the end: three times more where the safe mode could not be sent, unless an operator comes.
  void try_again(const std::function<void()>& once) {
    const auto failed = [&] {
      return armed && !failure.empty() && !is_there(bounds.override_file);
    };
    for (int i = 0; i < 3 && failed(); ++i) {
      std::this_thread::sleep_for(retry_after);
      once();
    }
    if (failed()) teller.warning("obey: " + failure + "; the beamline is not in its safe mode");
  }
};

Obeyer::Obeyer(const ObeySettings& settings, AcquireSink& sink)
    : state_(std::make_unique<State>(settings, sink)) {
  if (settings.arm) state_->beamline.begin();
  if (!settings.arm) state_->teller.note("obey: not armed: it is only said what would be ordered");
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
