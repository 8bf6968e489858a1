// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child_state.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <thread>

#include "core/error.h"
#include "core/text.h"

namespace twin::process {

namespace {

constexpr std::size_t kept_lines = 12;
constexpr std::size_t longest_kept_line = 400;
constexpr std::size_t largest_backlog = 256U << 20;

/// A wait for poll(): rounded up, so that it does not spin through the last millisecond.
int milliseconds(Seconds time) {
  return static_cast<int>(std::min(std::ceil(time.count() * 1e3), 1e9));
}

/// While it lives, a write to a pipe without a reader fails with EPIPE and kills nobody: SIGPIPE is
/// held back in this thread alone, and taken away when it came. The tools themselves need it.
class WithoutSigpipe {
 public:
  WithoutSigpipe() {
    sigemptyset(&only_);
    sigaddset(&only_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &only_, &before_);
  }
  ~WithoutSigpipe() {
    const timespec now{0, 0};
    if (!was_pending_)
      while (sigtimedwait(&only_, nullptr, &now) < 0 && errno == EINTR) {
      }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  WithoutSigpipe(const WithoutSigpipe&) = delete;
  WithoutSigpipe& operator=(const WithoutSigpipe&) = delete;

 private:
  sigset_t only_{}, before_{};
  bool was_pending_ = false;
};

}  // namespace

void Tail::add(std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '\n') {
      end_line();
    } else if (line_.size() < longest_kept_line) {
      line_ += byte;
    }
  }
}

std::vector<std::string> Tail::lines() const {
  std::vector<std::string> all(lines_.begin(), lines_.end());
  if (!trim(line_).empty()) all.push_back(line_);
  return all;
}

void Tail::end_line() {
  if (!trim(line_).empty()) lines_.push_back(line_);
  if (lines_.size() > kept_lines) lines_.pop_front();
  line_.clear();
}

Child::State::~State() {
  if (!ending) reap(true);
}

bool Child::State::pipes_open() const {
  return child.output.open() || child.error.open() || child.extra.open();
}

bool Child::State::running() const {
  if (ending) return false;
  siginfo_t info = {};
  const int rc = waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOHANG | WNOWAIT);
  return rc == 0 && info.si_pid == 0;
}

void Child::State::take(Descriptor& pipe, Channel channel) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(pipe.number(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    pipe.close();
    return;
  }
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
  if (channel == Channel::out) out_tail.add(bytes);
  if (channel == Channel::error) error_tail.add(bytes);
  backlog.push_back({channel, std::string(bytes)});
  backlog_bytes += bytes.size();
  if (backlog_bytes > largest_backlog)
    throw Error(Cause::unavailable, name + ": wrote more than 256 MiB that nobody asked for");
}

bool Child::State::pump(Seconds time, bool for_room) {
  std::array<pollfd, 4> polled{{{child.output.number(), POLLIN, 0},
                                {child.error.number(), POLLIN, 0},
                                {child.extra.number(), POLLIN, 0},
                                {for_room ? child.input.number() : -1, POLLOUT, 0}}};
  if (::poll(polled.data(), polled.size(), milliseconds(time)) <= 0) return false;
  if (polled[0].revents != 0) take(child.output, Channel::out);
  if (polled[1].revents != 0) take(child.error, Channel::error);
  if (polled[2].revents != 0) take(child.extra, Channel::extra);
  return polled[3].revents != 0;
}

bool Child::State::feed(std::string_view text, const Deadline& deadline) {
  const WithoutSigpipe guard;
  while (!text.empty() && child.input.open() && !deadline.over()) {
    if (!pump(deadline.left(), true)) continue;
    const ssize_t put = ::write(child.input.number(), text.data(), text.size());
    if (put > 0) text.remove_prefix(static_cast<std::size_t>(put));
    if (put < 0 && errno != EAGAIN && errno != EINTR) child.input.close();
  }
  if (!text.empty() && child.input.open()) timed_out = true;
  return text.empty();
}

bool Child::State::wait_for_end(const Deadline& deadline) {
  Seconds nap(0.0005);
  while (running()) {
    if (deadline.over()) return false;
    const Seconds pause = std::min(nap, deadline.left());
    if (pipes_open()) {
      pump(pause);
    } else {
      std::this_thread::sleep_for(pause);
    }
    nap = std::min(nap * 2, Seconds(0.02));
  }
  return true;
}

void Child::State::drain() {
  std::size_t before = 0;
  do {
    before = backlog_bytes;
    pump(Seconds(0));
  } while (backlog_bytes != before);
}

const Ending& Child::State::reap(bool kill_it) {
  if (ending) return *ending;
  if (kill_it) ::kill(child.pid, SIGKILL);
  siginfo_t info = {};  // wait, but keep its number taken until the group is dead
  while (waitid(P_PID, static_cast<id_t>(child.pid), &info, WEXITED | WNOWAIT) < 0 &&
         errno == EINTR) {
  }
  ::kill(-child.pid, SIGKILL);
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  Ending end;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.status = end.signal != 0 ? 128 + end.signal : WEXITSTATUS(status);
  ending = end;
  return *ending;
}

Ending Child::State::finish(bool kill_it, bool late) {
  reap(kill_it);
  drain();
  child.input.close();
  ending->timed_out = ending->timed_out || late;
  ending->last_lines = last_lines();
  return *ending;
}

std::string Child::State::last_lines() const {
  std::vector<std::string> all = out_tail.lines();
  for (std::string& line : error_tail.lines()) all.push_back(std::move(line));
  for (std::string& line : all) line = printable(line);
  return join(all, " | ");
}

void Child::State::gone(const std::string& how) const {
  const std::string last = last_lines();
  throw Error(Cause::unavailable, name + ": " + how + (last.empty() ? "" : "; it said: " + last));
}

}  // namespace twin::process
