// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child.h"

#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "core/text.h"
#include "process/child_state.h"

namespace twin::process {

Child::Child(const Launch& launch) : state_(std::make_unique<State>()) {
  state_->ending = Ending{};  // nothing to reap should spawn() throw
  state_->child = spawn(launch);
  state_->ending.reset();
  state_->name = printable(launch.argv.front());
}

Child::~Child() = default;
Child::Child(Child&&) noexcept = default;
Child& Child::operator=(Child&&) noexcept = default;

void Child::write(std::string_view text, Seconds deadline) {
  if (state_->feed(text, Deadline(deadline))) return;
  if (state_->timed_out) state_->gone("does not read its input");
  state_->wait_for_end(Deadline(Seconds(0.2)));  // its last words are on their way
  state_->drain();
  state_->gone("has gone");
}

void Child::close_input() { state_->child.input.close(); }

std::optional<Chunk> Child::read(Seconds time_out) {
  const Deadline deadline(time_out);
  state_->timed_out = false;
  while (state_->backlog.empty() && state_->pipes_open()) {
    state_->pump(deadline.left());
    if (state_->backlog.empty() && deadline.over() && state_->pipes_open()) {
      state_->timed_out = true;
      return std::nullopt;
    }
  }
  if (state_->backlog.empty()) return std::nullopt;
  Chunk chunk = std::move(state_->backlog.front());
  state_->backlog.pop_front();
  state_->backlog_bytes -= chunk.bytes.size();
  return chunk;
}

bool Child::timed_out() const { return state_->timed_out; }

Ending Child::stop(Seconds grace) {
  if (state_->ending) return *state_->ending;
  ::kill(-state_->child.pid, SIGTERM);
  const bool ended = state_->wait_for_end(Deadline(grace));
  return state_->finish(!ended, false);
}

Ending Child::wait(Seconds deadline) {
  if (state_->ending) return *state_->ending;
  const bool ended = state_->wait_for_end(Deadline(deadline));
  return state_->finish(!ended, !ended);
}

int Child::pid() const { return state_->child.pid; }

int Child::output() const { return state_->child.output.number(); }

bool Child::running() const { return state_->running(); }

namespace {

/// Ticks of a process and of the children that it waited for. Of what has gone, 0.
double ticks_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos) return 0;
  const auto fields = words(std::string_view(text).substr(name_end + 1));
  double ticks =
      0;  // utime, stime, cutime, cstime are fields 14-17 of proc(5), 11-14 after the name
  for (std::size_t field = 11; field < 15 && field < fields.size(); ++field)
    ticks += parse_double(fields[field]).value_or(0);
  return ticks;
}

}  // namespace

double Child::cpu_seconds() const {
  if (state_->ending) return 0;
  const std::string self = std::to_string(pid());
  double ticks = ticks_of(self);
  std::ifstream children("/proc/" + self + "/task/" + self + "/children");
  for (std::string one; children >> one;) ticks += ticks_of(one);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string Child::last_lines() const { return state_->last_lines(); }

}  // namespace twin::process
