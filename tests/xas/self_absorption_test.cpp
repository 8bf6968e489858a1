// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/self_absorption.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.h"
#include "message_of.h"

namespace twin::xas::self_absorption_test {
namespace {

using Eigen::VectorXd;
using testing::HasSubstr;

const VectorXd energy = VectorXd::LinSpaced(200, 2420, 2900);

record::Sample sample(const std::string& formula, std::optional<double> areal = {}) {
  return {.formula = formula, .areal_density = areal};
}

// A white line of 3 steps, waves above.
VectorXd spectrum() {
  return energy.unaryExpr([](double e) {
    const double above = e > 2472 ? 1.0 : 0.0;
    return above *
           (1 + 2 * std::exp(-std::pow((e - 2478) / 4, 2)) + 0.1 * std::sin((e - 2472) / 12));
  });
}

SelfAbsorption sulphur(const record::Sample& of) {
  return self_absorption(of, atoms::tabulated({"S", "K"}), energy);
}

TEST(SelfAbsorption, IsUndone) {
  for (const auto& of : {sample("CaSO4"), sample("CaSO4", 1e-3), sample("CaSO4", 1e-6), sample("S"),
                         sample("S", 5e-3)}) {
    const SelfAbsorption by = sulphur(of);
    const VectorXd seen = apply_self_absorption(by, spectrum());
    const Unabsorbed back = correct_self_absorption(by, seen);
    EXPECT_LT((back.norm - spectrum()).cwiseAbs().maxCoeff(), 1e-10) << of.formula;
    EXPECT_GT((seen - spectrum()).cwiseAbs().maxCoeff(), 1e-4) << of.formula;
  }
}

TEST(SelfAbsorption, LeavesZeroAndOne) {
  for (const auto& of : {sample("FeS2"), sample("FeS2", 1e-3)}) {
    const VectorXd both = apply_self_absorption(sulphur(of), VectorXd::Ones(200));
    EXPECT_LT((both.array() - 1).abs().maxCoeff(), 1e-14);
    EXPECT_EQ(apply_self_absorption(sulphur(of), VectorXd::Zero(200)), VectorXd::Zero(200));
  }
}

// Haskel's formula, written out.
TEST(SelfAbsorption, OfAThickSampleIsTheClosedForm) {
  const SelfAbsorption by = sulphur(sample("CaSO4"));
  const VectorXd seen = apply_self_absorption(by, spectrum());
  const VectorXd closed =
      (by.alpha.array() * seen.array() / (by.alpha.array() + 1 - seen.array())).matrix();
  EXPECT_LT((correct_self_absorption(by, seen).norm - closed).cwiseAbs().maxCoeff(), 1e-13);
}

// Booth and Bridges expand the exponential and solve a quadratic equation in χ; with
// α' = α + 1 in units of the step: β χ² + [γ (α' - 1 - χₑ) + β] χ - α' γ χₑ = 0,
// β = α' D exp(-α' D), γ = 1 - exp(-α' D). For small χ both agree to second order.
TEST(SelfAbsorption, OfAFilmIsThatOfBoothAndBridges) {
  const SelfAbsorption by = sulphur(sample("CaSO4", 2e-3));
  const VectorXd measured = 0.05 * (energy.array() / 20).sin();
  const VectorXd ours = correct_chi(by, measured).norm;
  for (int i = 0; i < 200; ++i) {
    const double a = by.alpha[i] + 1, d = by.depth[i], e = measured[i];
    const double gamma = 1 - std::exp(-a * d), beta = a * d * std::exp(-a * d);
    const double b = gamma * (a - 1 - e) + beta;
    const double theirs = (-b + std::sqrt(b * b + 4 * a * beta * gamma * e)) / (2 * beta);
    EXPECT_NEAR(ours[i], theirs, 0.02 * std::abs(theirs) + 1e-12) << i;
    if (std::abs(e) > 0.01) {
      EXPECT_GT(std::abs(ours[i]), 1.05 * std::abs(e));
    }
  }
}

TEST(SelfAbsorption, VanishesForAThinSample) {
  const VectorXd seen = apply_self_absorption(sulphur(sample("CaSO4", 1e-9)), spectrum());
  EXPECT_LT((seen - spectrum()).cwiseAbs().maxCoeff(), 1e-4);
}

TEST(SelfAbsorption, VanishesForADiluteOne) {
  const double dilute = sulphur(sample("(H2O)1000H2S")).alpha.minCoeff();
  EXPECT_GT(dilute, 100);
  EXPECT_LT(sulphur(sample("S")).alpha.maxCoeff(), 2);
}

TEST(SelfAbsorption, GrazingExitTakesTheIncidentAway) {
  record::Sample grazing = sample("CaSO4");
  grazing.angle_in = 89;
  grazing.angle_out = 1;
  EXPECT_GT(sulphur(grazing).alpha.minCoeff(), 10 * sulphur(sample("CaSO4")).alpha.minCoeff());
}

// α by hand from attenuation just below and above the edge; the steps of the table's own curve and
// of one power of the energy through it differ by 1 %.
TEST(SelfAbsorption, AlphaIsThatOfTheTable) {
  const double below = atoms::mass_attenuation("CaSO4", 2471),
               above = atoms::mass_attenuation("CaSO4", 2473);
  const double line = atoms::mass_attenuation("CaSO4", atoms::emission_energy("S", "K"));
  const SelfAbsorption by =
      self_absorption(sample("CaSO4"), atoms::tabulated({"S", "K"}), VectorXd::Constant(1, 2472.0));
  EXPECT_NEAR(by.alpha[0], (below + line) / (above - below), 0.01 * by.alpha[0]);
}

// Another edge of the sample is no part of the line by which ours is measured.
TEST(SelfAbsorption, AlphaHasNoStepOfAnotherElement) {
  const VectorXd across = VectorXd::LinSpaced(200, 4600, 5150);  // Cs L3 at 5012
  const auto by = self_absorption(sample("CsPbI3"), atoms::tabulated({"I", "L3"}), across);
  for (int i = 1; i < 200; ++i)
    EXPECT_NEAR(by.alpha[i], by.alpha[i - 1], 0.01 * by.alpha[i]) << across[i];
}

TEST(SelfAbsorption, SystematicFollowsTheConcentration) {
  const auto edge = atoms::tabulated({"S", "K"});
  const auto by = self_absorption(sample("CaSO4"), edge, energy, 0.01);
  // 1 % more sulphur by mass, all else less.
  const double c = atoms::composition("CaSO4").at(1).mass_fraction;
  ASSERT_EQ(atoms::composition("CaSO4").at(1).element, "S");
  const double more = c * 1.01 / (1 - c * 1.01) / (c / (1 - c));
  const std::string richer = "CaS" + std::to_string(more) + "O4";
  const auto with = self_absorption(sample(richer), edge, energy, 0);
  const VectorXd change = (by.alpha - with.alpha).cwiseAbs();
  for (int i = 0; i < 200; i += 20) EXPECT_NEAR(change[i], by.alpha_sigma[i], 0.03 * change[i]);
  const VectorXd seen = apply_self_absorption(by, spectrum());
  const VectorXd moved = correct_self_absorption(with, seen).norm;
  const Unabsorbed found = correct_self_absorption(by, seen);
  for (int i = 40; i < 200; i += 10)
    EXPECT_NEAR(found.sigma_sys[i], std::abs(moved[i] - found.norm[i]),
                0.1 * found.sigma_sys[i] + 1e-6);
}

TEST(SelfAbsorption, SlopeIsTheDerivative) {
  for (const auto& of : {sample("CaSO4"), sample("CaSO4", 1e-3)}) {
    const auto by = sulphur(of);
    const VectorXd seen = apply_self_absorption(by, spectrum());
    const double h = 1e-6;
    const VectorXd up = correct_self_absorption(by, seen.array() + h).norm,
                   down = correct_self_absorption(by, seen.array() - h).norm;
    const VectorXd slope = correct_self_absorption(by, seen).slope;
    for (int i = 0; i < 200; i += 7)
      EXPECT_NEAR((up[i] - down[i]) / (2 * h), slope[i], 1e-5 * slope[i]);
  }
}

TEST(SelfAbsorption, RefusesWhatCannotBe) {
  const auto by = sulphur(sample("CaSO4"));
  const VectorXd high = VectorXd::Constant(200, by.alpha.maxCoeff() + 1.1);
  EXPECT_THAT(message_of([&] { static_cast<void>(correct_self_absorption(by, high)); }),
              HasSubstr("at most"));
  const VectorXd none = VectorXd::Constant(200, std::numeric_limits<double>::quiet_NaN());
  EXPECT_THROW(static_cast<void>(correct_self_absorption(by, none)), Error);
  EXPECT_THROW(static_cast<void>(correct_self_absorption(by, VectorXd::Ones(3))), Error);
  EXPECT_THROW(static_cast<void>(apply_self_absorption(by, VectorXd::Ones(3))), Error);
  for (const char* formula : {"", "CaO", "Xx"})
    EXPECT_THROW(static_cast<void>(sulphur(sample(formula))), Error) << formula;
  record::Sample flat = sample("S");
  flat.angle_out = 0;
  EXPECT_THROW(static_cast<void>(sulphur(flat)), Error);
  EXPECT_THROW(static_cast<void>(sulphur(sample("S", -1))), Error);
}

}  // namespace
}  // namespace twin::xas::self_absorption_test
