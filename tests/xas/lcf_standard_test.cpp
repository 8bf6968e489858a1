// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_standard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "message_of.h"
#include "xas/lcf.h"
#include "xas/oracle.h"
#include "xas/pre_edge.h"
#include "xas/xanes_curves.h"

namespace twin::xas::lcf_standard_test {
namespace {

using Eigen::VectorXd;
using record::LcfSettings;

TEST(StepUncertainty, IsThatOfManyDraws) {
  std::mt19937_64 random(3);
  const VectorXd e = xanes::grid(-150, 500, 1.5), mu = xanes::curve(e, xanes::first());
  record::ReduceSettings settings;
  settings.e0 = xanes::e0;
  settings.pre1 = -140, settings.pre2 = -40, settings.norm1 = 60, settings.norm2 = 480;
  settings.nnorm = 2;
  double sum = 0, squares = 0, expected = 0, noise = 0;
  constexpr int draws = 400;
  for (int i = 0; i < draws; ++i) {
    const VectorXd noisy = mu + xanes::noise(random, e.size(), 0.01);
    std::vector<std::string> ignored;
    const double step = pre_edge(e, noisy, xanes::e0, settings, ignored).edge_step;
    const StepUncertainty known = step_uncertainty(e, noisy, settings);
    sum += step / draws;
    squares += step * step / draws;
    expected += std::pow(known.step_sigma, 2) / draws;
    noise += known.noise / draws;
  }
  settings.norm1 = 25, settings.norm2 = 40, settings.nnorm = 0;
  EXPECT_FALSE(step_uncertainty(e, mu, settings).step_sys);            // no other range fits
  EXPECT_NEAR((squares - sum * sum) / sum / sum / expected, 1, 0.28);  // four times 7 %
  EXPECT_NEAR(noise * sum, 0.01, 1e-3);  // the median of 300 differences: 4 %, and the wave
}

TEST(Larch, LinearCombinationsOfTheSameNorm) {
  SKIP_WITHOUT_ORACLE();
  const auto& answer = oracle::answers()["lcf_cyanobacteria"];
  // Normalised as Larch did it: ranges that the project file stores, its nnorm as the order. Our
  // norm is Larch's to 1e-6 in stated ranges.
  const auto spectrum = [&](const std::string& name) {
    Eigen::MatrixXd curve = oracle::curve("cyanobacteria.prj::" + name, "mu");
    if (curve.rows() == 0) return curve;
    const auto& stored = answer["prj_params"][name];
    record::ReduceSettings settings;
    settings.pre1 = stored["pre1"], settings.pre2 = stored["pre2"];
    settings.norm1 = stored["nor1"], settings.norm2 = stored["nor2"];
    settings.nnorm = static_cast<int>(stored["nnorm"].get<double>());
    std::vector<std::string> ignored;
    curve.col(2) = pre_edge(curve.col(0), curve.col(1), stored["e0"], settings, ignored).norm;
    return curve;
  };
  std::vector<LcfStandard> standards;
  for (const std::string name : answer["standards"]) {
    const Eigen::MatrixXd curve = spectrum(name);
    standards.push_back({name, curve.col(0), curve.col(2)});
  }
  int compared = 0;
  for (const auto& [key, fit] : answer["fits"].items()) {
    const std::string name = key.substr(0, key.find('|'));
    const Eigen::MatrixXd curve = spectrum(name);
    if (curve.rows() == 0) continue;
    LcfSettings settings;
    settings.step = settings.slope = settings.shift = false;
    settings.broadening = settings.self_absorption = false;
    settings.sum_to_one = key.find("sum1=True") != std::string::npos;
    const double e0 = answer["prj_params"][name]["e0"];
    // Larch begins at the point below.
    settings.emin = curve(index_below(curve.col(0), answer["xmin"]), 0) - e0;
    settings.emax = answer["xmax"].get<double>() - e0;
    bool negative = false;  // those Larch allows and we do not
    for (const auto& weight : fit["weights"]) negative = negative || weight.get<double>() < 0;
    if (negative) continue;
    SCOPED_TRACE(key);
    const LcfFit ours = fit_lcf(curve.col(0), curve.col(2), e0, standards, settings);
    for (Eigen::Index j = 0; j < 3; ++j)  // weights are written to 5 digits
      EXPECT_NEAR(ours.fractions[j],
                  fit["weights"][standards[static_cast<std::size_t>(j)].name].get<double>(), 1e-4);
    EXPECT_NEAR(ours.r_factor / fit["rfactor"].get<double>(), 1, 2e-3);
    ++compared;
  }
  EXPECT_GE(compared, 8);
}

TEST(Spread, OfRepeatsIsTheirCovariance) {
  const VectorXd e = xanes::grid(), y = xanes::curve(e, xanes::first());
  const std::vector<LcfStandard> repeats{{"a", e, y}, {"b", e, 1.02 * y}, {"c", e, 0.98 * y}};
  const Eigen::MatrixXd spread = spread_of_repeats(repeats);
  ASSERT_EQ(spread.cols(), 3);
  const VectorXd variance = spread.rowwise().squaredNorm();
  EXPECT_LT((variance - (0.02 * y).cwiseAbs2()).cwiseAbs().maxCoeff(), 1e-12);
  EXPECT_THAT(message_of([&] { static_cast<void>(spread_of_repeats({repeats[0]})); }),
              testing::HasSubstr("two or more"));
}

TEST(Spread, OfTheScaleIsAnUncertaintyOfTheStep) {
  const VectorXd e = xanes::grid();
  const VectorXd one = xanes::curve(e, xanes::first()), two = xanes::curve(e, xanes::second());
  const VectorXd y = 0.4 * one + 0.6 * two;
  std::vector<LcfStandard> by_step{{"one", e, one}, {"two", e, two}}, by_spread = by_step;
  by_step[0].step_sigma = 0.05;
  by_spread[0].spread = 0.05 * one;
  const LcfFit a = fit_lcf(e, y, xanes::e0, by_step, {}, 1e-4);
  const LcfFit b = fit_lcf(e, y, xanes::e0, by_spread, {}, 1e-4);
  EXPECT_NEAR(b.sigma[0] / a.sigma[0], 1, 5e-3);  // local cubics for splines
}

TEST(Spread, OfTheEnergiesIsAnUncertaintyOfTheEnergies) {
  const VectorXd e = xanes::grid();
  const VectorXd one = xanes::curve(e, xanes::first()), two = xanes::curve(e, xanes::second());
  const VectorXd y = 0.4 * one + 0.6 * two;
  std::vector<LcfStandard> by_energy{{"one", e, one}, {"two", e, two}}, by_spread = by_energy;
  by_energy[1].energy_sigma = 0.02;
  auto moved = xanes::second();
  moved.edge += 0.02;
  by_spread[1].spread = xanes::curve(e, moved) - two;
  const LcfFit a = fit_lcf(e, y, xanes::e0, by_energy, {}, 1e-5);
  const LcfFit b = fit_lcf(e, y, xanes::e0, by_spread, {}, 1e-5);
  EXPECT_GT(a.sigma[0], 1e-3);
  EXPECT_NEAR(b.sigma[0] / a.sigma[0], 1, 0.05);  // local cubics on a grid of 0.4 eV: 3 %
}

}  // namespace
}  // namespace twin::xas::lcf_standard_test
