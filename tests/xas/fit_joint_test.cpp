// SPDX-License-Identifier: GPL-3.0-or-later
// Fits of several spectra, with expressions, priors, bounds and restraints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "message_of.h"
#include "xas/copper_series.h"
#include "xas/fit.h"

namespace twin::xas::fit_joint_test {
namespace {

using Eigen::Index;
using Eigen::VectorXd;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

double of(const Fit& fit, const std::string& name) {
  for (std::size_t i = 0; i < fit.names.size(); ++i)
    if (fit.names[i] == name) return fit.values[static_cast<Index>(i)];
  for (std::size_t i = 0; i < fit.derived_names.size(); ++i)
    if (fit.derived_names[i] == name) return fit.derived_values[static_cast<Index>(i)];
  ADD_FAILURE() << name;
  return std::nan("");
}

TEST(JointFit, FindsOneDebyeTemperatureForASeries) {
  const Fit out = fit({copper("cold", 20, -0.001), copper("warm", 300, 0.002)}, series());
  ASSERT_TRUE(out.converged) << out.message;
  EXPECT_THAT(out.names, ElementsAre("amp", "alpha@cold", "alpha@warm", "theta", "shift"));
  EXPECT_NEAR(of(out, "amp"), 0.9, 1e-6);
  EXPECT_NEAR(of(out, "alpha@cold"), -0.001, 1e-7);
  EXPECT_NEAR(of(out, "alpha@warm"), 0.002, 1e-7);
  EXPECT_NEAR(of(out, "theta"), 320, 1e-3);
  EXPECT_NEAR(of(out, "shift"), 3, 1e-5);
  EXPECT_NEAR(of(out, "sigma2:Cu-Cu.1@warm"), debye(300, 320, thermal_path(copper_pair())).sigma2,
              1e-8);
  EXPECT_NEAR(of(out, "n:Cu-Cu.1@cold"), 10.8, 1e-5);
  EXPECT_NEAR(of(out, "r:Cu-Cu.1@warm"), 2.5478 * 1.002, 1e-6);
  EXPECT_EQ(out.data.size(), 2U);
  EXPECT_DOUBLE_EQ(out.n_idp, out.data[0].n_idp + out.data[1].n_idp);
  EXPECT_THAT(out.undetermined, IsEmpty()) << out.message;
}

TEST(JointFit, OfSpectraThatShareNothingIsTheFitOfEach) {
  FitData one = copper("one", 20, 0, 1e-3, 5), other = copper("other", 300, 0, 1e-3, 6);
  record::PathSettings plain;
  plain.name = "Cu-Cu.1";
  plain.n.free = plain.r.free = plain.sigma2.free = plain.e0.free = true;
  one.paths = other.paths = {plain};
  const Fit both = fit({one, other}), first = fit({one}), second = fit({other});
  ASSERT_TRUE(both.converged && first.converged && second.converged);
  EXPECT_THAT(first.names, ElementsAre("n:Cu-Cu.1", "r:Cu-Cu.1", "sigma2:Cu-Cu.1", "de0:Cu-Cu.1"));
  EXPECT_EQ(both.names[5], "r:Cu-Cu.1@other");
  for (Index i = 0; i < 4; ++i) {
    const double a = std::sqrt(first.covariance(i, i)), b = std::sqrt(second.covariance(i, i));
    EXPECT_NEAR(both.values[i], first.values[i], 1e-4 * a);
    EXPECT_NEAR(both.values[i + 4], second.values[i], 1e-4 * b);
    EXPECT_NEAR(std::sqrt(both.covariance(i, i)), a, 1e-4 * a);
    EXPECT_NEAR(both.random(i + 4, i + 4) / second.random(i, i), 1, 1e-3);
    EXPECT_LT(std::abs(both.correlation(i, i + 4)), 1e-12);
  }
  EXPECT_NEAR(both.data[0].chi2, first.chi2, 1e-6 * first.chi2);
  EXPECT_NEAR(both.data[1].r_factor, second.r_factor, 1e-6 * second.r_factor);
  EXPECT_NEAR(both.chi2, first.chi2 + second.chi2, 1e-6 * both.chi2);
}

TEST(JointFit, OfOneSpectrumTwiceHasHalfTheVariance) {
  FitData one = copper("one", 200, 0, 1e-3), other = one;
  other.name = "other";
  std::vector<record::FitParameter> shared = series();
  shared[1].each = false;
  const Fit single = fit({one}, shared), twice = fit({one, other}, shared);
  ASSERT_TRUE(single.converged && twice.converged);
  for (Index i = 0; i < 4; ++i) {
    EXPECT_NEAR(twice.values[i], single.values[i], 1e-4 * std::sqrt(single.random(i, i)));
    EXPECT_NEAR(twice.covariance(i, i) / single.covariance(i, i), 0.5, 1e-4);
    EXPECT_NEAR(twice.random(i, i) / single.random(i, i), 0.5, 1e-4);
  }
}

TEST(JointFit, DerivedQuantitiesCarryTheCovariance) {
  const Fit out = fit({copper("", 200, 0.001, 1e-3)}, series());
  EXPECT_THAT(out.derived_names,
              ElementsAre("n:Cu-Cu.1", "r:Cu-Cu.1", "sigma2:Cu-Cu.1", "de0:Cu-Cu.1"));
  EXPECT_DOUBLE_EQ(out.derived_jacobian(0, 0), 12);
  EXPECT_DOUBLE_EQ(out.derived_jacobian(1, 1), 2.5478);
  EXPECT_DOUBLE_EQ(out.derived_jacobian(3, 3), 1);
  // The same fit of σ² itself has the same uncertainty of it.
  FitData direct = copper("", 200, 0.001, 1e-3);
  direct.paths[0].sigma2 = {};
  direct.paths[0].sigma2.free = true;
  std::vector<record::FitParameter> shared = series();
  const Fit other = fit({direct}, shared);
  const Eigen::MatrixXd propagated =
      out.derived_jacobian * out.covariance * out.derived_jacobian.transpose();
  EXPECT_EQ(other.names.front(), "sigma2:Cu-Cu.1");
  EXPECT_NEAR(propagated(2, 2) / other.covariance(0, 0), 1, 1e-4);
  EXPECT_THAT(other.message, HasSubstr("theta is in no expression"));
}

TEST(JointFit, PriorsPullAndNarrow) {
  const FitData data = copper("", 200, 0.001, 1e-3);
  std::vector<record::FitParameter> shared = series();
  const Fit without = fit({data}, shared);
  const double sigma = std::sqrt(without.covariance(0, 0)), value = without.values[0];
  // The mean of two beliefs of one width lies half way, with half the variance: the problem is all
  // but linear over a standard error.
  shared[0].prior = record::Prior{value + sigma, sigma};
  const Fit with = fit({data}, shared);
  ASSERT_TRUE(with.converged);
  EXPECT_NEAR((with.values[0] - value) / sigma, 0.5, 0.02);
  EXPECT_NEAR(with.covariance(0, 0) / without.covariance(0, 0), 0.5, 0.02);
  EXPECT_EQ(with.n_rows, 1);
  // What the data alone leave open, a prior closes. So does one of what an expression ties.
  FitData two = data;
  two.paths[0].n.prior = record::Prior{12 * (value + sigma), 12 * sigma};
  shared[0].prior = {};
  const Fit tied = fit({two}, shared);
  EXPECT_NEAR(tied.values[0], with.values[0], 1e-3 * sigma);
}

TEST(JointFit, RestraintsAreRowsOfTheirOwn) {
  const FitData data = copper("", 200, 0.001, 1e-3);
  std::vector<record::FitParameter> shared = series();
  const Fit without = fit({data}, shared);
  const Fit hard = fit({data}, shared, {{"amp - 0.95", 0, 1e-7}});
  ASSERT_TRUE(hard.converged);
  EXPECT_NEAR(hard.values[0], 0.95, 1e-6);
  EXPECT_GT(hard.chi2, without.chi2);
  EXPECT_EQ(hard.n_rows, 1);
  // With T or what each spectrum has of its own, it holds for each.
  const FitData warm = copper("warm", 300, 0.002, 1e-3);
  FitData cold = data;
  cold.name = "cold";
  const Fit both = fit({cold, warm}, shared, {{"alpha - 1e-5*(T-100)", 0, 1e-9}});
  EXPECT_EQ(both.n_rows, 2);
  EXPECT_NEAR(of(both, "alpha@cold"), 1e-3, 1e-7);
  EXPECT_NEAR(of(both, "alpha@warm"), 2e-3, 1e-7);
}

TEST(JointFit, BoundsAreKeptAndTold) {
  std::vector<record::FitParameter> shared = series();
  shared[0].upper = 0.85;
  shared[0].value = 0.8;
  const Fit out = fit({copper("", 200, 0)}, shared);
  EXPECT_EQ(out.values[0], 0.85);
  EXPECT_THAT(out.at_bounds, ElementsAre("amp"));
  EXPECT_THAT(out.message, HasSubstr("amp stands at its bound 0.85"));
}

TEST(JointFit, TellsParametersThatOnlyOccurTogether) {
  FitData data = copper("", 200, 0);
  data.paths[0].n.expression = "n*amp*other";
  std::vector<record::FitParameter> shared = series();
  shared.push_back(parameter("other", 1));
  const Fit out = fit({data}, shared);
  EXPECT_THAT(out.undetermined, ElementsAre("amp", "other"));
}

TEST(JointFit, FourthCumulantIsFittedToo) {
  FitData data = copper("", 200, 0);
  record::PathSettings path;
  path.name = "Cu-Cu.1";
  path.c4.free = path.sigma2.free = true;
  path.n.value = 10.8;
  path.e0.value = 3;
  data.paths = {path};
  data.chi = path_chi(data.feff[0], {.amplitude = 10.8, .e0 = 3, .sigma2 = 0.008, .c4 = 3e-5},
                      k_grid(321));
  const Fit out = fit({data});
  ASSERT_TRUE(out.converged);
  EXPECT_NEAR(of(out, "c4:Cu-Cu.1"), 3e-5, 1e-10);
  EXPECT_NEAR(of(out, "sigma2:Cu-Cu.1"), 0.008, 1e-8);
}

std::string complaint(const std::vector<FitData>& data,
                      const std::vector<record::FitParameter>& shared,
                      const std::vector<record::Restraint>& restraints = {}) {
  return message_of([&] { (void)fit(data, shared, restraints); }, Cause::configuration);
}

TEST(JointFit, ErrorsSayWhere) {
  const FitData good = copper("a", 200, 0);
  FitData bad = good;
  bad.paths[0].sigma2.expression = "einstien(T, theta)";
  EXPECT_THAT(complaint({bad}, series()),
              HasSubstr("fit: sigma2:Cu-Cu.1: position 1: 'einstien': unknown name; perhaps "
                        "einstein"));
  bad = good;
  bad.temperature = {};
  EXPECT_THAT(complaint({bad}, series()), HasSubstr("sigma2:Cu-Cu.1: T is not known"));
  bad = good;
  bad.feff[0].elements.clear();
  EXPECT_THAT(complaint({bad}, series()), HasSubstr("elements are not known"));
  bad = good;
  bad.feff[0].rnrmav = 0;
  EXPECT_THAT(complaint({bad}, series()), HasSubstr("Norman radius"));
  bad = good;
  bad.paths[0].n.free = true;
  EXPECT_THAT(complaint({bad}, series()), HasSubstr("n:Cu-Cu.1: an expression stands instead"));
  bad = good;
  bad.paths[0].r.expression = "1/(alpha-alpha)";
  EXPECT_THAT(complaint({bad}, series()), HasSubstr("r:Cu-Cu.1: the expression has no finite"));
  EXPECT_THAT(complaint({good, good}, series()), HasSubstr("names of their own"));
  EXPECT_THAT(complaint({}, series()), HasSubstr("no spectrum"));
  EXPECT_THAT(complaint({good}, series(), {{"reff", 1, 1}}), HasSubstr("restraint 1"));
  EXPECT_THAT(complaint({good}, series(), {{"amp", 1, 0}}), HasSubstr("positive sigma"));
  std::vector<record::FitParameter> odd = series();
  odd[0].name = "T";
  EXPECT_THAT(complaint({good}, odd), HasSubstr("parameter 'T'"));
  odd[0].name = "theta";
  EXPECT_THAT(complaint({good}, odd), HasSubstr("two of that name"));
  odd = series();
  odd[0].prior = record::Prior{1, 0};
  EXPECT_THAT(complaint({good}, odd), HasSubstr("amp: a prior needs"));
  FitData twice = good;
  twice.paths.push_back(twice.paths[0]);
  twice.feff.push_back(twice.feff[0]);
  EXPECT_THAT(complaint({twice}, series()), HasSubstr("two parameters have that name"));
}

TEST(JointFit, NamesTheSpectrumWhoseDataAreShort) {
  FitData good = copper("good", 200, 0), tiny = copper("tiny", 200, 0);
  tiny.chi = tiny.chi.head(100).eval();
  EXPECT_THAT(message_of(
                  [&] {
                    (void)fit({good, tiny}, series());
                  },
                  Cause::data),
              HasSubstr("spectrum tiny: fit: chi(k) ends at 4.95"));
}

}  // namespace
}  // namespace twin::xas::fit_joint_test
