// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mback.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "core/error.h"
#include "xas/oracle.h"

namespace twin::xas::mback_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::IsEmpty;

constexpr double e0 = 4970, scale = 2e-3;

const VectorXd energy = [] {
  VectorXd out(400);
  for (Index i = 0; i < 400; ++i) out[i] = 4850 + static_cast<double>(i);
  return out;
}();

const atoms::TabulatedEdge titanium = atoms::tabulated({"Ti", "K"});

// The table itself, a little above the tabulated edge, and a curved background.
VectorXd table() {
  const auto parts = atoms::around_edge(titanium, energy, e0 - titanium.energy);
  VectorXd mu = scale * parts.below;
  for (Index i = 0; i < energy.size(); ++i)
    if (energy[i] >= e0) mu[i] += scale * parts.own[i];
  return mu;
}

VectorXd curved() {
  const VectorXd t = (energy.array() - 5000) / 150;
  return 0.7 - 0.2 * t.array() + 0.05 * t.array().square();
}

TEST(Mback, TheStepCarriesTheNoise) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0, 1e-3);
  const VectorXd mu = table() + curved();
  std::vector<std::string> warnings;
  constexpr int draws = 200;
  double sum = 0, squares = 0, variance = 0;
  for (int i = 0; i < draws; ++i) {
    const VectorXd noisy = mu + VectorXd::NullaryExpr(mu.size(), [&] { return normal(random); });
    const Mback out = mback(energy, noisy, e0, titanium, {}, warnings);
    sum += out.normalised.edge_step / draws;
    squares += out.normalised.edge_step * out.normalised.edge_step / draws;
    variance += out.step_sigma * out.step_sigma / draws;
    EXPECT_GT(out.step_sys.value(), 0);
  }
  EXPECT_NEAR((squares - sum * sum) / variance, 1, 0.4);  // 10 % from 200 draws: four of those
}

TEST(Mback, WhatAllOrdersDescribeLeavesTheStepNoChoice) {
  std::vector<std::string> warnings;
  const VectorXd straight = 0.7 - 2e-4 * (energy.array() - 5000);
  EXPECT_LT(mback(energy, table() + straight, e0, titanium, {}, warnings).step_sys.value(), 1e-9);
}

TEST(Mback, FindsTheTableUnderABackground) {
  std::vector<std::string> warnings;
  const VectorXd mu = table() + curved();
  const Mback out = mback(energy, mu, e0, titanium, {}, warnings);
  EXPECT_TRUE(out.converged);
  EXPECT_NEAR(out.scale, scale, 1e-10);
  EXPECT_LT(out.rms, 1e-10);
  const double step =
      scale * atoms::around_edge(titanium, VectorXd::Constant(1, e0), e0 - titanium.energy).own[0];
  EXPECT_NEAR(out.normalised.edge_step, step, 1e-8);
  EXPECT_NEAR(out.normalised.norm[0], 0, 1e-8);
  EXPECT_NEAR(out.normalised.flat[399], 1, 1e-8);
  EXPECT_LT((out.normalised.post - mu).tail(200).cwiseAbs().maxCoeff(), 1e-8);
  EXPECT_EQ(out.normalised.used.method, "mback");
  EXPECT_THAT(warnings, IsEmpty());
}

TEST(Mback, FindsAScatteringTail) {
  std::vector<std::string> warnings;
  const double line = atoms::emission_energy("Ti", "K");
  const VectorXd tail = energy.unaryExpr([&](double e) { return 3 * std::erfc((e - line) / 350); });
  const Mback out =
      mback(energy, table() + tail, e0, titanium, {}, warnings, {.order = 0, .scattering = true});
  EXPECT_TRUE(out.converged);
  EXPECT_NEAR(out.width, 350, 1);
  EXPECT_NEAR(out.scale, scale, 1e-3 * scale);
  // A straight line can't follow it: the tail is what the width is for.
  EXPECT_GT(mback(energy, table() + tail, e0, titanium, {}, warnings, {.order = 1}).rms,
            10 * out.rms);
}

TEST(Mback, ScalesWithTheSpectrum) {
  std::vector<std::string> warnings;
  const VectorXd mu = table() + curved();
  const Mback one = mback(energy, mu, e0, titanium, {}, warnings);
  const Mback ten = mback(energy, 10 * mu, e0, titanium, {}, warnings);
  EXPECT_NEAR(ten.normalised.edge_step, 10 * one.normalised.edge_step, 1e-9);
  EXPECT_LT((ten.normalised.norm - one.normalised.norm).cwiseAbs().maxCoeff(), 1e-9);
}

// Noise stays in µ: the step has no bias to speak of.
TEST(Mback, StepHasNoBiasFromNoise) {
  std::vector<std::string> warnings;
  std::mt19937 random(4);
  std::normal_distribution<double> normal(0, 0.05 * scale * 500);
  double sum = 0;
  for (int d = 0; d < 100; ++d) {
    VectorXd mu = table() + curved();
    for (double& y : mu) y += normal(random);
    sum += mback(energy, mu, e0, titanium, {}, warnings).scale / 100;
  }
  EXPECT_NEAR(sum, scale, 0.02 * scale);
}

TEST(Mback, RefusesWhatHasNoEdge) {
  std::vector<std::string> warnings;
  const auto of = [&](const VectorXd& mu, double at) {
    static_cast<void>(mback(energy, mu, at, titanium, {}, warnings));
  };
  EXPECT_THROW(of(VectorXd::Zero(400), e0), Error);
  EXPECT_THROW(of(VectorXd::Ones(7), e0), Error);
  EXPECT_THROW(of(table(), 4000), Error);
  EXPECT_THROW(of(table(), 9000), Error);
  EXPECT_THROW(of(table(), std::nan("")), Error);
  VectorXd bad = table();
  bad[9] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(of(bad, e0), Error);
  EXPECT_FALSE(mback(energy, -table(), e0, titanium, {}, warnings).converged);
  EXPECT_EQ(warnings.size(), 1u);
}

double peers_step(const nlohmann::json& answer) {
  return answer.at("pre_edge_default").at("edge_step");
}

// The peer's edge steps, by polynomials over its default ranges, of spectra with room on both
// sides: 0.978 (V foil 1.020) to 1.010 of them were found.
TEST(Mback, AgreesWithThePolynomialWhereThatHasRoom) {
  SKIP_WITHOUT_ORACLE();
  for (const char* name :
       {"cu_metal_10K.xdi", "cu_metal_rt.xdi", "cu_50k.xmu", "fe_metal_rt_01.xdi",
        "ni_metal_rt_01.xdi", "vK/V_foil.xdi", "vK/V2O5.xdi", "vK/V2O3.xdi", "ceO2_L3.xdi",
        "pb_foil_L3_rt.xdi", "feo_xafs.dat", "zn_znse_rt.xdi", "cyanobacteria.prj::Au_foil"}) {
    const auto& answer = oracle::answers().at("spectra").at(name);
    const auto data = oracle::curve(name, "mu");
    std::vector<std::string> warnings;
    const Mback out =
        mback(data.col(0), data.col(1), answer.at("pre_edge_default").at("e0"),
              atoms::tabulated({answer.at("element"), answer.at("edge")}), {}, warnings);
    EXPECT_TRUE(out.converged) << name;
    EXPECT_NEAR(out.normalised.edge_step / peers_step(answer), 1, 0.025) << name;
  }
}

// Cut off 80 eV above their edges, 43 measured spectra keep the step that they have in full to 4.6
// % (rms); a polynomial by its default ranges, against its own step in full, to 6.9 %.
TEST(Mback, NeedsLessOfARangeThanAPolynomial) {
  SKIP_WITHOUT_ORACLE();
  double by_table = 0, by_polynomial = 0;
  int spectra = 0;
  for (const auto& [name, answer] : oracle::answers().at("spectra").items()) {
    const auto data = oracle::curve(name, "mu");
    const double at = answer.at("pre_edge_default").at("e0");
    if (name.find("series") != std::string::npos || data(data.rows() - 1, 0) < at + 300) continue;
    const auto edge = atoms::tabulated({answer.at("element"), answer.at("edge")});
    std::vector<std::string> warnings;
    const double full =
        mback(data.col(0), data.col(1), at, edge, {}, warnings).normalised.edge_step;
    const Index n = index_below(data.col(0), at + 80);
    const VectorXd e = data.col(0).head(n), mu = data.col(1).head(n);
    const double cut = mback(e, mu, at, edge, {}, warnings).normalised.edge_step;
    const double polynomial = pre_edge(e, mu, at, {}, warnings).edge_step;
    by_table += std::pow(cut / full - 1, 2);
    by_polynomial += std::pow(polynomial / peers_step(answer) - 1, 2);
    ++spectra;
  }
  ASSERT_GT(spectra, 30);
  EXPECT_LT(by_table, 0.6 * by_polynomial);  // of the squares
}

}  // namespace
}  // namespace twin::xas::mback_test
