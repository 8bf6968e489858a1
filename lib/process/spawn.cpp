// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/spawn.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "core/error.h"
#include "core/text.h"

namespace twin::process {

namespace {

constexpr const char* default_path = "/usr/local/bin:/usr/bin:/bin";

[[noreturn]] void fail(const std::string& program, const std::string& what) {
  throw Error(Cause::unavailable, printable(program) + ": " + what);
}

struct Pipe {
  Descriptor reading, writing;
};

/// Numbers above 2 even where our own standard streams are closed: dup2() in the child must not
/// overwrite an end that is still needed.
Descriptor above_standard(int number) {
  if (number > 2) return Descriptor(number);
  const int moved = fcntl(number, F_DUPFD_CLOEXEC, 3);
  ::close(number);
  return Descriptor(moved);
}

Pipe make_pipe(const std::string& program) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail(program, std::string("no pipe: ") + strerror(errno));
  Pipe pipe{above_standard(ends[0]), above_standard(ends[1])};
  if (!pipe.reading.open() || !pipe.writing.open()) fail(program, "no pipe: too many open files");
  return pipe;
}

void never_block(const Descriptor& descriptor) {
  fcntl(descriptor.number(), F_SETFL, fcntl(descriptor.number(), F_GETFL) | O_NONBLOCK);
}

bool is_program(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
}

std::string search_path(const Launch& launch) {
  if (const auto own = launch.environment.find("PATH"); own != launch.environment.end())
    return own->second;
  const char* ours = std::getenv("PATH");
  return ours != nullptr ? ours : default_path;
}

/// The file of a program, as execvp() would find it; "" when there is none.
std::string find_in(const std::string& path, const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  for (const std::string_view folder : split(path, ':')) {
    const auto file = std::filesystem::absolute(folder.empty() ? "." : folder) / name;
    if (is_program(file)) return file.string();
  }
  return {};
}

/// argv or the environment as execve() wants them.
class CStrings {
 public:
  explicit CStrings(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string& text : strings_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char* const* data() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

std::vector<std::string> arguments(const Launch& launch, int extra) {
  std::vector<std::string> argv = launch.argv;
  if (!launch.extra_pipe) return argv;
  constexpr std::string_view mark = "{extra}";
  for (std::string& word : argv)
    for (auto at = word.find(mark); at != std::string::npos; at = word.find(mark, at))
      word.replace(at, mark.size(), std::to_string(extra));
  return argv;
}

std::vector<std::string> environment(const Launch& launch, int extra) {
  std::map<std::string, std::string> all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  all.erase("TWINLINE_EXTRA_FD");
  for (const auto& [name, value] : launch.environment) all[name] = value;
  if (launch.extra_pipe) all["TWINLINE_EXTRA_FD"] = std::to_string(extra);
  std::vector<std::string> entries;
  for (const auto& [name, value] : all) entries.push_back(name + "=" + value);
  return entries;
}

/// All that the child needs after the fork, prepared before it: no memory is allocated there.
struct Orders {
  std::string program;
  CStrings argv, environment;
  std::string folder;
  int niceness = 0;
  int input = -1, output = -1, error = -1, extra = -1, status = -1;
  pid_t parent = -1;
};

enum class Step : int { folder, execute };

struct Trouble {
  Step step;
  int error;
};

[[noreturn]] void give_up(const Orders& orders, Step step) {
  const Trouble trouble{step, errno};
  const auto ignored = ::write(orders.status, &trouble, sizeof trouble);
  (void)ignored;
  _exit(127);
}

void reset_signals() {
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  sigaction(SIGPIPE, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// One that is nicer than a program of real time is of none: it would keep even the kernel's own
/// threads waiting.
void be_nicer(int by) {
  if (by == 0) return;
  if (const int policy = sched_getscheduler(0); policy == SCHED_FIFO || policy == SCHED_RR) {
    const sched_param ordinary{};
    sched_setscheduler(0, SCHED_OTHER, &ordinary);
  }
  errno = 0;
  const int now = getpriority(PRIO_PROCESS, 0);
  if (errno == 0) setpriority(PRIO_PROCESS, 0, now + by);
}

/// The child's way from fork() to execve(): async-signal-safe calls only.
[[noreturn]] void become(const Orders& orders) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != orders.parent) _exit(127);  // it went before the line above
  dup2(orders.input, STDIN_FILENO);
  dup2(orders.output, STDOUT_FILENO);
  dup2(orders.error, STDERR_FILENO);
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  if (orders.extra >= 0) fcntl(orders.extra, F_SETFD, 0);
  be_nicer(orders.niceness);
  reset_signals();
  if (!orders.folder.empty() && chdir(orders.folder.c_str()) != 0) give_up(orders, Step::folder);
  execve(orders.program.c_str(), orders.argv.data(), orders.environment.data());
  give_up(orders, Step::execute);
}

/// Waits until the child has become the program, or says why it has not.
void confirm(const Launch& launch, pid_t pid, const Descriptor& status) {
  Trouble trouble{};
  ssize_t got = 0;
  do got = ::read(status.number(), &trouble, sizeof trouble);
  while (got < 0 && errno == EINTR);
  if (got == 0) return;  // closed by execve()
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  const std::string& program = launch.argv.front();
  if (got != sizeof trouble) fail(program, "ended before it began");
  if (trouble.step == Step::folder)
    fail(program, "folder " + printable(launch.folder) + ": " + strerror(trouble.error));
  if (trouble.error == ENOENT) fail(program, "not found");
  fail(program, std::string("can't be run: ") + strerror(trouble.error));
}

void refuse_zero_bytes(const Launch& launch) {
  for (const std::string& word : launch.argv)
    if (word.find('\0') != std::string::npos)
      throw Error(Cause::internal, "spawn: an argument has a zero byte");
}

}  // namespace

std::string find_program(const std::string& name) {
  const std::string file = find_in(search_path({}), name);
  return is_program(file) ? file : std::string();
}

Spawned spawn(const Launch& launch) {
  if (launch.argv.empty() || launch.argv.front().empty())
    throw Error(Cause::internal, "spawn: no program");
  refuse_zero_bytes(launch);
  const std::string& name = launch.argv.front();
  const std::string program = find_in(search_path(launch), name);
  if (program.empty()) fail(name, "not found");

  Pipe input = launch.input < 0 ? make_pipe(name) : Pipe{};
  Pipe output = make_pipe(name), error = make_pipe(name);
  Pipe status = make_pipe(name);
  Pipe extra = launch.extra_pipe ? make_pipe(name) : Pipe{};
  const int extra_number = extra.writing.number();
  const Orders orders{program,
                      CStrings(arguments(launch, extra_number)),
                      CStrings(environment(launch, extra_number)),
                      launch.folder,
                      launch.niceness,
                      launch.input < 0 ? input.reading.number() : launch.input,
                      output.writing.number(),
                      error.writing.number(),
                      extra_number,
                      status.writing.number(),
                      getpid()};
  const pid_t pid = fork();
  if (pid < 0) fail(name, std::string("no process: ") + strerror(errno));
  if (pid == 0) become(orders);
  setpgid(pid, pid);  // both sides do: whoever comes first
  status.writing.close();
  confirm(launch, pid, status.reading);

  Spawned child{pid, std::move(input.writing), std::move(output.reading), std::move(error.reading),
                std::move(extra.reading)};
  for (const Descriptor* end : {&child.input, &child.output, &child.error, &child.extra})
    if (end->open()) never_block(*end);
  return child;
}

}  // namespace twin::process
