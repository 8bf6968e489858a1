// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "core/error.h"
#include "message_of.h"
#include "xas/oracle.h"
#include "xas/reduce.h"
#include "xas/spectrum.h"

namespace twin::xas::threshold_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double rise(double x, double width) { return 0.5 + std::atan(x / width) / std::numbers::pi; }

record::ReduceSettings from(const std::string& word) {
  record::ReduceSettings settings;
  settings.e0_from = word;
  return settings;
}

TEST(Threshold, IsTheSteepestRise) {
  const auto [energy, mu] = spectrum::make();
  const Threshold found = find_threshold(energy, mu, {}, {}, {});
  EXPECT_EQ(found.e0, find_e0(energy, mu));
  EXPECT_EQ(found.from, "derivative");
  EXPECT_NEAR(found.e0, spectrum::e0, 1);
  EXPECT_GT(found.sigma, 0.5 / std::sqrt(12.0) - 1e-9);  // a grid of 0.5 eV
  EXPECT_LT(found.sigma, 1);
}

TEST(Threshold, SigmaGrowsWithNoise) {
  auto [energy, mu] = spectrum::make({.wave = 0});
  const double quiet = find_threshold(energy, mu, {}, {}, {}).sigma;
  std::mt19937 random(7);
  std::normal_distribution<double> noise(0, 0.05);
  for (double& y : mu) y += noise(random);
  EXPECT_GT(find_threshold(energy, mu, {}, {}, {}).sigma, 1.5 * quiet);
}

// I L2 at 4852 with Cs L3 at 5012 in the same scan, which rises three times as much.
TEST(Threshold, OfAnotherElementIsNotTaken) {
  const VectorXd energy = VectorXd::LinSpaced(800, 4800, 5100);
  const VectorXd mu =
      energy.unaryExpr([](double e) { return rise(e - 4853, 1.5) + 3 * rise(e - 5012, 1.5); });
  const auto ours = atoms::tabulated({"I", "L2"});
  EXPECT_NEAR(find_threshold(energy, mu, {}, {}, {}).e0, 5012, 1);
  const Threshold found = find_threshold(energy, mu, {}, ours, {"Cs", "Pb", "I"});
  EXPECT_NEAR(found.e0, 4853, 1);
  ASSERT_EQ(found.warnings.size(), 1u);
  EXPECT_THAT(found.warnings[0], HasSubstr("I L2"));
}

// Two edges within the window: the middle between them counts.
TEST(Threshold, OfANeighbourWithinTheWindowIsNotTaken) {
  const auto ours = atoms::tabulated({"Ti", "K"});  // 4966; Cs L3 at 5012
  const VectorXd energy = VectorXd::LinSpaced(800, 4900, 5050);
  const VectorXd mu =
      energy.unaryExpr([](double e) { return rise(e - 4970, 1.5) + 2 * rise(e - 5004, 1.0); });
  EXPECT_NEAR(find_threshold(energy, mu, {}, ours, {"Ti"}).e0, 5004, 1);
  EXPECT_NEAR(find_threshold(energy, mu, {}, ours, {"Cs", "Ti"}).e0, 4970, 1);
}

TEST(Threshold, ByTable) {
  const auto [energy, mu] = spectrum::make();
  const auto ours = atoms::tabulated({"Cu", "K"});
  EXPECT_EQ(find_threshold(energy, mu, from("table"), ours, {}).e0, ours.energy);
  EXPECT_THROW(static_cast<void>(find_threshold(energy, mu, from("table"), {}, {})), Error);
  EXPECT_THROW(static_cast<void>(find_threshold(energy, mu, from("edge_in_table"), ours, {})),
               Error);
}

TEST(Threshold, ThatIsStatedIsTaken) {
  const auto [energy, mu] = spectrum::make();
  record::ReduceSettings settings;
  settings.e0 = 9002.5;
  const Threshold plain = find_threshold(energy, mu, settings, {}, {});
  EXPECT_EQ(plain.e0, 9002.5);
  EXPECT_EQ(plain.from, "stated");
  EXPECT_THAT(plain.warnings, IsEmpty());
  const auto copper = atoms::tabulated({"Ni", "K"});
  EXPECT_EQ(find_threshold(energy, mu, settings, copper, {}).warnings.size(), 1u);
  // Near the table, and far from the rise all the same.
  const auto near = atoms::tabulated({"Cu", "K"});
  EXPECT_THAT(find_threshold(energy, mu, settings, near, {}).warnings, IsEmpty());
  settings.e0 = 9017.5;
  EXPECT_THAT(find_threshold(energy, mu, settings, near, {}).warnings,
              ElementsAre(HasSubstr("is stated, 18 eV from the steepest rise, 9000.00 eV")));
}

TEST(Threshold, OfHalfHeightMovesWithTheSpectrum) {
  const auto [energy, mu] = spectrum::make({.wave = 0});
  const double at = find_threshold(energy, mu, from("half"), {}, {}).e0;
  EXPECT_NEAR(at, spectrum::e0, 0.1);
  const VectorXd moved = energy.array() + 0.137;  // far less than the grid's step
  EXPECT_NEAR(find_threshold(moved, mu, from("half"), {}, {}).e0 - at, 0.137, 1e-3);
}

TEST(Threshold, OfHalfHeightPassesOverAPreEdgePeak) {
  const VectorXd energy = VectorXd::LinSpaced(400, 5400, 5600);
  const VectorXd norm = energy.unaryExpr([](double e) {
    return rise(e - 5480, 0.5) + 0.75 * std::exp(-0.5 * std::pow((e - 5470) / 1.5, 2));
  });
  EXPECT_NEAR(half_height(energy, norm, 5470), 5480, 0.05);
  EXPECT_THROW(static_cast<void>(half_height(energy, 0.4 * norm, 5470)), Error);
  EXPECT_THROW(static_cast<void>(half_height(energy, VectorXd::Constant(400, nan), 5470)), Error);
}

TEST(Threshold, DataWithoutOurEdgeAreRefused) {
  const auto [energy, mu] = spectrum::make();
  const auto iron = atoms::tabulated({"Fe", "K"});
  EXPECT_THAT(message_of([&, e = energy, m = mu] {
                static_cast<void>(find_threshold(e, m, {}, iron, {}));
              }),
              HasSubstr("Fe K"));
  const VectorXd flat = VectorXd::Constant(energy.size(), 1.0), one = VectorXd::Ones(1), none;
  EXPECT_THROW(static_cast<void>(find_threshold(energy, flat, {}, {}, {})), Error);
  EXPECT_THROW(static_cast<void>(find_threshold(one, one, {}, {}, {})), Error);
  EXPECT_THROW(static_cast<void>(find_threshold(none, none, {}, {}, {})), Error);
}

TEST(GuessEdge, NamesTheNearestAndTheOthers) {
  const auto iron = guess_edge(7112);
  ASSERT_FALSE(iron.empty());
  EXPECT_EQ(iron[0].name(), "Fe K");
  const auto titanium = guess_edge(4966, {}, 60);  // Cs L3, I L1... lie near
  EXPECT_EQ(titanium[0].name(), "Ti K");
  EXPECT_GT(titanium.size(), 1u);
  const auto known = guess_edge(5012, {"Cs", "Pb", "I"});
  ASSERT_EQ(known.size(), 1u);
  EXPECT_EQ(known[0].name(), "Cs L3");
  EXPECT_TRUE(guess_edge(nan).empty());
}

// Measured edges: where the peer's E0 is right, ours is the same, whatever the sample.
TEST(Threshold, OfMeasuredSpectraIsThatOfThePeer) {
  SKIP_WITHOUT_ORACLE();
  int compared = 0;
  for (const auto& [name, answer] : oracle::answers().at("spectra").items()) {
    const auto data = oracle::curve(name, "mu");
    if (data.rows() < 20) continue;
    const atoms::Edge edge{answer.at("element"), answer.at("edge")};
    const Threshold found =
        find_threshold(data.col(0), data.col(1), {}, atoms::tabulated(edge), {edge.element});
    EXPECT_NEAR(found.e0, answer.at("pre_edge_default").at("e0").get<double>(), 0.05) << name;
    EXPECT_THAT(found.warnings, IsEmpty()) << name;
    EXPECT_GT(found.sigma, 0) << name;
    EXPECT_LT(found.sigma, 3) << name;
    ++compared;
  }
  EXPECT_GT(compared, 70);
}

// The series' edge moves by 1.4 eV in steps below the grid's 0.2 eV. The peer's norm is taken, so
// that the definition alone is compared: its crossing of 1/2 between points.
TEST(Threshold, OfHalfHeightIsThatOfThePeer) {
  SKIP_WITHOUT_ORACLE();
  for (const auto& [name, half] : oracle::answers().at("rock_series_E_half").items()) {
    const auto data = oracle::curve(name, "mu");
    EXPECT_NEAR(find_threshold(data.col(0), data.col(1), from("half"),
                               atoms::tabulated({"Ni", "K"}), {"Ni", "Li", "O"})
                    .e0,
                half.get<double>(), 0.02)
        << name;
  }
}

}  // namespace
}  // namespace twin::xas::threshold_test
