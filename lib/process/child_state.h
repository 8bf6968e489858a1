// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "process/child.h"
#include "process/spawn.h"

namespace twin::process {

class Deadline {
 public:
  explicit Deadline(Seconds from_now) : at_(std::chrono::steady_clock::now() + capped(from_now)) {}
  [[nodiscard]] Seconds left() const {
    return std::max(Seconds(0), Seconds(at_ - std::chrono::steady_clock::now()));
  }
  [[nodiscard]] bool over() const { return std::chrono::steady_clock::now() >= at_; }

 private:
  static std::chrono::steady_clock::duration capped(Seconds time) {
    constexpr double century = 3e9;
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        Seconds(std::clamp(time.count(), 0.0, century)));
  }
  std::chrono::steady_clock::time_point at_;
};

/// The last lines of one output, each cut to a bearable length.
class Tail {
 public:
  void add(std::string_view bytes);
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  void end_line();
  std::deque<std::string> lines_;
  std::string line_;
};

/// A running child: its pipes, what came out of them and nobody has read yet, and how it ended.
struct Child::State {
  std::string name;
  Spawned child;
  std::deque<Chunk> backlog;
  std::size_t backlog_bytes = 0;
  Tail out_tail, error_tail;
  bool timed_out = false;
  std::optional<Ending> ending;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State();

  [[nodiscard]] bool pipes_open() const;
  [[nodiscard]] bool running() const;

  /// Waits for any pipe, at most \p time, and takes what is there. True when its stdin has room.
  bool pump(Seconds time, bool for_room = false);

  /// Writes to its stdin, taking what comes meanwhile. False when it no longer reads.
  bool feed(std::string_view text, const Deadline& deadline);

  /// Takes what comes until it has ended or the time is over. True when it has ended.
  bool wait_for_end(const Deadline& deadline);

  /// Takes what is still in the pipes, without waiting for more.
  void drain();

  /// Reaps it, and kills what is left of its group.
  Ending finish(bool kill_it, bool late);

  [[nodiscard]] std::string last_lines() const;
  [[noreturn]] void gone(const std::string& how) const;

 private:
  void take(Descriptor& pipe, Channel channel);
  const Ending& reap(bool kill_it);
};

}  // namespace twin::process
