// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/hdf5_child.h"

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "formats/hdf5_place.h"
#include "formats/nexus.h"
#include "formats/read_trajectory.h"
#include "process/confine.h"
#include "sources/file_passing.h"
#include "sources/frame_message.h"
#include "sources/scan_message.h"

namespace twin::sources {

namespace {

using Kind = Message::Kind;

constexpr std::size_t memory_bytes = std::size_t{3} << 30;
constexpr double for_ever = 1e9;  // s

void put(std::string_view text) {
  const auto ignored = ::write(STDERR_FILENO, text.data(), text.size());
  (void)ignored;
}

/// Last words: calls that are safe in a handler alone.
void say_where_and_end(int signal) {
  put(signal == SIGALRM || signal == SIGXCPU ? "it took too long" : "it crashed");
  if (formats::hdf5_place[0] != '\0') {
    put(" at ");
    put({formats::hdf5_place.data(), strnlen(formats::hdf5_place.data(), 256)});
  }
  put("\n");
  _exit(128 + signal);
}

void watch_itself(double seconds) {
  static std::array<char, 65536> stack;  // its own may be at its end
  const stack_t other{stack.data(), 0, stack.size()};
  sigaltstack(&other, nullptr);
  struct sigaction action {};
  action.sa_handler = say_where_and_end;
  action.sa_flags = SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU, SIGALRM})
    sigaction(number, &action, nullptr);
  signal(SIGIO, SIG_IGN);  // see process::writer_of()
  if (seconds >= for_ever) return;
  const auto whole = static_cast<time_t>(seconds);
  const auto micro = static_cast<suseconds_t>(1e6 * (seconds - static_cast<double>(whole)));
  const itimerval once{{0, 0}, {whole, micro}};
  setitimer(ITIMER_REAL, &once, nullptr);
}

void send(const Message& message) {
  const std::string bytes = encode(message);
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t put_in = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (put_in > 0) rest.remove_prefix(static_cast<std::size_t>(put_in));
    if (put_in < 0 && errno != EINTR) _exit(1);
  }
}

/// As far as the system tells, or else the lock that HDF5 puts on what it writes. That is tried for
/// an instant alone, and where nothing else is known: a writer that began just then would fail.
bool is_written() {
  const auto writer = process::writer_of(STDIN_FILENO);
  if (writer != process::Writer::unknown) return writer == process::Writer::some;
  if (::flock(STDIN_FILENO, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK;
  ::flock(STDIN_FILENO, LOCK_UN);
  return false;
}

void read(const std::string& name) {
  if (is_written())
    return send({Kind::open, printable(name) + ": it is still open for writing; later may work"});
  std::vector<Error> refused;
  const auto scans = formats::read_nexus(
      STDIN_FILENO, name, &refused, formats::hdf5_use(STDIN_FILENO), process::open_nothing_more);
  for (const auto& scan : scans) send({Kind::scan, encode_scan(scan)});
  for (const auto& error : refused) send({Kind::refused, printable(error.what())});
  send({Kind::done, ""});
}

/// Whether a file was written to, as far as its times tell: they stand still for some ms.
class Changes {
 public:
  bool seen(double now) {
    struct stat status {};
    if (::fstat(STDIN_FILENO, &status) != 0) return true;
    const bool other = status.st_size != last_.st_size ||
                       status.st_mtim.tv_sec != last_.st_mtim.tv_sec ||
                       status.st_mtim.tv_nsec != last_.st_mtim.tv_nsec;
    last_ = status;
    if (other) since_ = now;
    return now - since_ < 0.02;  // two ticks of the clock by which it is stamped
  }
  [[nodiscard]] double quiet(double now) const { return now - since_; }

 private:
  struct stat last_ {};
  double since_ = 0;
};

/// A look that fails may have come at a bad moment; several in a row do not.
class Looker {
 public:
  explicit Looker(const std::string& name)
      : file_(STDIN_FILENO, name, process::open_nothing_more) {}

  void look() {
    try {
      for (const auto& scan : file_.look()) send({Kind::scan, encode_scan(scan)});
      failed_ = 0;
    } catch (const Error&) {
      constexpr int most = 20;
      if (++failed_ >= most) throw;
    }
  }
  [[nodiscard]] std::size_t points() const { return file_.points(); }

 private:
  formats::NexusUnderWay file_;
  int failed_ = 0;
};

void rest(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// Until its writer closes it, or has gone: what is there then is for read().
void follow(const std::string& name) {
  constexpr double shortest_rest = 0.002, longest_rest = 0.02, sign = 0.5;  // s
  Looker file(name);
  Changes changes;
  for (double told = 0;;) {
    const double begin = monotonic_seconds();
    if (changes.seen(begin)) file.look();
    if (formats::hdf5_use(STDIN_FILENO) != formats::Hdf5Use::swmr) break;
    if (begin - told >= sign) {
      if (process::writer_of(STDIN_FILENO) == process::Writer::none) break;
      send({Kind::alive, std::to_string(file.points())});
      told = begin;
    }
    // A fifth of a core at most, and next to nothing when nothing comes.
    const double pause = changes.quiet(begin) < 1 ? shortest_rest : longest_rest;
    rest(std::max(pause, 4 * (monotonic_seconds() - begin)));
  }
  file.look();
  send({Kind::done, ""});
}

/// The frames of a trajectory, one after the other, as fast as they are taken.
void send_frames(const std::string& path) {
  const auto reader = formats::h5md_here().open(STDIN_FILENO, path);
  process::open_nothing_more();
  std::string atoms;
  std::size_t warned = 0;
  while (true) {
    const auto frame = reader->next();
    for (; warned < reader->warnings().size(); ++warned)
      send({Kind::text, printable(reader->warnings()[warned])});
    if (!frame) return send({Kind::done, ""});
    auto now = encode_atoms({reader->atoms(), reader->origin()});
    if (now != atoms) send({Kind::atoms, atoms = std::move(now)});
    send({Kind::frame, encode_frame(*frame)});
  }
}

void send_list(const std::string& path) {
  for (const auto& one : formats::h5md_here().list(STDIN_FILENO, path))
    send({Kind::text, printable(one)});
  send({Kind::done, ""});
}

/// What pass_file() sent takes the place of the socket. Ends with who would have sent it.
void take_file(std::string& name, std::string& seconds) {
  try {
    (void)formats::parse_nexus("", "");  // the library is begun meanwhile
  } catch (const Error&) {
  }
  const auto [file, text] = receive_file(STDIN_FILENO);
  const auto blank = text.find(' ');
  if (!file.open() || blank == text.npos || ::dup2(file.number(), STDIN_FILENO) < 0) _exit(0);
  seconds = text.substr(0, blank);
  name = text.substr(blank + 1);
}

}  // namespace

bool is_hdf5_child(int argc, char** argv) {
  return argc == 5 && std::string_view(argv[1]) == hdf5_child_mark;
}

int be_hdf5_child(int, char** argv) {
  std::string how = argv[2], name = argv[3], seconds = argv[4];
  if (how == "wait") {
    take_file(name, seconds);
    how = "read";
  }
  const bool endless = how == "follow" || how == "frames";  // whoever reads has a watch
  const double time = endless ? for_ever : parse_double(seconds).value_or(1);
  process::confine(memory_bytes, time);
  watch_itself(time);
  try {
    const std::map<std::string_view, void (*)(const std::string&)> ways{
        {"follow", follow}, {"frames", send_frames}, {"list", send_list}, {"read", read}};
    const auto way = ways.find(how);
    if (way != ways.end()) way->second(name);
  } catch (const Error& error) {
    send({Kind::failed, printable(error.what())});
  } catch (const std::bad_alloc&) {
    send({Kind::failed, printable(name) + ": it takes more than 3 GiB of memory to read"});
  } catch (const std::exception& error) {
    send({Kind::failed, printable(name) + ": " + printable(error.what())});
  }
  _exit(0);
}

}  // namespace twin::sources
