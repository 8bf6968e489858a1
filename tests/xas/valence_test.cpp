// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/valence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "message_of.h"
#include "xas/oracle.h"
#include "xas/xanes_curves.h"

namespace twin::xas::valence_test {
namespace {

using Eigen::VectorXd;
using testing::HasSubstr;

TEST(Edge, OfAStraightRiseByBothMethods) {
  const VectorXd e = xanes::grid(-10, 20, 0.5);
  const VectorXd y =
      e.unaryExpr([](double x) { return std::clamp((x - xanes::e0 + 2) / 8, 0.0, 1.0); });
  EXPECT_NEAR(edge_at_level(e, y, xanes::e0)->value, xanes::e0 + 2, 1e-9);
  // Between 0.15 and 1 the mean energy is where norm is 0.575.
  EXPECT_NEAR(edge_by_integral(e, y, xanes::e0)->value, xanes::e0 - 2 + 8 * 0.575, 1e-9);
}

TEST(Edge, APeakBeforeTheEdgeIsNotTheEdge) {
  const VectorXd e = xanes::grid(-20, 40, 0.25);
  VectorXd y = xanes::curve(e, {.line = 0.5, .wave = 0});
  const double without = edge_at_level(e, y, xanes::e0)->value;
  for (Eigen::Index i = 0; i < e.size(); ++i)
    y[i] += 0.7 * std::exp(-std::pow((e[i] - xanes::e0 + 8) / 0.8, 2));
  EXPECT_NEAR(edge_at_level(e, y, xanes::e0)->value, without, 1e-6);
}

TEST(Edge, NoCrossingIsNoAnswer) {
  const VectorXd e = xanes::grid();
  EXPECT_FALSE(edge_at_level(e, VectorXd::Zero(e.size()), xanes::e0).has_value());
  EXPECT_FALSE(edge_at_level(e, VectorXd::Ones(e.size()), xanes::e0).has_value());
  EXPECT_FALSE(edge_by_integral(e, VectorXd::Constant(e.size(), 0.6), xanes::e0).has_value());
  EXPECT_FALSE(edge_at_level(e, VectorXd::Ones(3), xanes::e0).has_value());
}

TEST(Edge, ErrorsAreThoseOfManyDraws) {
  std::mt19937_64 random(6);
  const VectorXd e = xanes::grid(-30, 40, 0.5);
  const VectorXd y = xanes::curve(e, {.line = 0.3, .wave = 0});
  const double sigma = 3e-3;
  const Estimate level = *edge_at_level(e, y, xanes::e0, 0.5, sigma);
  const Estimate integral = *edge_by_integral(e, y, xanes::e0, 0.15, 1.0, sigma);
  double by_level = 0, by_integral = 0;
  for (int i = 0; i < 400; ++i) {
    const VectorXd noisy = y + xanes::noise(random, e.size(), sigma);
    by_level += std::pow(edge_at_level(e, noisy, xanes::e0)->value - level.value, 2) / 400;
    by_integral += std::pow(edge_by_integral(e, noisy, xanes::e0)->value - integral.value, 2) / 400;
  }
  EXPECT_NEAR(by_level / std::pow(level.sigma, 2), 1, 0.28);       // four times 7 %
  EXPECT_NEAR(by_integral / std::pow(integral.sigma, 2), 1, 0.4);  // the ends share points
}

std::vector<ValencePoint> points() {
  return {
      {"metal", {100, 0.1}, {0, 0}}, {"two", {104, 0.1}, {2, 0}}, {"three", {106, 0.1}, {3, 0}}};
}

TEST(Valence, OfStandardsOnALineIsThatLine) {
  const ValenceLine line = calibrate_valence(points());
  EXPECT_NEAR(line.b, 0.5, 1e-9);
  EXPECT_NEAR(line.scatter, 0, 1e-9);
  std::vector<std::string> warnings;
  const Estimate valence = valence_of(line, {105, 0.2}, &warnings);
  EXPECT_NEAR(valence.value, 2.5, 1e-9);
  EXPECT_GT(valence.sigma, 0.5 * 0.2);
  EXPECT_LT(valence.sigma, 0.5 * 0.2 + 0.5 * 0.1);
  EXPECT_THAT(warnings, testing::IsEmpty());
  EXPECT_GT(valence_of(line, {120, 0.2}, &warnings).sigma, valence.sigma);
  EXPECT_THAT(warnings, testing::ElementsAre(HasSubstr("extrapolated")));
}

TEST(Valence, ErrorsAreThoseOfManyDraws) {
  std::mt19937_64 random(9);
  std::normal_distribution<double> normal(0, 0.1);
  double squares = 0, expected = 0;
  for (int i = 0; i < 1000; ++i) {
    auto drawn = points();
    drawn.push_back({"four", {108, 0.1}, {4, 0}});
    for (ValencePoint& p : drawn) p.edge.value += normal(random);
    const Estimate valence = valence_of(calibrate_valence(drawn), {105 + normal(random), 0.1});
    squares += std::pow(valence.value - 2.5, 2) / 1000;
    expected += valence.sigma * valence.sigma / 1000;
  }
  // Where standards scatter by chance the scatter counts once more: never less, a third more.
  EXPECT_LT(squares / expected, 1.1);
  EXPECT_GT(squares / expected, 0.5);
}

TEST(Valence, StandardsOffTheLineWidenTheAnswer) {
  auto off = points();
  off[1].edge.value += 1.0;
  const ValenceLine line = calibrate_valence(off);
  EXPECT_GT(line.reduced_chi2, 5);
  EXPECT_GT(line.scatter, 0.1);
  EXPECT_GT(valence_of(line, {105, 0.1}).sigma,
            3 * valence_of(calibrate_valence(points()), {105, 0.1}).sigma);
}

TEST(Valence, OfFractionsIsTheirMean) {
  LcfFit fit;
  fit.fractions = Eigen::Vector2d(0.25, 0.75);
  fit.covariance = (Eigen::Matrix2d() << 1e-4, -1e-4, -1e-4, 1e-4).finished();
  fit.covariance_sys = 4 * fit.covariance;
  const Estimate mean = mean_valence(fit, {{2, 0}, {4, 0}});
  EXPECT_NEAR(mean.value, 3.5, 1e-12);
  EXPECT_NEAR(mean.sigma, 0.01 * 2, 1e-12);  // σ of a fraction times the difference of valences
  EXPECT_NEAR(mean.sigma_sys, 0.02 * 2, 1e-12);
  const Estimate doubtful = mean_valence(fit, {{2, 0}, {4, 0.1}});
  EXPECT_EQ(doubtful.sigma, mean.sigma);
  EXPECT_NEAR(doubtful.sigma_sys, std::hypot(0.04, 0.075), 1e-12);
}

TEST(Valence, RefusesTooFewStandards) {
  const auto refused = [](const std::vector<ValencePoint>& standards) {
    return message_of([&] { static_cast<void>(calibrate_valence(standards)); });
  };
  EXPECT_THAT(refused({}), HasSubstr("0 standard"));
  EXPECT_THAT(refused({points()[0], points()[0]}), HasSubstr("one edge"));
  LcfFit fit;
  fit.fractions = Eigen::Vector2d(0.5, 0.5);
  EXPECT_THAT(message_of([&] {
                static_cast<void>(mean_valence(fit, {{1, 0}}));
              }),
              HasSubstr("1 valences for 2 fractions"));
}

TEST(Larch, EnergyOfHalfTheStep) {
  SKIP_WITHOUT_ORACLE();
  int compared = 0;
  for (const auto& [name, answer] : oracle::answers()["spectra"].items()) {
    if (!answer.contains("E_half_step") || answer["E_half_step"].is_null()) continue;
    const Eigen::MatrixXd curve = oracle::curve(name, "mu");
    if (curve.rows() == 0) continue;
    const double e0 = answer["pre_edge_default"]["e0"];
    const auto ours = edge_at_level(curve.col(0), curve.col(2), e0);
    const double theirs = answer["E_half_step"];
    // Theirs is the first crossing, ours the last: they are one but where a peak or a wave crosses.
    if (!ours || std::abs(ours->value - theirs) > 1) continue;
    EXPECT_NEAR(ours->value, theirs, 2e-3) << name;  // norm is written to 10 digits, energy to 1e-3
    ++compared;
  }
  EXPECT_GE(compared, 40);
}

}  // namespace
}  // namespace twin::xas::valence_test
