// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that were cut short go on from --checkpoint, whatever was left there; the real lmp.
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <random>
#include <sstream>

#include "core/text.h"
#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_checkpoint_test {
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

/// 108 atoms of copper.
std::string crystal(int frames, double temperature = 300) {
  return "format: twin-model/1\nname: cut\nstructure: {lattice: fcc, element: Cu, a: 3.62 Å, "
         "supercell: [3, 3, 3]}\npotential: Cu_mishin1\nensemble: {nvt: {temperature: " +
         shortest(temperature) +
         " K}}\nrun: {replicas: 2, equilibrate: 200, produce: " + std::to_string(10 * frames) +
         ", sample_every: 10, timestep: 4 fs, friction: 0.2 ps}\nseed: 7\n";
}

struct Cut : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    put("model.yaml", crystal(frames));
  }

  /// How many frames a replica FILE counts; 0 where it is not there.
  [[nodiscard]] int produced() const {
    if (!exists("run.json")) return 0;
    const std::string text = get("run.json"), key = "\"produced\":";
    return std::stoi(text.substr(text.find(key) + key.size()));
  }

  /// Runs it, and kills it when \p enough says so. \return whether it had ended by itself
  template <typename Enough>
  bool kill_when(Enough enough) {
    Words argv = command;
    argv.front() = tools_dir() + "/" + argv.front();
    process::Child child({.argv = argv, .folder = path(""), .environment = environment()});
    const double end = monotonic_seconds() + 120;
    while (child.running() && !enough()) {
      if (monotonic_seconds() > end) ADD_FAILURE() << "it takes long: " << child.last_lines();
      if (monotonic_seconds() > end) break;
      ::usleep(5000);
    }
    const bool ended = !child.running();
    ::kill(child.pid(), SIGKILL);
    static_cast<void>(child.wait(process::Seconds(10)));
    return ended;
  }

  bool kill_at(int count) {
    return kill_when([&] { return produced() >= count; });
  }

  /// Goes on to the end: as many frames as a whole run has, in order, each once.
  record::State ended(const Said& said) {
    EXPECT_LE(said.status, 1) << said.error;
    const auto states = all<record::State>(said.out);
    EXPECT_THAT(states, SizeIs(1)) << said.error;
    for (const char* file : {"t.1.xyz", "t.2.xyz"}) {
      std::istringstream lines(get(file));
      std::vector<long> steps;
      for (std::string line; std::getline(lines, line);)
        if (const auto at = line.find("step="); at != std::string::npos)
          steps.push_back(std::stol(line.substr(at + 5)));
      EXPECT_THAT(steps, SizeIs(frames)) << file;
      for (std::size_t i = 1; i < steps.size(); ++i)
        EXPECT_EQ(steps[i] - steps[i - 1], 10) << file << ": " << i;
    }
    EXPECT_FALSE(exists("run.json"));
    EXPECT_FALSE(exists("run.json.frames"));
    return states.empty() ? record::State{} : states.front();
  }

  /// Frames a replica that the run has of one before.
  static int before(const Said& said) {
    for (const auto& event : all<record::Event>(said.out))
      if (event.what == "run-resumed")
        return static_cast<int>(*event.quantities.at("frames_before").value);
    return 0;
  }

  void expect_as_whole(const record::State& state) {
    const auto whole = all<record::State>(run({"twin-simulate", "model.yaml"}).out);
    ASSERT_THAT(whole, SizeIs(1));
    for (const char* name : {"r:Cu-Cu.1", "sigma2:Cu-Cu.1", "rmsd", "potential_energy"}) {
      const auto &one = state.quantities.at(name), &other = whole[0].quantities.at(name);
      EXPECT_NEAR(*one.value, *other.value, 4 * std::hypot(*one.sigma, *other.sigma)) << name;
      EXPECT_NEAR(*one.sigma / *other.sigma, 1, 0.5) << name;
    }
  }

  int frames = 1000;
  Words command{"twin-simulate", "--checkpoint",       "run.json", "--checkpoint-every",
                "0.05",          "--write-trajectory", "t.xyz",    "model.yaml"};
};

TEST_F(Cut, InProductionTwiceItHasTheFramesOfAWholeRun) {
  ASSERT_FALSE(kill_at(400));
  const int first = produced();
  ASSERT_FALSE(kill_at(first + 300));
  const int second = produced();
  const auto said = run(command);
  EXPECT_EQ(before(said), second);
  const record::State state = ended(said);
  EXPECT_EQ(state.start, "restart");
  EXPECT_THAT(state.warnings, IsEmpty());
  expect_as_whole(state);
}

TEST_F(Cut, AtAnyMomentItGoesOn) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> seconds(0.1, 1.2);
  frames = 2500;
  put("model.yaml", crystal(frames));
  int most = 0;
  // Not so near to its end that it would be there on its own.
  for (int i = 0; i < 12 && most < 1500; ++i) {
    const double end = monotonic_seconds() + seconds(random);
    const auto enough = [&] { return monotonic_seconds() > end || produced() > 2000; };
    ASSERT_FALSE(kill_when(enough));
    EXPECT_GE(produced(), most) << "what was there is not lost";
    most = produced();
  }
  const auto said = run(command);
  EXPECT_EQ(before(said), most);
  expect_as_whole(ended(said));
}

TEST_F(Cut, OfDamagedFramesTheWholeOnesCount) {
  ASSERT_FALSE(kill_at(300));
  const std::string whole = get("run.json.frames"), name = get("run.json");
  const int all = produced();
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 16);
  for (const std::string& damaged :
       {whole.substr(0, whole.size() / 3), flipped, std::string(), whole.substr(1)}) {
    put("run.json", name);
    put("run.json.frames", damaged);
    const auto said = run(command);
    EXPECT_THAT(said.error, HasSubstr("run.json.frames: of " + std::to_string(all)));
    const int kept = before(said);
    EXPECT_LT(kept, all);
    if (damaged.size() * 3 >= whole.size() - 3 && damaged[0] == whole[0]) {
      EXPECT_GT(kept, all / 4);
    } else {
      EXPECT_EQ(kept, 0);
    }
    EXPECT_EQ(ended(said).start, "restart") << "at least from the last frames";
  }
}

TEST_F(Cut, WhatWasNotCountedIsCutOff) {
  ASSERT_FALSE(kill_at(300));
  const int all = produced();
  put("run.json.frames", get("run.json.frames") + std::string(5000, 'x'));
  const auto said = run(command);
  EXPECT_EQ(before(said), all);
  EXPECT_THAT(said.error, Not(HasSubstr("whole")));
  ended(said);
}

TEST_F(Cut, AFileThatIsNoneIsSaid) {
  ASSERT_FALSE(kill_at(1));
  const std::string good = get("run.json");
  std::string digit = good;
  digit[good.find("\"theta\":") - 2] ^= 1;
  for (const std::string& bad :
       {good.substr(0, good.size() / 2), digit, std::string(), std::string("{}\n"),
        std::string("[1,2]\n"), std::string(64, '\0')}) {
    put("run.json", bad);
    const auto said = run(command);
    EXPECT_EQ(said.status, 65) << bad.substr(0, 80);
    EXPECT_THAT(said.error, HasSubstr("run.json"));
    EXPECT_THAT(said.error, HasSubstr("Without the file the run begins anew"));
    EXPECT_EQ(get("run.json"), bad) << "it is left as it is";
  }
}

TEST_F(Cut, AnotherTargetDoesNotTakeItsFrames) {
  ASSERT_FALSE(kill_at(200));
  put("model.yaml", crystal(frames, 320));
  const auto said = run(command);
  EXPECT_EQ(before(said), 0);
  EXPECT_EQ(ended(said).start, "restart") << "but begins at its last ones";
}

TEST_F(Cut, OnAFullDiskTheRunGoesOn) {
  // SIGXFSZ ignored, a write beyond the limit fails as on a full disk. Blocks of 1 kB.
  const auto said = bash(
      "trap '' XFSZ; ulimit -f 1000; twin-simulate --checkpoint run.json --checkpoint-every 0.05 "
      "model.yaml");
  EXPECT_LE(said.status, 1) << said.error;
  EXPECT_THAT(said.error, HasSubstr("run.json.frames: File too large: what is run from here on"));
  EXPECT_THAT(all<record::State>(said.out), SizeIs(1));
  EXPECT_FALSE(exists("run.json.frames"));
}

}  // namespace

}  // namespace simulate_checkpoint_test
