// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <string>

namespace log_test {

namespace cli = twin::cli;

namespace {

std::string said(cli::Level level, const std::function<void()>& work) {
  testing::internal::CaptureStderr();
  cli::start_log("twin-x", level);
  work();
  return testing::internal::GetCapturedStderr();
}

void everything() {
  cli::error("e");
  cli::warning("w");
  cli::note("n");
  cli::detail("d");
}

TEST(Log, SaysWhatTheLevelAsksFor) {
  EXPECT_EQ(said(cli::Level::quiet, everything), "twin-x: error: e\ntwin-x: warning: w\n");
  EXPECT_EQ(said(cli::Level::normal, everything),
            "twin-x: error: e\ntwin-x: warning: w\ntwin-x: n\n");
  EXPECT_EQ(said(cli::Level::verbose, everything),
            "twin-x: error: e\ntwin-x: warning: w\ntwin-x: n\ntwin-x: d\n");
}

TEST(Log, StripsControlBytesAndTakesBracesLiterally) {
  const auto text = said(cli::Level::normal, [] { cli::error("a\x1b[2Jb\n{} %s %v"); });
  EXPECT_EQ(text, "twin-x: error: a\\x1b[2Jb\\x0a{} %s %v\n");
}

TEST(Log, ProgressIsSilentWhereStderrIsNoTerminal) {
  EXPECT_EQ(said(cli::Level::normal,
                 [] {
                   cli::progress("half done");
                   cli::end_progress();
                 }),
            "");
}

/// What a terminal that is stderr of a child receives. "" where there are no pseudo terminals.
std::string shown_on_terminal(const char* term, cli::Level level,
                              const std::function<void()>& work) {
  const int mine = posix_openpt(O_RDWR | O_NOCTTY);
  if (mine < 0 || grantpt(mine) != 0 || unlockpt(mine) != 0) return "";
  const int theirs = open(ptsname(mine), O_RDWR | O_NOCTTY);
  if (theirs < 0) return "";
  const pid_t child = fork();
  if (child == 0) {
    dup2(theirs, STDERR_FILENO);
    setenv("TERM", term, 1);
    cli::start_log("twin-x", level);
    work();
    cli::end_progress();
    cli::note("done");
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  // The terminal keeps what was written, but brings it over in its own time.
  std::string text;
  char buffer[4096];
  for (pollfd ready{mine, POLLIN, 0}; poll(&ready, 1, 200) > 0;) {
    const auto count = read(mine, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  close(theirs);
  close(mine);
  return text;
}

void much_progress() {
  for (int i = 0; i < 100; ++i) cli::progress("step " + std::to_string(i) + "\x1b");
  cli::warning("w");
}

TEST(Log, ProgressIsOneLineAtFourHertzAndIsWiped) {
  const auto text = shown_on_terminal("xterm", cli::Level::normal, much_progress);
  if (text.empty()) GTEST_SKIP() << "skipped: no pseudo terminal";
  EXPECT_EQ(text, "\rtwin-x: step 0\\x1b\x1b[K\r\x1b[Ktwin-x: warning: w\r\ntwin-x: done\r\n");
}

TEST(Log, ProgressIsNotForDumbTerminalsNorTheQuiet) {
  const auto dumb = shown_on_terminal("dumb", cli::Level::normal, much_progress);
  if (dumb.empty()) GTEST_SKIP() << "skipped: no pseudo terminal";
  EXPECT_EQ(dumb, "twin-x: warning: w\r\ntwin-x: done\r\n");
  EXPECT_EQ(shown_on_terminal("xterm", cli::Level::quiet, much_progress), "twin-x: warning: w\r\n");
}

TEST(Log, ProgressNeverWraps) {
  const auto text =
      shown_on_terminal("xterm", cli::Level::normal, [] { cli::progress(std::string(300, 'a')); });
  if (text.empty()) GTEST_SKIP() << "skipped: no pseudo terminal";
  EXPECT_EQ(text.find("\x1b[K"), 1u + 79u);  // 80 columns where the terminal does not say
}

}  // namespace

}  // namespace log_test
