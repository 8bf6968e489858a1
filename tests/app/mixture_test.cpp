// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/mixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/arrays.h"
#include "core/error.h"
#include "numeric/statistics.h"

using namespace twin;
using app::column;
using app::matrix;
using ::testing::HasSubstr;

namespace mixture_test {

namespace {

constexpr Eigen::Index points = 5;

record::Model model_of(double delta, double third = 0) {
  record::Model out;
  out.name = "mix";
  out.structure.element = "Cu";
  out.structure.a = 3.6;
  out.absorption.edge = "Cu K";
  out.absorption.reference_a = 3.61;
  out.seed = 5;
  out.phases = {{"delta", out.structure, delta}, {"third", out.structure, third}};
  out.phases[0].structure.a = 3.7;
  return out;
}

/// A state whose χ is \p level everywhere, with blocks about it.
record::State state_of(double level, Eigen::Index blocks, bool tangent = true) {
  record::State out;
  out.how = "run";
  out.equilibrated = true;
  out.n_eff = 100 * level;
  out.ensemble = "e" + std::to_string(level);
  out.cpu_seconds = 1;
  out.quantities["r:Cu-Cu.1"] = {level, 0.1, {}, "Å", "md-moment", {}};
  out.covariance = {{"r:Cu-Cu.1"}, {0.01}};
  out.jacobian = {{"r:Cu-Cu.1"}, {"strain"}, {level}};
  record::Measurement m;
  m.edge = "Cu K";
  m.arrays["k"] = app::inline_array(Eigen::VectorXd::LinSpaced(points, 0, 1), "1/Å");
  const Eigen::VectorXd chi = Eigen::VectorXd::Constant(points, level);
  m.arrays["chi"] = app::inline_array(chi, "");
  Eigen::MatrixXd without(blocks, points);
  for (Eigen::Index b = 0; b < blocks; ++b)
    without.row(b) = chi.transpose().array() + level * 0.01 * std::sin(1.0 + 3.0 * double(b));
  m.arrays["chi_without_block"] = app::inline_matrix(without, "");
  if (tangent) m.arrays["chi@strain"] = app::inline_array(2 * chi, "");
  out.simulated.push_back(m);
  return out;
}

double variance(const record::Measurement& m, const std::string& name) {
  return numeric::jackknife_covariance(matrix(m, name))(0, 0);
}

}  // namespace

TEST(Mixture, AddsUpWhatItsPhasesAbsorb) {
  const auto model = model_of(0.3, 0.2);
  const auto mixed = app::mixture_of(model, {state_of(1, 8), state_of(2, 8), state_of(4, 6)});
  const auto& m = mixed.simulated.at(0);
  EXPECT_NEAR(column(m, "chi")[2], 0.5 * 1 + 0.3 * 2 + 0.2 * 4, 1e-12);
  EXPECT_NEAR(column(m, "chi@strain")[2], 2 * 1.9, 1e-12);
  EXPECT_NEAR(column(m, "chi@fraction:delta")[2], 1, 1e-12);
  EXPECT_NEAR(column(m, "chi@fraction:third")[2], 3, 1e-12);
  // The variance of a sum of independent means, whatever the numbers of their blocks.
  const double expected = 0.25 * variance(m, "structure/chi_without_block") +
                          0.09 * variance(m, "delta/chi_without_block") +
                          0.04 * variance(m, "third/chi_without_block");
  EXPECT_NEAR(variance(m, "chi_without_block"), expected, 1e-9 * expected);
  EXPECT_EQ(*mixed.parameters.at("fraction:delta").value, 0.3);
  EXPECT_EQ(*mixed.quantities.at("r:Cu-Cu.1").value, 1);
  EXPECT_EQ(*mixed.quantities.at("r:Cu-Cu.1/third").value, 4);
  EXPECT_EQ(*mixed.jacobian.at("r:Cu-Cu.1/delta", "strain"), 2);
  EXPECT_EQ(*mixed.covariance.at("r:Cu-Cu.1/delta", "r:Cu-Cu.1/delta"), 0.01);
  EXPECT_EQ(*mixed.covariance.at("r:Cu-Cu.1", "r:Cu-Cu.1/delta"), 0);
  EXPECT_EQ(mixed.cpu_seconds, 3);
  EXPECT_EQ(mixed.n_eff, 100);
}

TEST(Mixture, IsMixedAnewWithoutARun) {
  auto mixed = app::mixture_of(model_of(0.3), {state_of(1, 8), state_of(2, 8), state_of(4, 8)});
  EXPECT_TRUE(app::can_be_mixed(mixed, model_of(0.9)));
  const auto other =
      app::mixture_of(model_of(0.9, 0.1), {state_of(1, 8), state_of(2, 8), state_of(4, 8)});
  app::mix(mixed, model_of(0.9, 0.1));
  EXPECT_EQ(column(mixed.simulated[0], "chi"), column(other.simulated[0], "chi"));
  EXPECT_EQ(matrix(mixed.simulated[0], "chi_without_block"),
            matrix(other.simulated[0], "chi_without_block"));
  EXPECT_EQ(*mixed.parameters.at("fraction:delta").value, 0.9);
  // A free fraction has its parameter's value.
  auto free = model_of(0.3);
  free.free.push_back({"fraction:delta", 0.5, "", 0, 1, {}, {}});
  app::mix(mixed, free);
  EXPECT_NEAR(column(mixed.simulated[0], "chi")[0], 1.5, 1e-12);
  EXPECT_FALSE(app::can_be_mixed(state_of(1, 8), free));
}

TEST(Mixture, IsAsSureAsItsPhases) {
  auto third = state_of(4, 8, false);
  third.equilibrated = false;
  third.missing = "N_eff of r is 3";
  third.warnings = {"hot"};
  const auto mixed = app::mixture_of(model_of(0.3), {state_of(1, 8), state_of(2, 8), third});
  EXPECT_FALSE(mixed.equilibrated);
  EXPECT_EQ(mixed.missing, "third: N_eff of r is 3");
  EXPECT_EQ(mixed.warnings.at(0), "third: hot");
  // A derivative that one phase does not tell is not that of the mixture.
  EXPECT_FALSE(mixed.simulated[0].arrays.contains("chi@strain"));
}

TEST(Mixture, HasRowsThatAllColumnsAreToldOf) {
  auto delta = state_of(2, 8);
  delta.jacobian = {{"r:Cu-Cu.1", "n:Cu-Cu.1"}, {"temperature"}, {1, 2}};
  const auto mixed = app::mixture_of(model_of(0.3), {state_of(1, 8), delta, state_of(4, 8)});
  EXPECT_EQ(mixed.jacobian.columns, std::vector<std::string>{"strain"});
  EXPECT_EQ(mixed.jacobian.rows, (std::vector<std::string>{"r:Cu-Cu.1", "r:Cu-Cu.1/third"}));
  EXPECT_EQ(*mixed.jacobian.at("r:Cu-Cu.1/third", "strain"), 4);
  EXPECT_EQ(*mixed.covariance.at("r:Cu-Cu.1/delta", "r:Cu-Cu.1/delta"), 0.01);
}

TEST(Mixture, TakesWhatRoundingLeavesForNothing) {
  const auto mixed =
      app::mixture_of(model_of(0.9, 0.1 + 1e-8), {state_of(1, 8), state_of(2, 8), state_of(4, 8)});
  EXPECT_NEAR(column(mixed.simulated[0], "chi")[0], 2.2, 1e-6);
}

TEST(Mixture, OfMoreThanAllIsRefused) {
  try {
    static_cast<void>(
        app::mixture_of(model_of(0.9, 0.3), {state_of(1, 8), state_of(2, 8), state_of(4, 8)}));
    FAIL() << "shares of -20 %";
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), HasSubstr("structure is -0.2"));
  }
}

TEST(Mixture, OfCurvesThatDoNotFitIsRefused) {
  const auto refused = [](const std::string& name, const record::Array& array) {
    auto state = app::mixture_of(model_of(0.3), {state_of(1, 8), state_of(2, 8), state_of(4, 8)});
    state.simulated[0].arrays[name] = array;
    try {
      app::mix(state, model_of(0.4));
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
      return std::string(error.what());
    }
    return std::string("taken");
  };
  const auto curve = [](Eigen::Index n) { return app::inline_array(Eigen::VectorXd::Ones(n), ""); };
  EXPECT_THAT(refused("delta/chi", curve(points - 1)), HasSubstr("delta/chi"));
  EXPECT_THAT(refused("structure/chi@strain", curve(points + 1)), HasSubstr("points of k"));
  for (const auto& [rows, columns] : {std::pair<Eigen::Index, Eigen::Index>{1, points}, {8, 4}})
    EXPECT_THAT(refused("third/chi_without_block",
                        app::inline_matrix(Eigen::MatrixXd::Ones(rows, columns), "")),
                HasSubstr("third/chi_without_block"));
  EXPECT_THAT(refused("third/chi_without_block", curve(points)), HasSubstr("shape"));
  EXPECT_EQ(refused("delta/chi", curve(points)), "taken");
}

TEST(Mixture, HasPhasesThatAreModelsByThemselves) {
  auto model = model_of(0.3);
  model.free.push_back({"fraction:delta", 0.5, "", 0, 1, {}, {}});
  model.free.push_back({"strain", 0.01, "", -0.02, 0.02, {}, {}});
  const auto phases = app::phases_of(model);
  ASSERT_EQ(phases.size(), 3U);
  EXPECT_EQ(phases[0].name, "structure");
  EXPECT_EQ(phases[1].model.structure.a, 3.7);
  EXPECT_EQ(phases[0].model.absorption.reference_a, 3.61);
  EXPECT_EQ(phases[1].model.absorption.reference_a, 0);
  for (const auto& phase : phases) {
    EXPECT_TRUE(phase.model.phases.empty());
    ASSERT_EQ(phase.model.free.size(), 1U);
    EXPECT_EQ(phase.model.free[0].value, 0.01);
  }
  EXPECT_NE(phases[0].model.seed, phases[1].model.seed);
}

}  // namespace mixture_test
