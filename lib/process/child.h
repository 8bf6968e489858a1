// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Children: spawned from an argv (never a shell), in a process group of their own, every pipe
/// polled, with a deadline, the whole group killed when this side goes.
namespace twin::process {

using Seconds = std::chrono::duration<double>;

struct Launch {
  std::vector<std::string> argv;                        ///< argv[0] is looked up in $PATH
  std::string folder = {};                              ///< to run in; "" = here
  std::map<std::string, std::string> environment = {};  ///< added to ours
  bool extra_pipe = false;  ///< one more pipe, child to us; its number in the child replaces the
                            ///< text "{extra}" in argv and is in $TWINLINE_EXTRA_FD
  int niceness = 0;         ///< added to ours
  int input = -1;           ///< a descriptor of ours that is its stdin, instead of a pipe
};

/// Which pipe of the child some bytes came from.
enum class Channel { out, error, extra };

struct Chunk {
  Channel channel;
  std::string bytes;
};

/// How a child ended.
struct Ending {
  int status = 0;  ///< exit status, or 128 + signal
  int signal = 0;  ///< 0 when it exited by itself
  bool timed_out = false;
  std::string last_lines;  ///< the last lines of both outputs, made printable
};

struct Finished;

/// One running child. Movable, not copyable; its destructor kills the group and reaps.
///
/// The kernel kills it as well when the thread that made it ends, however that thread ended: after
/// `kill -9` of this process no child is left. So make it in a thread that outlives it.
class Child {
 public:
  /// \throws Error{unavailable}  argv[0] is not found ("lmp: not found") or can't be run. Whoever
  ///                            knows which Debian package has it, adds that
  explicit Child(const Launch& launch);
  ~Child();
  Child(Child&&) noexcept;
  Child& operator=(Child&&) noexcept;

  /// Writes all of \p text to its stdin while draining its outputs (no deadlock); what was drained
  /// is handed out by the next read().
  /// \throws Error{unavailable} it has gone (with its last lines); or the deadline passed
  void write(std::string_view text, Seconds deadline);

  /// Ends its stdin.
  void close_input();

  /// The next bytes of any pipe; nothing when all pipes are at their end or the time is over
  /// (ask timed_out()).
  std::optional<Chunk> read(Seconds time_out);
  [[nodiscard]] bool timed_out() const;

  /// Asks it to end (SIGTERM), kills the group after \p grace, reaps.
  Ending stop(Seconds grace);

  /// Waits until it ends by itself; kills it at the deadline.
  Ending wait(Seconds deadline);

  [[nodiscard]] int pid() const;

  /// Readable when something comes out of its stdout, or that is at its end; -1 when it was read to
  /// its end.
  [[nodiscard]] int output() const;

  /// False as soon as it has ended, also before it is reaped.
  [[nodiscard]] bool running() const;

  /// User and system time of it and of its children, those that it waited for and those that run,
  /// s; 0 when it has been reaped. From /proc.
  [[nodiscard]] double cpu_seconds() const;

  /// The last lines of both outputs, made printable, separated by " | ".
  [[nodiscard]] std::string last_lines() const;

 private:
  friend Finished run(const Launch& launch, Seconds deadline, std::string_view input);
  struct State;
  std::unique_ptr<State> state_;
};

/// Splits what arrives into lines.
class LineBuffer {
 public:
  void add(std::string_view bytes);
  /// The next whole line, without its end.
  std::optional<std::string> next();
  /// What is left without a line end.
  [[nodiscard]] const std::string& rest() const { return rest_; }

 private:
  std::string rest_;
  std::deque<std::string> lines_;
};

/// The file that \p name would run, looked up in $PATH as a shell does; "" when there is none.
[[nodiscard]] std::string find_program(const std::string& name);

struct Finished {
  Ending ending;
  std::string out;    ///< at most 64 MiB
  std::string error;  ///< at most 1 MiB
};

/// Runs a command to its end with \p input on its stdin; it may leave part of that unread. What
/// of its group is left when it has ended is killed.
/// \throws Error{unavailable} it is not found, ran past the deadline (killed), or wrote too much
[[nodiscard]] Finished run(const Launch& launch, Seconds deadline, std::string_view input = {});

}  // namespace twin::process
