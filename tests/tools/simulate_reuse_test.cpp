// SPDX-License-Identifier: GPL-3.0-or-later
// A server's answers to models near one another: what is reused, and that it says so.
#include <gmock/gmock.h>

#include <cmath>

#include "core/time.h"
#include "places.h"
#include "process/child.h"
#include "tools/tool.h"

using namespace twin;
using namespace tools;

namespace simulate_reuse_test {

namespace {

struct Served : Tools {
  void SetUp() override {
    SKIP_WITHOUT("lmp");
    SKIP_WITHOUT("feff6l");
  }

  // The states of some models, asked one after the other of one server.
  std::vector<record::State> ask(Words options, const std::vector<record::Model>& models) {
    Words argv{tools_dir() + "/twin-simulate", "--serve"};
    argv.insert(argv.end(), options.begin(), options.end());
    process::Child child({.argv = argv, .folder = path(""), .environment = environment()});
    for (std::size_t i = 0; i < models.size(); ++i) {
      record::ModelRecord record;
      record.model = models[i];
      record.header.request = std::to_string(i);
      child.write(line(record), process::Seconds(5));
    }
    process::LineBuffer lines;
    std::vector<record::State> out;
    const double end = monotonic_seconds() + 240;
    while (out.size() < models.size() && monotonic_seconds() < end) {
      const auto chunk = child.read(process::Seconds(1));
      if (!chunk && !child.timed_out()) break;
      if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
      while (const auto one = lines.next())
        for (auto& state : all<record::State>(*one)) out.push_back(std::move(state));
    }
    child.close_input();
    EXPECT_EQ(child.wait(process::Seconds(5)).status, 0);
    return out;
  }

  static record::Model copper(double temperature) {
    record::Model model;
    model.name = "copper";
    model.structure.element = "Cu";
    model.structure.a = 3.63;
    model.structure.supercell = {3, 3, 3};
    model.potentials = {"Cu_mishin1"};
    model.temperature = temperature;
    model.run.equilibrate = 500;
    model.absorption.edge = "Cu K";
    model.absorption.rmax = 3;
    model.absorption.legs = 2;
    return model;
  }

  static double sigma2(const record::State& state) {
    return *state.quantities.at("sigma2:Cu-Cu.1").value;
  }
};

TEST_F(Served, ANearModelIsReweightedAFarOneBegunThere) {
  const auto states = ask({}, {copper(300), copper(308), copper(450)});
  ASSERT_EQ(states.size(), 3U);
  ASSERT_TRUE(states[0].equilibrated) << states[0].missing;
  EXPECT_EQ(states[0].how, "run");
  EXPECT_EQ(states[0].start, "ideal");
  EXPECT_EQ(states[1].how, "reweighted");
  EXPECT_EQ(states[1].ensemble, states[0].ensemble);
  EXPECT_EQ(states[2].how, "run");
  EXPECT_EQ(states[2].start, "restart");
  EXPECT_NE(states[2].ensemble, states[0].ensemble);
  // σ² of a classical crystal grows with T; the two are of one trajectory, so their noise cancels.
  EXPECT_NEAR(sigma2(states[1]) / sigma2(states[0]), 308.0 / 300, 0.02);
  EXPECT_GT(sigma2(states[2]), 1.3 * sigma2(states[0]));
  // χ(k) is of the reweighted frames too: damped more.
  const auto chi = [](const record::State& state) {
    double sum = 0;
    for (const double x : state.simulated.at(0).arrays.at("chi").data) sum += x * x;
    return sum;
  };
  EXPECT_LT(chi(states[1]), chi(states[0]));
  EXPECT_GT(chi(states[1]), 0.9 * chi(states[0]));
}

TEST_F(Served, ColdReusesNothing) {
  auto model = copper(300);
  model.run.produce = 600;
  const auto states = ask({"--cold"}, {model, model});
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[1].how, "run");
  EXPECT_EQ(states[1].start, "ideal");
  EXPECT_EQ(sigma2(states[1]), sigma2(states[0]));  // the same seed, the same numbers
}

TEST_F(Served, ColdIsOfAServer) {
  EXPECT_EQ(run({"twin-simulate", "--cold", "x.yaml"}).status, 64);
}

}  // namespace

}  // namespace simulate_reuse_test
