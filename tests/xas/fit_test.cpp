// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/constants.h"
#include "core/error.h"
#include "message_of.h"
#include "xas/path_model.h"
#include "xas/transform.h"

namespace twin::xas::fit_test {
namespace {

using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;

// A path in closed form: what FEFF would write of a smooth scatterer.
ScatteringPath make_path(double reff = 2.55, const std::string& name = "A-B.1") {
  ScatteringPath path;
  path.name = name;
  path.degeneracy = 12;
  path.reff = reff;
  path.k = VectorXd::LinSpaced(81, 0, 20);
  const auto k = path.k.array();
  path.mag = 0.5 * (-0.005 * (k - 6).square()).exp();
  path.phase = -0.5 * k - 1;
  path.phc = 4 - 0.6 * k;
  path.reduction = 0.9 + 0.004 * k;
  path.lambda = 4 + 0.5 * k;
  path.rep = (k.square() + 3.2).sqrt();
  return path;
}

record::PathSettings all_free(const std::string& name = "A-B.1") {
  record::PathSettings path;
  path.name = name;
  path.n.free = path.r.free = path.sigma2.free = path.e0.free = true;
  return path;
}

TEST(PathChi, IsThePathEquation) {
  const ScatteringPath path = make_path();
  const PathValues v{
      .amplitude = 10, .e0 = 0, .delta_r = 0.02, .sigma2 = 0.006, .c3 = 2e-4, .c4 = 1e-5};
  const double k = 5.0;  // a point of the table, where the splines are exact
  const std::complex<double> p(std::sqrt(k * k + 3.2), 1 / (4 + 0.5 * k)), i(0, 1);
  const double amp = 0.5 * std::exp(-0.005) * (0.9 + 0.02), pha = -0.5 * k - 1 + 4 - 0.6 * k;
  const std::complex<double> expected =
      10 * amp / (k * 2.57 * 2.57) *
      std::exp(-2 * 2.55 * p.imag() - 2.0 * p * p * 0.006 + 2.0 / 3 * p * p * p * p * 1e-5) *
      std::exp(i *
               (2 * k * 2.55 + pha + 2.0 * p * (0.02 - 2 * 0.006 / 2.55 - 2.0 / 3 * p * p * 2e-4)));
  EXPECT_NEAR(path_chi(path, v, VectorXd::Constant(1, k))[0], expected.imag(), 1e-13);
}

TEST(PathChi, AmplitudeIsAFactorAndE0MovesK) {
  const ScatteringPath path = make_path();
  const VectorXd k = VectorXd::LinSpaced(50, 3, 12);
  const VectorXd one = path_chi(path, {}, k);
  EXPECT_LT((path_chi(path, {.amplitude = 7}, k) - 7 * one).cwiseAbs().maxCoeff(), 1e-15);
  const VectorXd shifted = (k.array().square() + 4 * etok).sqrt();
  EXPECT_LT((path_chi(path, {.e0 = 4}, shifted) - one).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(PathChi, DerivativesAreThoseByDifferences) {
  const PathModel model(make_path());
  const VectorXd k = k_grid(320);
  const double base[6] = {9, 3, -0.02, 0.007, 3e-4, 2e-5};
  const double step[6] = {1e-3, 1e-4, 1e-6, 1e-7, 1e-8, 1e-9};
  const auto values = [](const double* v) {
    return PathValues{
        .amplitude = v[0], .e0 = v[1], .delta_r = v[2], .sigma2 = v[3], .c3 = v[4], .c4 = v[5]};
  };
  VectorXd chi = VectorXd::Zero(k.size());
  Eigen::MatrixXd slopes;
  model.add(values(base), k, chi, &slopes);
  for (int j = 0; j < 6; ++j) {
    double up[6], down[6];
    std::copy(base, base + 6, up);
    std::copy(base, base + 6, down);
    up[j] += step[j];
    down[j] -= step[j];
    VectorXd above = VectorXd::Zero(k.size()), below = above;
    model.add(values(up), k, above, nullptr);
    model.add(values(down), k, below, nullptr);
    const VectorXd numeric = (above - below) / (2 * step[j]);
    // From k = 1: below, q is close to zero or negative, where χ has a pole.
    const Eigen::Index n = k.size() - 25;
    EXPECT_LT((numeric - slopes.col(j)).tail(n).cwiseAbs().maxCoeff(),
              1e-6 * slopes.col(j).tail(n).cwiseAbs().maxCoeff())
        << "parameter " << j;
  }
}

TEST(PathChi, IsZeroBeyondTheTableAndExtrapolatedAtZero) {
  const VectorXd chi = path_chi(make_path(), {}, k_grid(450));
  EXPECT_EQ(chi[449], 0);
  EXPECT_NE(chi[400], 0);
  EXPECT_NEAR(chi[0], 2 * chi[1] - chi[2], 1e-12 * std::abs(chi[1]));
}

TEST(PathChi, RefusesColumnsThatDisagree) {
  ScatteringPath path = make_path();
  path.rep = path.rep.head(20).eval();
  EXPECT_THROW((void)path_chi(path, {}, k_grid(10)), Error);
}

TEST(Fit, ReturnsWhatWasPutIn) {
  const ScatteringPath path = make_path();
  const double s02 = 0.85;
  const VectorXd chi = path_chi(
      path, {.amplitude = 11 * s02, .e0 = 4, .delta_r = 0.013, .sigma2 = 0.0072, .c3 = 1.5e-4},
      k_grid(321));
  record::PathSettings settings = all_free();
  settings.c3.free = true;
  for (const std::vector<double>& weights : {std::vector<double>{2}, {1, 2, 3}}) {
    record::FitSettings range;
    range.kweights = weights;
    const Fit out = fit(chi, range, {settings}, {path}, s02);
    EXPECT_TRUE(out.converged) << out.message;
    EXPECT_THAT(out.names,
                ElementsAre("n:A-B.1", "r:A-B.1", "sigma2:A-B.1", "c3:A-B.1", "de0:A-B.1"));
    EXPECT_NEAR(out.values[0], 11, 1e-6);
    EXPECT_NEAR(out.values[1], 2.563, 1e-6);
    EXPECT_NEAR(out.values[2], 0.0072, 1e-8);
    EXPECT_NEAR(out.values[3], 1.5e-4, 1e-8);
    EXPECT_NEAR(out.values[4], 4, 1e-5);
    EXPECT_LT(out.r_factor, 1e-12);
    EXPECT_LT((out.model_chi - chi).tail(260).cwiseAbs().maxCoeff(), 1e-7);
    EXPECT_THAT(out.undetermined, testing::IsEmpty()) << out.message;
  }
}

TEST(Fit, TwoShellsShareTheE0OfTheFirst) {
  const ScatteringPath near = make_path(2.1, "A-O.1"), far = make_path(2.9, "A-B.1");
  const VectorXd k = k_grid(321);
  const VectorXd chi =
      path_chi(near, {.amplitude = 6, .e0 = -2, .delta_r = 0.01, .sigma2 = 0.004}, k) +
      path_chi(far, {.amplitude = 12, .e0 = -2, .delta_r = -0.02, .sigma2 = 0.008}, k);
  record::PathSettings second = all_free("A-B.1");
  second.e0 = {};
  record::FitSettings range;
  range.rmin = 1.2;
  range.rmax = 3.4;
  const Fit out = fit(chi, range, {all_free("A-O.1"), second}, {near, far}, 1.0);
  ASSERT_TRUE(out.converged);
  EXPECT_EQ(out.values.size(), 7);
  EXPECT_NEAR(out.values[3], -2, 1e-5);
  EXPECT_NEAR(out.values[4], 12, 1e-5);
  EXPECT_NEAR(out.values[5], 2.88, 1e-6);
  // Its own E0, where it says so: the same data, one parameter more.
  const Fit own = fit(chi, range, {all_free("A-O.1"), all_free("A-B.1")}, {near, far}, 1.0);
  EXPECT_EQ(own.names.back(), "de0:A-B.1");
  EXPECT_NEAR(own.values[7], -2, 1e-4);
}

TEST(Fit, FixedValuesStayAndBoundsHold) {
  const ScatteringPath path = make_path();
  const VectorXd chi = path_chi(path, {.amplitude = 12, .e0 = 3, .sigma2 = 0.006}, k_grid(321));
  record::PathSettings settings = all_free();
  settings.n.free = false;
  settings.n.value = 12;
  settings.sigma2.upper = 0.005;
  const Fit out = fit(chi, {}, {settings}, {path}, 1.0);
  EXPECT_THAT(out.names, ElementsAre("r:A-B.1", "sigma2:A-B.1", "de0:A-B.1"));
  EXPECT_EQ(out.values[1], 0.005);
  EXPECT_THAT(out.message, HasSubstr("sigma2:A-B.1 stands at its bound"));
}

TEST(Fit, CovarianceIsTheScatterOfManyNoisyFits) {
  const ScatteringPath path = make_path();
  const VectorXd clean = path_chi(path, {.amplitude = 12, .e0 = 3, .sigma2 = 0.006}, k_grid(321));
  unsigned state = 7;
  const auto normal = [&state] {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += (state = state * 1664525u + 1013904223u) / 4294967296.0;
    return sum;
  };
  const int repeats = 200;
  double sum = 0, square = 0, variance = 0;
  for (int i = 0; i < repeats; ++i) {
    VectorXd chi = clean;
    for (double& value : chi) value += 1e-3 * normal();
    const Fit out = fit(chi, {}, {all_free()}, {path}, 1.0);
    ASSERT_TRUE(out.converged);
    sum += out.values[1];
    square += out.values[1] * out.values[1];
    variance += out.covariance(1, 1) / repeats;
  }
  const double scatter = square / repeats - sum / repeats * sum / repeats;
  // The points of χ(R) are padded, so their number is scaled to n_idp; that count is good to some
  // 20 %, the scatter of 200 fits to 5 %.
  EXPECT_NEAR(std::sqrt(variance / scatter), 1, 0.3);
  EXPECT_NEAR(sum / repeats, 2.55, 5 * std::sqrt(scatter / repeats));
}

TEST(Fit, NamesWhatTheDataDoNotDetermine) {
  // Two shells at one distance: only the sum of their numbers is there.
  const ScatteringPath path = make_path();
  const VectorXd chi = path_chi(path, {.amplitude = 12, .sigma2 = 0.006}, k_grid(321));
  record::PathSettings a = all_free("A-B.1"), b;
  b.name = "A-B.2";
  b.n.free = true;
  a.sigma2.free = a.r.free = a.e0.free = false;
  a.sigma2.value = b.sigma2.value = 0.006;
  const Fit out = fit(chi, {}, {a, b}, {path, path}, 1.0);
  EXPECT_THAT(out.undetermined, ElementsAre("n:A-B.1", "n:A-B.2"));
  EXPECT_FALSE(out.message.empty());
  EXPECT_TRUE(out.covariance.allFinite());
}

TEST(Fit, RefusesWhatItCannotDo) {
  const ScatteringPath path = make_path();
  const VectorXd chi = path_chi(path, {.amplitude = 12}, k_grid(321));
  const auto of = [&](const VectorXd& data, const record::FitSettings& range,
                      const record::PathSettings& settings, Cause cause) {
    return message_of([&] { (void)fit(data, range, {settings}, {path}, 1.0); }, cause);
  };
  record::FitSettings narrow;
  narrow.kmax = 4;
  narrow.rmax = 1.6;
  EXPECT_THAT(of(chi, narrow, all_free(), Cause::configuration), HasSubstr("independent points"));
  EXPECT_THAT(of(chi, {}, record::PathSettings{}, Cause::configuration),
              HasSubstr("no parameter is free"));
  EXPECT_THAT(of(chi.head(200), {}, all_free(), Cause::data), HasSubstr("ends at 9.95"));
  record::PathSettings crossed = all_free();
  crossed.r.lower = 3;
  crossed.r.upper = 2;
  EXPECT_THAT(of(chi, {}, crossed, Cause::configuration), HasSubstr("r:A-B.1: lower bound 3"));
  VectorXd broken = chi;
  broken[5] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(of(broken, {}, all_free(), Cause::data), HasSubstr("finite"));
  EXPECT_THAT(message_of([&] { (void)fit(chi, {}, {all_free()}, {}, 1.0); }, Cause::configuration),
              HasSubstr("0 from FEFF"));
}

TEST(Fit, OfNothingIsAResultAndNotAnException) {
  const Fit out = fit(VectorXd::Zero(321), {}, {all_free()}, {make_path()}, 1.0);
  EXPECT_TRUE(out.values.allFinite());
  EXPECT_TRUE(!out.converged || !out.undetermined.empty()) << out.message;
}

}  // namespace
}  // namespace twin::xas::fit_test
