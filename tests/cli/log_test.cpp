// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/log.h"

#include <gtest/gtest.h>

#include <functional>

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

}  // namespace
