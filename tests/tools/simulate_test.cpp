// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdio>

#include "core/text.h"
#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace simulate_test {
using ::testing::HasSubstr;

namespace {

struct TwinSimulate : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
    put("model.yaml", model());
  }

  // What answers a serve protocol line by line.
  process::Child serve() {
    return process::Child({.argv = {tools_dir() + "/twin-simulate", "--serve"},
                           .folder = path(""),
                           .environment = environment()});
  }

  std::string request(const std::string& id) {
    put("one.yaml", model());
    record::ModelRecord record =
        all<record::ModelRecord>(run({"twin-simulate", "one.yaml"}).out).at(0);
    record.header.request = id;
    return line(record);
  }

  // Waits until nothing of this test runs any more; false when something stays.
  bool alone() const {
    const double end = monotonic_seconds() + 10;
    while (monotonic_seconds() < end) {
      if (left_behind().empty()) return true;
      ::usleep(20000);
    }
    return false;
  }
};

TEST_F(TwinSimulate, PrintsTheModelAndItsState) {
  const auto said = run({"twin-simulate", "model.yaml"});
  EXPECT_LE(said.status, 1) << said.error;
  const auto models = all<record::ModelRecord>(said.out);
  const auto states = all<record::State>(said.out);
  ASSERT_EQ(models.size(), 1U);
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].model, models[0].header.id);
  EXPECT_EQ(states[0].potential, "Cu_zhou");
  EXPECT_EQ(states[0].equilibrated, said.status == 0);
  if (said.status == 1) {
    EXPECT_THAT(said.error, HasSubstr("not at equilibrium"));
  }
  // Nearest neighbours of fcc, a/√2, moved outwards by the motion across the bond; Zhou's potential
  // is soft: 0.3 %.
  EXPECT_NEAR(*states[0].quantities.at("r:Cu-Cu.1").value, 3.63 / std::sqrt(2.0), 0.008);
  ASSERT_EQ(states[0].simulated.size(), 1U);
  EXPECT_TRUE(states[0].simulated[0].arrays.contains("chi_without_block"));
  EXPECT_TRUE(alone());
}

TEST_F(TwinSimulate, OneSeedGivesOneState) {
  const auto id = [&](const std::string& seed) {
    const auto said = run({"twin-simulate", "model.yaml", "--seed", seed});
    return all<record::State>(said.out).at(0).header.id;
  };
  const auto first = id("1");
  EXPECT_EQ(id("1"), first);
  EXPECT_NE(id("2"), first);
}

TEST_F(TwinSimulate, WithoutLammpsItNamesThePackage) {
  put_program("feff6l", "#!/bin/sh\nexec " + process::find_program("feff6l") + "\n");
  put_program("stdbuf", "#!/bin/sh\nexit 1\n");
  const auto said =
      run({"twin-simulate", "model.yaml"}, {}, {{"PATH", path("bin") + ":/bin/none"}});
  EXPECT_EQ(said.status, 69) << said.error;
  EXPECT_THAT(said.error, HasSubstr("Debian package lammps"));
  EXPECT_EQ(all<record::Failure>(said.out).at(0).cause, 69);
}

TEST_F(TwinSimulate, LastWordsOfACrashAreTold) {
  put_program("lmp",
              "#!/bin/sh\necho LAMMPS pretends\necho 'ERROR: the moon is full' >&2\nexit 3\n");
  const auto said = run({"twin-simulate", "model.yaml"}, {}, {{"PATH", path_with_ours()}});
  EXPECT_EQ(said.status, 69) << said.error;
  EXPECT_THAT(said.error, HasSubstr("the moon is full"));
  EXPECT_THAT(said.error, HasSubstr("lmp"));
  EXPECT_TRUE(alone());
}

TEST_F(TwinSimulate, AHangingEngineLeavesNoOrphanWhenItIsGivenUp) {
  // Asked to end, it kills the group; killed, the kernel kills the child, though not its children.
  for (const int signal : {SIGTERM, SIGKILL}) {
    put_program("lmp", "#!/bin/sh\necho started > " + path("started") +
                           (signal == SIGTERM ? "\nsleep 1000 & wait\n" : "\nexec sleep 1000\n"));
    process::Child child({.argv = {tools_dir() + "/twin-simulate", "model.yaml"},
                          .folder = path(""),
                          .environment = [&] {
                            auto out = environment();
                            out["PATH"] = path_with_ours();
                            return out;
                          }()});
    while (!exists("started") && child.running()) ::usleep(10000);
    ::kill(child.pid(), signal);
    const auto ending = child.wait(process::Seconds(10));
    EXPECT_FALSE(ending.timed_out) << signal;
    EXPECT_EQ(ending.status, 128 + signal);
    std::remove(path("started").c_str());
    if (signal == SIGTERM) {
      EXPECT_TRUE(alone());
    }
  }
  EXPECT_TRUE(alone());
}

TEST_F(TwinSimulate, AModelCannotBringCommandsOfTheEngine) {
  for (const std::string evil :
       {"script: in.lammps", "shell: touch owned", "run_before: 'shell id'"}) {
    put("evil.yaml", model() + evil + "\n");
    const auto said = run({"twin-simulate", "evil.yaml"});
    EXPECT_EQ(said.status, 78) << evil;
    EXPECT_THAT(said.error, HasSubstr("evil.yaml:16: "));
  }
  for (const std::string name :
       {"\"cu\\nshell touch owned\"", "\"cu\\e[2J\"", "'$(touch owned)'"}) {
    auto text = model();
    text.replace(text.find("name: copper"), 12, "name: " + name);
    put("evil.yaml", text);
    EXPECT_EQ(run({"twin-simulate", "evil.yaml"}).status, 78) << name;
  }
  auto text = model();
  text.replace(text.find("potential: Cu_zhou"), 18, "potential: \"Cu_zhou\\nshell touch owned\"");
  put("evil.yaml", text);
  EXPECT_EQ(run({"twin-simulate", "evil.yaml"}).status, 78);
  EXPECT_FALSE(exists("owned"));
}

TEST_F(TwinSimulate, ServesOneRequestAfterTheOther) {
  const auto said =
      run({"twin-simulate", "--serve"}, "not a record\n" + request("a") + request("b"));
  // The end of the input gives up what runs: ask without ending it.
  EXPECT_EQ(all<record::Failure>(said.out).at(0).header.request, "");
  const auto refused =
      run({"twin-simulate", "--serve"},
          R"({"schema":"twin-stream/1","kind":"model","request":"9","model":{"bad":1}})"
          "\n");
  EXPECT_EQ(all<record::Failure>(refused.out).at(0).header.request, "9");
  auto child = serve();
  child.write(request("first") + request("second"), process::Seconds(5));
  process::LineBuffer lines;
  std::vector<std::string> answered;
  const double end = monotonic_seconds() + 30;
  while (answered.size() < 2 && monotonic_seconds() < end) {
    const auto chunk = child.read(process::Seconds(1));
    if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
    while (const auto one = lines.next())
      for (const auto& state : all<record::State>(*one)) answered.push_back(state.header.request);
  }
  EXPECT_EQ(answered, (std::vector<std::string>{"first", "second"}));
  child.close_input();
  EXPECT_EQ(child.wait(process::Seconds(5)).status, 0);
}

TEST_F(TwinSimulate, ACancelledRequestIsAnsweredByAFailure) {
  auto long_model = model();
  long_model.replace(long_model.find("produce: 400"), 12, "produce: 4000000");
  put("long.yaml", long_model);
  record::ModelRecord record =
      all<record::ModelRecord>(run({"twin-simulate", "model.yaml"}).out).at(0);
  record.header.request = "long";
  record.model.run.produce = 4000000;
  record::Cancel cancel;
  cancel.header.request = "long";
  auto child = serve();
  child.write(line(record), process::Seconds(5));
  process::LineBuffer lines;
  std::string answer;
  bool cancelled = false;
  const double end = monotonic_seconds() + 30;
  while (answer.empty() && monotonic_seconds() < end) {
    const auto chunk = child.read(process::Seconds(1));
    if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
    while (const auto one = lines.next()) {
      if (!cancelled && !all<record::Progress>(*one).empty())
        child.write(line(cancel), process::Seconds(5)), cancelled = true;
      for (const auto& failure : all<record::Failure>(*one))
        answer = failure.header.request + ": " + failure.what;
    }
  }
  EXPECT_EQ(answer, "long: cancelled");
  // The end of the input ends it, also in the midst of a request.
  child.write(line(record), process::Seconds(5));
  child.close_input();
  EXPECT_FALSE(child.wait(process::Seconds(5)).timed_out);
  EXPECT_TRUE(alone());
}

TEST_F(TwinSimulate, ItsSpectrumIsOneThatTwinAcquireReads) {
  const auto said = run({"twin-simulate", "model.yaml", "--spectrum", "made.xdi"});
  EXPECT_LE(said.status, 1) << said.error;
  const auto acquired = run({"twin-acquire", "made.xdi"});
  EXPECT_EQ(acquired.status, 0) << acquired.error;
  const auto m = all<record::Measurement>(acquired.out).at(0);
  EXPECT_EQ(m.edge, "Cu K");
  EXPECT_THAT(m.context.sample, HasSubstr("not measured"));
}

}  // namespace

}  // namespace simulate_test
