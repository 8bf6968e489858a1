// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/phase.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "atoms/crystal.h"
#include "delta_cspbi3.h"
#include "tilted_perovskite.h"

namespace twin::md::phase_test {
namespace {

constexpr double degree = std::numbers::pi / 180;
const Eigen::Vector3d none = Eigen::Vector3d::Zero();

/// All tilts zero but for the errors; the cell is held.
PerovskiteShape flat(double sigma) {
  PerovskiteShape shape;
  for (std::size_t k = 0; k < 3; ++k) shape.in_phase[k] = shape.out_of_phase[k] = {0, sigma, 1e6};
  return shape;
}

double bayes_factor(double x, double sigma) {
  const double v = sigma * sigma + std::pow(0.3 * degree, 2), w = v + std::pow(10 * degree, 2);
  return std::sqrt(v / w) * std::exp(x * x / 2 * (1 / v - 1 / w));
}

TEST(PhaseWeights, OfNoTiltsAreTheClosedForm) {
  for (const double sigma : {0.0, 0.5 * degree, 3 * degree, 1000 * degree}) {
    const double free = bayes_factor(0, sigma);
    const double sum =
        1 + free + (12 * free * free + 3 * std::pow(free, 3)) / 15 + std::pow(free, 3);
    const PhaseWeights weights = phase_weights(flat(sigma));
    EXPECT_NEAR(weights.cubic, 1 / sum, 1e-5);
    EXPECT_NEAR(weights.tetragonal, free / sum, 1e-5);
    EXPECT_NEAR(weights.cubic + weights.tetragonal + weights.orthorhombic + weights.other, 1,
                1e-12);
  }
  EXPECT_GT(phase_weights(flat(0.5 * degree)).cubic, 0.9);
  EXPECT_NEAR(phase_weights(flat(1000 * degree)).cubic, 0.25, 1e-3);  // nothing is known
}

TEST(PhaseWeights, OfOneTiltAreTheClosedForm) {
  auto shape = flat(1 * degree);
  const double tilt = 4 * degree;
  shape.in_phase[1].value = tilt;
  const double free = bayes_factor(0, degree), tilted = bayes_factor(tilt, degree);
  // Of 6 patterns one has it; of 15, the four with another axis and one a-b+a-.
  const double tetragonal = (tilted + 5 * free) / 6;
  const double orthorhombic =
      (4 * tilted * free + 8 * free * free + tilted * free * free + 2 * std::pow(free, 3)) / 15;
  const double other = (3 * tilted * free * free + 2 * std::pow(free, 3)) / 5;
  const PhaseWeights weights = phase_weights(shape);
  EXPECT_NEAR(weights.tetragonal / weights.cubic, tetragonal, 1e-4 * tetragonal);
  EXPECT_NEAR(weights.orthorhombic / weights.cubic, orthorhombic, 1e-4 * orthorhombic);
  EXPECT_NEAR(weights.other / weights.cubic, other, 1e-4 * other);
}

TEST(PhaseWeights, ListensToTheCellOnlyWhereItMayChange) {
  auto shape = flat(0.5 * degree);
  shape.against_mean[2] = {0.03, 0, 0};  // held by the box
  EXPECT_GT(phase_weights(shape).cubic, 0.9);
  for (std::size_t k = 0; k < 3; ++k)
    shape.against_mean[k] = shape.between_others[k] = {0, 1e-3, 1e6};
  EXPECT_GT(phase_weights(shape).cubic, 0.9);
  shape.against_mean[2].value = 0.03;
  shape.against_mean[0].value = shape.against_mean[1].value = -0.015;
  shape.between_others[0].value = -0.03;
  shape.between_others[1].value = 0.03;
  EXPECT_GT(phase_weights(shape).tetragonal, 0.9);  // without tilts, as a ferroelectric
}

TEST(PhaseWeights, OfFewSamplesAreLessSure) {
  auto shape = flat(1 * degree);
  shape.in_phase[0].value = 4 * degree;
  const double many = phase_weights(shape).tetragonal;
  shape.in_phase[0].n_eff = 4;
  EXPECT_LT(phase_weights(shape).tetragonal, many);
}

struct Case {
  const char* name;
  Eigen::Vector3d in_phase, out_of_phase;  ///< degrees
  numeric::Mean Phases::*answer;
};

/// Two replicas of thermal noise about a pattern, tilted the other way in the second.
std::vector<Trajectory> noisy(const Eigen::Vector3d& in_phase, const Eigen::Vector3d& out_of_phase,
                              double amplitude) {
  const Shells shells(tilted_perovskite(6.29, none, none, 4));
  std::mt19937_64 random(11);
  std::vector<Trajectory> replicas(2);
  double sign = 1;
  for (Trajectory& replica : replicas) {
    const auto frame = tilted_perovskite(6.29, sign * in_phase, sign * out_of_phase, 4);
    for (int i = 0; i < 60; ++i) replica.push_back(shells.of(shaken(frame, amplitude, random)));
    sign = -sign;  // the other domain
  }
  return replicas;
}

Eigen::Vector3d tangents(const Eigen::Vector3d& degrees) {
  return (degrees * degree).array().tan();
}

class Pattern : public ::testing::TestWithParam<Case> {};

TEST_P(Pattern, IsFoundInThermalNoise) {
  const Case& one = GetParam();
  // 0.25 Å a coordinate is what I has in CsPbI3 at 600 K; |θ| then has 1.8° of noise.
  const auto phases = phases_of(noisy(tangents(one.in_phase), tangents(one.out_of_phase), 0.25),
                                std::array{true, true, true, true});
  EXPECT_GT((phases.*one.answer).value, 0.9);
  EXPECT_NEAR(phases.cubic.value + phases.tetragonal.value + phases.orthorhombic.value +
                  phases.other.value + phases.delta.value,
              1, 1e-12);
  EXPECT_LT((phases.*one.answer).sigma, 0.05);
}

INSTANTIATE_TEST_SUITE_P(
    Glazer, Pattern,
    ::testing::Values(Case{"a0a0a0", {0, 0, 0}, {0, 0, 0}, &Phases::cubic},
                      Case{"a0a0cP", {0, 0, 9}, {0, 0, 0}, &Phases::tetragonal},
                      Case{"a0bPa0", {0, 9, 0}, {0, 0, 0}, &Phases::tetragonal},
                      Case{"a0a0cM", {0, 0, 0}, {0, 0, 9}, &Phases::tetragonal},
                      Case{"aMbPaM", {0, 9, 0}, {7, 0, 7}, &Phases::orthorhombic},
                      Case{"aPbMbM", {9, 0, 0}, {0, 7, 7}, &Phases::orthorhombic},
                      Case{"a0bMbM", {0, 0, 0}, {0, 8, 8}, &Phases::orthorhombic},
                      Case{"aMaMaM", {0, 0, 0}, {7, 7, 7}, &Phases::other}),
    [](const auto& of) { return std::string(of.param.name); });

TEST(Phases, OfASmallTiltAreNotSure) {
  const auto phases =
      phases_of(noisy(none, tangents({0, 0, 0.7}), 0.25), std::array{true, true, true, true});
  EXPECT_GT(phases.cubic.value, 0.1);
  EXPECT_GT(phases.tetragonal.value, 0.01);
}

TEST(Phases, OfATiltThatTurnsBothWaysAreCubic) {
  // Slow hopping between ±8°: each instant is tilted, the mean is not.
  const Shells shells(tilted_perovskite(6.29, none, none, 4));
  std::mt19937_64 random(5);
  std::vector<Trajectory> replicas(1);
  for (int i = 0; i < 400; ++i) {
    const double sign = i / 10 % 2 == 0 ? 1 : -1;
    replicas[0].push_back(
        shells.of(shaken(tilted_perovskite(6.29, {0, 0, sign * 0.14}, none, 4), 0.1, random)));
  }
  EXPECT_GT(phases_of(replicas, std::array{true, true, true, true}).cubic.value, 0.6);
}

TEST(Phases, InABoxThatDoesNotHoldThemAreLeftOut) {
  // √2 × √2 × 2 has in-phase tilts about c alone.
  Eigen::Matrix3i cells;
  cells << 2, 2, 0, -2, 2, 0, 0, 0, 4;
  const auto ideal = tilted_perovskite(6.29, none, none, cells);
  const Shells shells(ideal);
  std::mt19937_64 random(5);
  std::vector<Trajectory> replicas(1);
  for (int i = 0; i < 60; ++i)
    replicas[0].push_back(shells.of(shaken(
        tilted_perovskite(6.29, tangents({0, 0, 9}), tangents({7, -7, 0}), cells), 0.2, random)));
  const auto phases = phases_of(replicas, shells.octahedra().network()->fits);
  EXPECT_GT(phases.orthorhombic.value, 0.95);
}

TEST(Phases, OfDeltaAreByItsEdges) {
  const auto ideal = atoms::build_crystal(delta_cspbi3({2, 4, 1}));
  const Shells shells(ideal);
  std::mt19937_64 random(6);
  std::vector<Trajectory> replicas(2);
  for (Trajectory& replica : replicas)
    for (int i = 0; i < 20; ++i) replica.push_back(shells.of(shaken(ideal, 0.15, random)));
  const Phases phases = phases_of(replicas, std::nullopt);
  EXPECT_EQ(phases.delta.value, 1);
  EXPECT_EQ(phases.delta.sigma, 0);
  EXPECT_EQ(phases.cubic.value + phases.other.value, 0);
}

}  // namespace
}  // namespace twin::md::phase_test
