// SPDX-License-Identifier: GPL-3.0-or-later
#include "process/child.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace twin::process::child_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// All that a child writes on one channel until its pipes end.
std::string read_all(Child& child, Channel wanted) {
  std::string text;
  while (const auto chunk = child.read(Seconds(20)))
    if (chunk->channel == wanted) text += chunk->bytes;
  EXPECT_FALSE(child.timed_out());
  return text;
}

/// True once the process is gone or a zombie; waits up to 10 s for that.
bool comes_to_its_end(int pid) {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    if (!(file >> number >> name >> state) || state == "Z" || state == "X") return true;
    std::this_thread::sleep_for(Seconds(0.01));
  }
  return false;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::unavailable);
    return error.what();
  }
  return "(nothing was thrown)";
}

TEST(Child, ArgumentsReachItUntouched) {
  const std::vector<std::string> words{"two words", "a\nnewline", "$HOME `id` $(id)",
                                       "",          "-n",         "'\"\\*"};
  Launch launch{.argv = {"printf", "[%s]"}};
  std::string expected;
  for (const std::string& word : words) {
    launch.argv.push_back(word);
    expected += "[" + word + "]";
  }
  EXPECT_EQ(run(launch, Seconds(20)).out, expected);
}

TEST(Child, EnvironmentIsOursAndMore) {
  ::setenv("TWINLINE_TEST_OURS", "ours", 1);
  const Finished finished = run(
      {.argv = {"sh", "-c", "echo $TWINLINE_TEST_OURS $ADDED"}, .environment = {{"ADDED", "a b"}}},
      Seconds(20));
  EXPECT_EQ(finished.out, "ours a b\n");
}

TEST(Child, RunsInItsFolder) {
  const TemporaryFolder folder("process");
  EXPECT_EQ(run({.argv = {"pwd", "-P"}, .folder = folder.path()}, Seconds(20)).out,
            std::filesystem::canonical(folder.path()).string() + "\n");
  EXPECT_THAT(message_of([] { Child child({.argv = {"true"}, .folder = "/nonexistent/folder"}); }),
              HasSubstr("true: folder /nonexistent/folder: No such file"));
}

TEST(Child, IsNicer) {
  const auto niceness = [](int by) {
    return std::stoi(run({.argv = {"nice"}, .niceness = by}, Seconds(20)).out);
  };
  EXPECT_EQ(niceness(5), std::min(19, niceness(0) + 5));
}

TEST(Child, WithoutAProgramSaysWhich) {
  EXPECT_EQ(message_of([] { Child child({.argv = {"no-such-program-here"}}); }),
            "no-such-program-here: not found");
  EXPECT_EQ(message_of([] { Child child({.argv = {"/no/such\nprogram"}}); }),
            "/no/such\\x0aprogram: not found");
}

TEST(Child, ThatCannotBeRunSaysWhy) {
  const TemporaryFolder folder("process");
  create_file(folder.path() + "/data", "not a program");
  EXPECT_THAT(message_of([&] { Child child({.argv = {folder.path() + "/data"}}); }),
              HasSubstr("can't be run: Permission denied"));
  ASSERT_EQ(::chmod((folder.path() + "/data").c_str(), 0700), 0);
  EXPECT_THAT(message_of([&] { Child child({.argv = {folder.path() + "/data"}}); }),
              HasSubstr("can't be run: Exec format error"));
}

TEST(Child, FindsItsProgramInTheGivenPath) {
  const TemporaryFolder folder("process");
  create_file(folder.path() + "/greet", "#!/bin/sh\necho hello\n");
  ASSERT_EQ(::chmod((folder.path() + "/greet").c_str(), 0700), 0);
  const Launch launch{.argv = {"greet"}, .environment = {{"PATH", folder.path()}}};
  EXPECT_EQ(run(launch, Seconds(20)).out, "hello\n");
}

TEST(Child, ThatWritesMuchBeforeItReadsDoesNotDeadlock) {
  const std::string input(3'000'000, 'i');
  const Finished finished = run(
      {.argv = {"sh", "-c", "head -c 10000000 /dev/zero; head -c 1000000 /dev/zero >&2; wc -c"}},
      Seconds(60), input);
  EXPECT_EQ(finished.ending.status, 0);
  EXPECT_EQ(finished.out.substr(0, 10'000'000), std::string(10'000'000, '\0'));
  EXPECT_EQ(trim(finished.out.substr(10'000'000)), "3000000");
  EXPECT_EQ(finished.error.size(), 1'000'000U);
}

TEST(Child, MayLeaveItsInputUnread) {
  const Finished finished = run({.argv = {"true"}}, Seconds(20), std::string(5'000'000, 'x'));
  EXPECT_EQ(finished.ending.status, 0);
}

TEST(Child, DialogueGoesBothWays) {
  Child child({.argv = {"cat"}});
  for (const std::string word : {"one\n", "two\n"}) {
    child.write(word, Seconds(20));
    const auto chunk = child.read(Seconds(20));
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->bytes, word);
  }
  EXPECT_TRUE(child.running());
  child.close_input();
  EXPECT_FALSE(child.read(Seconds(20)));
  EXPECT_FALSE(child.timed_out());
  EXPECT_EQ(child.wait(Seconds(20)).status, 0);
  EXPECT_FALSE(child.running());
}

TEST(Child, ReadSaysWhenTheTimeIsOver) {
  Child child({.argv = {"cat"}});
  EXPECT_FALSE(child.read(Seconds(0.01)));
  EXPECT_TRUE(child.timed_out());
}

TEST(Child, ThatHasGoneIsAnErrorToWriteTo) {
  Child child({.argv = {"sh", "-c", "exec <&-; echo 'ERROR: bad \033[31mcommand' >&2; exit 3"}});
  const std::string message = message_of([&] {
    for (;;) child.write(std::string(100'000, 'x'), Seconds(20));
  });
  EXPECT_THAT(message, HasSubstr("sh: has gone; it said: ERROR: bad \\x1b[31mcommand"));
  EXPECT_EQ(child.wait(Seconds(20)).status, 3);
}

TEST(Child, ThatDoesNotReadRunsIntoTheDeadline) {
  Child child({.argv = {"sleep", "1000"}});
  EXPECT_THAT(message_of([&] { child.write(std::string(1'000'000, 'x'), Seconds(0.05)); }),
              HasSubstr("does not read its input"));
}

TEST(Child, SigpipeStaysAsItWas) {
  (void)run({.argv = {"true"}}, Seconds(20), std::string(5'000'000, 'x'));
  struct sigaction now = {};
  sigaction(SIGPIPE, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL);
  sigset_t pending, mask;
  sigpending(&pending);
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_FALSE(sigismember(&pending, SIGPIPE));
  EXPECT_FALSE(sigismember(&mask, SIGPIPE));
}

TEST(Child, ThatHangsIsKilledAtTheDeadline) {
  EXPECT_THAT(message_of([] {
                (void)run({.argv = {"sh", "-c", "echo begun; sleep 1000"}}, Seconds(0.2));
              }),
              HasSubstr("sh: ran past 0.2 s and was killed; it said: begun"));
  Child child({.argv = {"sleep", "1000"}});
  const Ending ending = child.wait(Seconds(0.05));
  EXPECT_TRUE(ending.timed_out);
  EXPECT_EQ(ending.signal, SIGKILL);
  EXPECT_EQ(ending.status, 128 + SIGKILL);
}

TEST(Child, CrashKeepsTheLastLines) {
  const Finished finished =
      run({.argv = {"sh", "-c", "seq 100; echo last >&2; kill -SEGV $$"}}, Seconds(20));
  EXPECT_EQ(finished.ending.signal, SIGSEGV);
  EXPECT_EQ(finished.ending.status, 128 + SIGSEGV);
  EXPECT_FALSE(finished.ending.timed_out);
  EXPECT_THAT(finished.ending.last_lines, HasSubstr("99 | 100 | last"));
  EXPECT_THAT(finished.ending.last_lines, Not(HasSubstr("50")));
}

TEST(Child, StopAsksFirstAndThenKills) {
  Child polite({.argv = {"sleep", "1000"}});
  EXPECT_EQ(polite.stop(Seconds(20)).signal, SIGTERM);
  Child deaf({.argv = {"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1000; done"}});
  ASSERT_TRUE(deaf.read(Seconds(20)));
  EXPECT_EQ(deaf.stop(Seconds(0.1)).signal, SIGKILL);
}

TEST(Child, ExtraPipeIsAChannelOfItsOwn) {
  Child child(
      {.argv = {"sh", "-c",
                "echo data > /dev/fd/{extra}; echo again > /dev/fd/$TWINLINE_EXTRA_FD; echo text"},
       .extra_pipe = true});
  std::string extra, out;
  while (const auto chunk = child.read(Seconds(20)))
    (chunk->channel == Channel::extra ? extra : out) += chunk->bytes;
  EXPECT_EQ(extra, "data\nagain\n");
  EXPECT_EQ(out, "text\n");
}

TEST(Child, InheritsNothingElse) {
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int leaky = ::fcntl(null, F_DUPFD, 200);  // not close-on-exec; a number that no shell uses
  ASSERT_GE(leaky, 200);
  Child child({.argv = {"sh", "-c", "ls /proc/$$/fd | tr '\\n' ' '"}, .extra_pipe = true});
  const std::string numbers = " " + read_all(child, Channel::out);
  EXPECT_THAT(numbers, Not(HasSubstr(" " + std::to_string(leaky) + " ")));
  ::close(leaky);
  ::close(null);
}

TEST(Child, DestructorLeavesNoOrphan) {
  std::string pids;
  {
    Child child({.argv = {"sh", "-c", "sleep 1000 & echo $! $$; wait"}});
    const auto chunk = child.read(Seconds(20));
    ASSERT_TRUE(chunk);
    pids = chunk->bytes;
  }
  for (const auto word : words(trim(pids)))
    EXPECT_TRUE(comes_to_its_end(static_cast<int>(parse_integer(word).value()))) << word;
}

TEST(Child, LeavesNoGrandchildBehindAfterItsEnd) {
  const Finished finished = run({.argv = {"sh", "-c", "sleep 1000 & echo $!"}}, Seconds(20));
  EXPECT_TRUE(comes_to_its_end(std::stoi(finished.out)));
}

TEST(Child, DiesWithAKilledParent) {
  int numbers[2];
  ASSERT_EQ(pipe(numbers), 0);
  const pid_t parent = fork();
  if (parent == 0) {
    Child child({.argv = {"sleep", "1000"}});
    const int pid = child.pid();
    if (::write(numbers[1], &pid, sizeof pid) != sizeof pid) _exit(1);
    ::kill(getpid(), SIGKILL);
  }
  int pid = 0;
  ASSERT_EQ(::read(numbers[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
  waitpid(parent, nullptr, 0);
  ::close(numbers[0]);
  ::close(numbers[1]);
  EXPECT_TRUE(comes_to_its_end(pid));
}

TEST(Child, MovesAndStaysAlive) {
  Child first({.argv = {"cat"}});
  Child moved(std::move(first));
  Child third({.argv = {"sleep", "1000"}});
  const int replaced = third.pid();
  third = std::move(moved);
  EXPECT_TRUE(comes_to_its_end(replaced));
  third.write("here\n", Seconds(20));
  EXPECT_EQ(third.read(Seconds(20))->bytes, "here\n");
}

TEST(Child, CountsItsProcessorTime) {
  Child child(
      {.argv = {"sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo; cat"}});
  ASSERT_TRUE(child.read(Seconds(60)));
  EXPECT_GT(child.cpu_seconds(), 0.0);
}

TEST(LineBuffer, JoinsWhatArrivesInPieces) {
  const std::string text = "first\n\nthird line\r\nlast";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    LineBuffer buffer;
    buffer.add(std::string_view(text).substr(0, cut));
    buffer.add(std::string_view(text).substr(cut));
    EXPECT_EQ(buffer.next(), "first");
    EXPECT_EQ(buffer.next(), "");
    EXPECT_EQ(buffer.next(), "third line\r");
    EXPECT_EQ(buffer.next(), std::nullopt);
    EXPECT_EQ(buffer.rest(), "last");
  }
}

}  // namespace
}  // namespace twin::process::child_test
