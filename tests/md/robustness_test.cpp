// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/error.h"
#include "core/file.h"
#include "md/copper.h"
#include "md/simulate.h"

namespace twin::md {
namespace {

using ::testing::HasSubstr;

/// An engine whose program is a script of ours.
class FakeLammps : public ::testing::Test {
 protected:
  void SetUp() override {
    model = copper_model();
    settings.patience_seconds = 30;
    model.run.equilibrate = 200;
    model.run.produce = 4000;
    if (!std::ifstream("/usr/share/lammps/potentials/Cu_mishin1.eam.alloy"))
      GTEST_SKIP() << "skipped: no lammps-data";
  }

  EngineSettings script(const std::string& text) {
    settings.program = folder.path() + "/lmp";
    create_file(settings.program, "#!/bin/sh\n" + text);
    ::chmod(settings.program.c_str(), 0700);
    return settings;
  }

  std::string message_of(const EngineSettings& wanted) {
    try {
      Engine(wanted).run(model, {}, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::unavailable);
      return error.what();
    }
    return "(nothing was thrown)";
  }

  const TemporaryFolder folder{"fake-lmp"};
  EngineSettings settings;
  record::Model model;
};

TEST_F(FakeLammps, MissingNamesThePackage) {
  settings.program = "no-such-lmp";
  EXPECT_EQ(message_of(settings), "no-such-lmp: not found; Debian package lammps has it");
}

TEST_F(FakeLammps, CrashOnEveryStartIsAnErrorWithTheLastLines) {
  const std::string message = message_of(
      script("echo start >> " + folder.path() + "/starts; echo 'ERROR: on purpose'; exit 1"));
  EXPECT_THAT(message, HasSubstr("ended with status 1; it said: ERROR: on purpose"));
  EXPECT_THAT(message, HasSubstr("the second crash of replica "));
}

TEST_F(FakeLammps, SilenceIsKilledAtTheDeadline) {
  settings.patience_seconds = 0.3;
  settings.seconds_per_atom_step = 0;
  EXPECT_THAT(message_of(script("echo starting; exec sleep 1000")),
              HasSubstr("not done after 0.3 s, killed; it said: starting"));
}

TEST_F(FakeLammps, NonsenseIsRefused) {
  script("echo 'TWIN10 nan 1 2'; exec cat");
  EXPECT_THROW(Engine(settings).run(model, {}, {}), Error);
}

TEST_F(FakeLammps, OneCrashIsMendedFromTheStartOfTheStage) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  // The first worker of all dies of a bad command at the beginning of its second stage, after the
  // frames of the first have been handed out.
  const std::string flag = folder.path() + "/once";
  script("if mkdir " + flag + " 2>/dev/null; then\n" +
         "  while IFS= read -r line; do echo \"$line\"\n" +
         "    case $line in write_restart*) echo no_such_command;; esac\n" +
         "  done | exec lmp \"$@\"\nelse exec lmp \"$@\"; fi\n");
  Engine engine(settings);
  int frames = 0;
  const Outcome outcome = engine.run(model, [&](const Sample&) { ++frames; }, {});
  EXPECT_EQ(frames, 800);
  ASSERT_EQ(outcome.warnings.size(), 1U);
  EXPECT_THAT(outcome.warnings[0], HasSubstr("begun again after a crash"));
  EXPECT_THAT(outcome.warnings[0], HasSubstr("Unknown command: no_such_command"));
  EXPECT_NEAR(*outcome.quantities.at("sigma2:Cu-Cu.1").value, 0.0074, 0.0004);
}

TEST_F(FakeLammps, CrashInTheMiddleOfProductionHandsNoFrameOutTwice) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  // The first worker stops with an error at the first check after step 1200 of its trajectory.
  const std::string flag = folder.path() + "/once";
  script("if mkdir " + flag + " 2>/dev/null; then\n" + "  while IFS= read -r line; do\n" +
         "    case $line in fix\\ thermostat*) echo 'variable late equal step>1200'\n" +
         "      echo 'fix stop all halt 5 v_late > 0 error hard';; esac\n" +
         "    echo \"$line\"\n  done | exec lmp \"$@\"\nelse exec lmp \"$@\"; fi\n");
  model.run.produce = 2000;
  Engine engine(settings);
  std::vector<int> frames(2, 0);
  const Outcome outcome = engine.run(
      model, [&](const Sample& sample) { ++frames[static_cast<std::size_t>(sample.replica)]; }, {});
  EXPECT_EQ(frames, (std::vector<int>{200, 200}));
  ASSERT_EQ(outcome.warnings.size(), 1U);
  EXPECT_THAT(outcome.warnings[0], HasSubstr("begun again after a crash"));
}

}  // namespace
}  // namespace twin::md
