// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "md/copper.h"
#include "md/simulate.h"

namespace twin::md::robustness_test {
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

  std::string message_of(const EngineSettings& wanted, Cause cause = Cause::unavailable) {
    try {
      Engine(wanted).run(model, {}, {});
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), cause);
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

TEST_F(FakeLammps, SilenceIsKilled) {
  settings.patience_seconds = 0.3;
  settings.seconds_per_atom_step = 0;
  EXPECT_THAT(message_of(script("echo starting; exec sleep 1000")),
              HasSubstr("silent for 0.3 s, killed; it said: starting"));
}

TEST_F(FakeLammps, OneThatIsStoppedIsKilled) {
  settings.patience_seconds = 0.3;
  settings.seconds_per_atom_step = 0;
  model.run.replicas = 1;
  const std::string pid = folder.path() + "/pid";
  EXPECT_THAT(message_of(script("echo $$ > " + pid + "; echo starting; kill -STOP $$")),
              HasSubstr("silent for 0.3 s, killed; it said: starting"));
  EXPECT_EQ(::kill(std::stoi(read_file(pid)), 0), -1);
}

TEST_F(FakeLammps, ASlowOneThatGoesOnIsNotKilled) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  // 120 samples, a tenth of a second each: twice its patience.
  script("lmp \"$@\" | while IFS= read -r line; do echo \"$line\"; sleep 0.1; done");
  settings.patience_seconds = 6;
  settings.seconds_per_atom_step = 0;
  model.run.replicas = 1;
  model.run.produce = 1000;
  const Outcome outcome = Engine(settings).run(model, {}, {});
  EXPECT_EQ(outcome.warnings, std::vector<std::string>{});
  EXPECT_NEAR(*outcome.quantities.at("sigma2:Cu-Cu.1").value, 0.0074, 0.001);
}

TEST_F(FakeLammps, NonsenseIsRefused) {
  EXPECT_THAT(message_of(script("echo 'TWIN10 much 1 2'; exec cat"), Cause::data),
              HasSubstr("expected step, temperature, energy, virial"));
}

TEST_F(FakeLammps, AnExplosionIsNamedAndNotBegunAgain) {
  const std::string starts = folder.path() + "/starts";
  model.run.replicas = 1;
  for (const auto& [says, named] :
       {std::pair{"TWIN10 nan 1 2", "lmp: the temperature is nan at step 10: the run exploded"},
        {"TWIN10 300 -inf 2", "lmp: the potential energy is -inf at step 10: the run exploded"},
        {"ERROR: Lost atoms: original 256 current 4 (src/thermo.cpp:439)",
         "lmp: atoms were lost: 4 of 256 remain after step 0: the run exploded"},
        {"ERROR on proc 0: Out of range atoms - cannot compute PPPM",
         "Out of range atoms - cannot compute PPPM, after step 0: the run exploded"}}) {
    EXPECT_THAT(message_of(script("echo start >> " + starts + "; echo '" + std::string(says) +
                                  "'; exec cat"),
                           Cause::configuration),
                HasSubstr(named));
    EXPECT_EQ(read_file(starts), "start\n");
    std::remove(starts.c_str());
    std::remove(settings.program.c_str());
  }
}

TEST_F(FakeLammps, AnEngineGoesOnAfterAnExplosion) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  model.potentials = {"Cu_zhou"};
  model.structure.supercell = {3, 3, 3};
  model.run.produce = 1000;
  const record::Model good = model;
  model.structure.a = 2.4;  // two thirds of what it should be, in steps that are too long for it
  model.run.timestep_fs = 10;
  Engine engine(settings);
  try {
    static_cast<void>(engine.run(model, {}, {}));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), HasSubstr("atoms were lost: "));
    EXPECT_THAT(error.what(), HasSubstr(" of 108 remain after step "));
  }
  EXPECT_NEAR(*engine.run(good, {}, {}).quantities.at("r:Cu-Cu.1").value, 2.56, 0.02);
}

/// $LAMMPS_POTENTIALS for as long as it lives.
class OwnPotentials {
 public:
  explicit OwnPotentials(const std::string& folder) {
    if (const char* old = std::getenv("LAMMPS_POTENTIALS")) before_ = old;
    ::setenv("LAMMPS_POTENTIALS", folder.c_str(), 1);
  }
  ~OwnPotentials() {
    if (before_)
      ::setenv("LAMMPS_POTENTIALS", before_->c_str(), 1);
    else
      ::unsetenv("LAMMPS_POTENTIALS");
  }
  OwnPotentials(const OwnPotentials&) = delete;
  OwnPotentials& operator=(const OwnPotentials&) = delete;

 private:
  std::optional<std::string> before_;
};

TEST_F(FakeLammps, AnOwnPotentialFileOfASystemNameIsTheOneThatCounts) {
  if (process::find_program("lmp").empty()) GTEST_SKIP() << "skipped: no lmp";
  const OwnPotentials own(folder.path());
  const std::string name = "Cu_mishin1.eam.alloy", path = folder.path() + "/" + name;
  const std::string good = read_file("/usr/share/lammps/potentials/" + name);
  const auto said_of = [&](const std::string& content) {
    std::remove(path.c_str());
    create_file(path, content);
    return message_of(settings, Cause::data);
  };
  EXPECT_EQ(said_of(""), path + ": empty; expected an embedded-atom potential of Cu");
  EXPECT_THAT(said_of(good.substr(0, good.size() / 2)), HasSubstr(": it is truncated"));
  std::string other = good;
  other.replace(other.find("1 Cu"), 4, "1 Ni");
  EXPECT_EQ(said_of(other), path + ":4: it is of Ni; expected Cu");
  // A whole file of that name that is not the system's: Zhou's lattice is softer by a fifth.
  std::remove(path.c_str());
  create_file(path, read_file("/usr/share/lammps/potentials/Cu_zhou.eam.alloy"));
  model.run.produce = 2000;
  const double own_file =
      *Engine(settings).run(model, {}, {}).quantities.at("potential_energy").value;
  std::remove(path.c_str());
  create_file(path, good);
  const double same = *Engine(settings).run(model, {}, {}).quantities.at("potential_energy").value;
  EXPECT_GT(std::abs(own_file - same), 1e-4);
  EXPECT_GT(same, own_file - 1);
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
}  // namespace twin::md::robustness_test
