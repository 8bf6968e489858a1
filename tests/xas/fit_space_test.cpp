// SPDX-License-Identifier: GPL-3.0-or-later
// The three spaces of a fit: what is kept of χ(k), and what noise is in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "message_of.h"
#include "xas/copper_series.h"
#include "xas/coverage.h"
#include "xas/noise.h"
#include "xas/projection.h"
#include "xas/transform.h"

namespace twin::xas::fit_space_test {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using testing::HasSubstr;

class Spaces : public testing::TestWithParam<std::pair<const char*, std::vector<double>>> {
 protected:
  static record::FitSettings settings() {
    record::FitSettings out;
    out.space = GetParam().first;
    out.kweights = GetParam().second;
    return out;
  }
};

TEST_P(Spaces, NoiseComesToTheNumberOfIndependentPoints) {
  // Parseval: the mean of |B noise|² over noise of variance 1 is tr(B Bᵀ).
  const Projection projection(settings());
  const double trace = projection.noise_squares().sum();
  // In r the factor is Larch's, of a window without tapers.
  EXPECT_NEAR(trace / projection.n_idp(), 1, settings().space == "r" ? 0.12 : 1e-12);
  const VectorXd one = VectorXd::Ones(projection.count());
  EXPECT_NEAR(projection.noise_covariance(one).trace() / trace, 1, 1e-12);
  double sum = 0;
  const int draws = 300;
  for (int i = 0; i < draws; ++i) {
    VectorXd noise = VectorXd::Zero(projection.count());
    add_noise(noise, 1, static_cast<unsigned>(i + 1));
    sum += projection(noise).squaredNorm() / draws;
  }
  EXPECT_NEAR(sum / trace, 1, 4 * std::sqrt(2 / (projection.n_idp() * draws)));
}

TEST_P(Spaces, NoiseOfChiIsFoundBack) {
  VectorXd chi = VectorXd::Zero(321);
  double white = 0;
  const int draws = 100;
  for (int i = 0; i < draws; ++i) {
    chi.setZero();
    add_noise(chi, 2e-3, static_cast<unsigned>(i + 1));
    white += Projection::get(settings())->noise(chi).white / draws;
  }
  EXPECT_NEAR(white / 2e-3, 1, 0.02);  // 9·15·2/π independent points, a hundred times: 0.8 %
}

TEST_P(Spaces, ReturnWhatWasPutIn) {
  Synthetic given = synthetic(2, settings());
  const Fit out = fit({given.data});
  ASSERT_TRUE(out.converged) << out.message;
  for (Index i = 0; i < out.values.size(); ++i)
    EXPECT_NEAR(out.values[i] / given.truth[i], 1, 1e-6) << out.names[static_cast<std::size_t>(i)];
}

INSTANTIATE_TEST_SUITE_P(All, Spaces,
                         testing::Values(std::pair{"k", std::vector<double>{2}},
                                         std::pair{"r", std::vector<double>{2}},
                                         std::pair{"q", std::vector<double>{2}},
                                         std::pair{"k", std::vector<double>{1, 2, 3}},
                                         std::pair{"r", std::vector<double>{1, 2, 3}},
                                         std::pair{"q", std::vector<double>{1, 2, 3}}));

TEST(SpaceK, IsKToThePowerOfTheWeight) {
  record::FitSettings settings;
  settings.space = "k";
  settings.kweights = {3};
  const Projection projection(settings);
  EXPECT_EQ(projection.first(), 60);
  EXPECT_EQ(projection.count(), 180);
  const MatrixXd out = projection(MatrixXd::Ones(180, 1));
  EXPECT_NEAR(out(100, 0) / out(0, 0), std::pow(8.0 / 3.0, 3), 1e-12);
}

TEST(SpaceQ, IsTheBackTransform) {
  // Far inside of kmin .. kmax and rmin .. rmax a slow wave of one distance is itself again.
  record::FitSettings settings;
  settings.space = "q";
  settings.kweights = {0};
  settings.kmin = 2, settings.kmax = 14, settings.rmin = 0.5, settings.rmax = 4.5;
  const Projection projection(settings);
  const VectorXd k = k_grid(nfft).segment(projection.first(), projection.count());
  const auto wave = [&](double r) {
    return VectorXd(((2 * r * k.array()).sin()) * (-(k.array() - 8).square() / 2).exp());
  };
  const double n = static_cast<double>(projection.points());
  const double unit = std::sqrt(projection.noise_squares().sum());
  // |B x|² is that of Re χ(q) but for the factor of the noise, the same for all.
  const double inside = projection(wave(2.5)).squaredNorm() / wave(2.5).squaredNorm();
  const double other = projection(wave(2.0)).squaredNorm() / wave(2.0).squaredNorm();
  EXPECT_NEAR(inside / other, 1, 1e-3);
  EXPECT_LT(projection(wave(8.0)).squaredNorm() / wave(8.0).squaredNorm(), 1e-6 * inside);
  EXPECT_GT(inside, unit * unit / n);  // the noise at other distances is filtered out
}

TEST(Spaces, UnknownOnesAreRefused) {
  record::FitSettings settings;
  settings.space = "R";
  EXPECT_THAT(message_of([&] { Projection{settings}; }, Cause::configuration),
              HasSubstr("space 'R' is not known; k, r and q are"));
}

// It crashed: no point of χ(k) was left.
TEST(Spaces, AWindowThatIsNothingIsRefused) {
  FitData data = copper("", 200, 0);
  const auto complaint = [&] {
    return message_of([&] { (void)fit({data}, series()); }, Cause::configuration);
  };
  data.settings.window = "kaiser";
  data.settings.dk = 0;
  EXPECT_THAT(complaint(), HasSubstr("a window kaiser with dk 0 is nothing everywhere"));
  data.settings.space = "q";
  data.settings.window = "hanning";
  data.settings.rwindow = "kaiser";
  data.settings.dr = 0;
  EXPECT_THAT(complaint(), HasSubstr("a window kaiser with dr 0 is nothing everywhere"));
}

TEST(Noise, GivenByHandIsTaken) {
  Synthetic given = synthetic(1, {});
  given.data.settings.epsilon_k = 2e-3;
  const Fit coarse = fit({given.data});
  given.data.settings.epsilon_k = 1e-3;
  const Fit fine = fit({given.data});
  EXPECT_EQ(fine.data[0].epsilon_k, 1e-3);
  EXPECT_NEAR(coarse.covariance(1, 1) / fine.covariance(1, 1), 4, 1e-6);
  EXPECT_NEAR(coarse.random(1, 1) / fine.random(1, 1), 4, 1e-6);
  given.data.settings.epsilon_k = 0;
  EXPECT_THAT(message_of([&] { (void)fit({given.data}); }, Cause::configuration),
              HasSubstr("epsilon_k is 0"));
}

TEST(Noise, OfTheBackgroundJoinsInQuadrature) {
  for (const char* space : {"k", "r", "q"}) {
    record::FitSettings settings;
    settings.space = space;
    settings.epsilon_k = 3e-3;
    Synthetic given = synthetic(1, settings);
    const Fit without = fit({given.data});
    given.data.delta_chi = VectorXd::Constant(given.data.chi.size(), 4e-3);
    const Fit with = fit({given.data});
    // Constant: 5e-3 in all.
    EXPECT_NEAR(with.data[0].epsilon_k, 5e-3, 1e-10) << space;
    EXPECT_NEAR(with.random(1, 1) / without.random(1, 1), 25.0 / 9, 1e-6) << space;
    EXPECT_NEAR(with.covariance(1, 1) / without.covariance(1, 1), 25.0 / 9, 1e-6) << space;
  }
}

TEST(Noise, ThatGrowsWithKIsWeighedInKAlone) {
  record::FitSettings settings;
  settings.space = "k";
  settings.epsilon_k = 1e-4;
  Synthetic given = synthetic(1, settings);
  given.data.delta_chi = 1e-3 * (k_grid(given.data.chi.size()).array() / 4).exp();
  // In k weights are those of the noise: without k^w the covariance is that of the random part.
  given.data.settings.kweights = {0};
  const Fit out = fit({given.data});
  const double n = given.data.settings.kmax - given.data.settings.kmin;
  const double padding = n / kstep / out.n_idp;  // points of k to an independent one
  EXPECT_NEAR(out.random(1, 1) * padding / out.covariance(1, 1), 1, 1e-6);
}

}  // namespace
}  // namespace twin::xas::fit_space_test
