// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "message_of.h"
#include "xas/pre_edge.h"
#include "xas/spectrum.h"

namespace twin::xas::reduce_test {
namespace {

using Eigen::VectorXd;
using testing::HasSubstr;

record::ReduceSettings pinned() {
  record::ReduceSettings settings;
  settings.e0 = spectrum::e0;
  return settings;
}

record::AutobkSettings without_clamps() {
  record::AutobkSettings settings;
  settings.nclamp = 0;
  return settings;
}

TEST(Reduce, FindsTheEdgeOfASpectrum) {
  const auto [energy, mu] = spectrum::make();
  EXPECT_NEAR(find_e0(energy, mu), spectrum::e0, 1.0);  // the grid has steps of 0.5 eV there
}

TEST(Reduce, EdgeStepAndNormOfAStepOnALine) {
  const auto [energy, mu] = spectrum::make({.wave = 0, .width = 0.01});
  const Reduction out = reduce(energy, mu, pinned(), {});
  EXPECT_NEAR(out.edge_step, spectrum::step, 1e-9);
  EXPECT_NEAR(out.norm[0], 0, 1e-9);
  EXPECT_NEAR(out.norm[energy.size() - 1], 1, 1e-9);
  EXPECT_NEAR(out.flat[energy.size() - 1], 1, 1e-9);
  EXPECT_LT(out.chi.tail(out.chi.size() - 60).cwiseAbs().maxCoeff(), 1e-6);
}

TEST(Reduce, ReturnsTheWiggleThatWasPutIn) {
  const auto [energy, mu] = spectrum::make({.width = 0.01});
  const Reduction out = reduce(energy, mu, pinned(), {});
  EXPECT_NEAR(out.edge_step, spectrum::step,
              0.02 * spectrum::step);  // the wave bends the polynomial
  EXPECT_EQ(out.k[1], 0.05);
  double worst = 0;
  for (Eigen::Index i = 80; i < out.k.size() - 40; ++i)  // k from 4 to 2 before the end
    worst = std::max(
        worst, std::abs(out.chi[i] * out.edge_step / spectrum::step - spectrum::chi(out.k[i])));
  EXPECT_LT(worst, 0.05 * 0.1);  // 5 % of its amplitude: the spline takes a little of any wave
}

TEST(Reduce, AnOffsetAndALineChangeNothing) {
  const auto [energy, mu] = spectrum::make();
  const VectorXd shifted = mu.array() + 7 - 3e-4 * energy.array();
  const Reduction a = reduce(energy, mu, pinned(), {}), b = reduce(energy, shifted, pinned(), {});
  EXPECT_LT((a.norm - b.norm).cwiseAbs().maxCoeff(), 1e-11);
  // The background's spline is cubic in k, the line is quadratic: taken up to rounding.
  EXPECT_LT((a.chi - b.chi).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(Reduce, AFactorChangesNothingButTheStep) {
  const auto [energy, mu] = spectrum::make();
  const Reduction a = reduce(energy, mu, pinned(), without_clamps());
  const Reduction b = reduce(energy, 3 * mu, pinned(), without_clamps());
  EXPECT_NEAR(b.edge_step / a.edge_step, 3, 1e-12);
  EXPECT_LT((a.chi - b.chi).cwiseAbs().maxCoeff(), 1e-10);
  // With clamps their scale knows the unit of mu, as Larch's does: nearly the same for quiet data.
  const Reduction c = reduce(energy, mu, pinned(), {}), d = reduce(energy, 3 * mu, pinned(), {});
  EXPECT_LT((c.chi - d.chi).cwiseAbs().maxCoeff(), 1e-3);
}

TEST(Reduce, ClampsPullTheEndDown) {
  auto [energy, mu] = spectrum::make({.wave = 0, .width = 0.01});
  for (Eigen::Index i = 0; i < energy.size(); ++i)  // a rise that is too quick for the spline
    mu[i] += 0.1 * std::pow(std::max(0.0, energy[i] - spectrum::e0 - 700) / 100, 3);
  record::AutobkSettings strong, none = without_clamps();
  strong.kweight = none.kweight = 0;
  strong.clamp_hi = 1000;
  const auto end = [&energy = energy, &mu = mu](const record::AutobkSettings& settings) {
    return reduce(energy, mu, pinned(), settings).chi.tail(3).norm();
  };
  EXPECT_LT(end(strong), 0.2 * end(none));
}

TEST(Reduce, NormalisedDataKeepTheirUnit) {
  const auto [energy, mu] = spectrum::make();
  record::ReduceSettings settings = pinned();
  settings.normalised = true;
  const Reduction out = reduce(energy, mu, settings, {});
  EXPECT_EQ(out.edge_step, 1.0);
  EXPECT_EQ(out.norm, mu);
  EXPECT_FALSE(out.used.pre1.has_value());
}

TEST(Reduce, SaysWhatItUsed) {
  const auto [energy, mu] = spectrum::make();
  const Reduction out = reduce(energy, mu, pinned(), {});
  EXPECT_EQ(out.used.pre1, -145.0);  // the second point, -147, to 5 eV
  EXPECT_EQ(out.used.pre2, -72.5);
  EXPECT_EQ(out.used.norm1, 25.0);
  EXPECT_EQ(out.used.nnorm, 2);
  EXPECT_NEAR(*out.used_autobk.kmax, std::sqrt(etok * 800), 0.2);
  EXPECT_THAT(out.warnings, testing::IsEmpty());
}

TEST(Reduce, ClipsWhatReachesBeyondTheDataAndSaysSo) {
  const auto [energy, mu] = spectrum::make();
  record::ReduceSettings settings = pinned();
  settings.norm2 = 1200;
  record::AutobkSettings autobk;
  autobk.kmax = 18;
  const Reduction out = reduce(energy, mu, settings, autobk);
  EXPECT_THAT(out.warnings, testing::Contains(HasSubstr("norm2 1200")));
  EXPECT_THAT(out.warnings, testing::Contains(HasSubstr("kmax 18")));
  EXPECT_NEAR(*out.used.norm2, energy[energy.size() - 1] - spectrum::e0, 1e-9);
}

TEST(Reduce, AveragesRepeatedEnergies) {
  const auto [energy, mu] = spectrum::make();
  const Eigen::Index n = energy.size(), at = 100;
  VectorXd twice(n + 1), values(n + 1);
  twice << energy.head(at + 1), energy.tail(n - at);
  values << mu.head(at), mu[at] - 0.1, mu[at] + 0.1, mu.tail(n - at - 1);
  const Reduction a = reduce(energy, mu, pinned(), {}), b = reduce(twice, values, pinned(), {});
  EXPECT_EQ(b.energy, energy);
  EXPECT_LT((a.chi - b.chi).cwiseAbs().maxCoeff(), 1e-9);
  EXPECT_THAT(b.warnings, testing::ElementsAre(HasSubstr("1 repeated")));
}

TEST(Reduce, RefusesDamagedData) {
  const auto [energy, mu] = spectrum::make();
  const auto reduced = [](const VectorXd& e, const VectorXd& m) {
    return message_of([&] { (void)reduce(e, m, {}, {}); }, Cause::data);
  };
  VectorXd bad = mu;
  bad[7] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(reduced(energy, bad), HasSubstr("point 8 is not finite"));
  EXPECT_THAT(reduced(energy.head(10), mu.head(10)), HasSubstr("10 points"));
  EXPECT_THAT(reduced(energy, mu.head(10)), HasSubstr("10 values"));
  EXPECT_THAT(reduced(energy.reverse(), mu.reverse()), HasSubstr("decreases at point 2"));
  EXPECT_THAT(reduced(energy, VectorXd::Ones(energy.size())), HasSubstr("flat"));
  EXPECT_THAT(reduced(VectorXd::Constant(energy.size(), 9000.0), mu), HasSubstr("different"));
}

TEST(Reduce, NamesTheRangeThatLiesOutside) {
  const auto [energy, mu] = spectrum::make();
  const auto reduced = [&energy = energy, &mu = mu](auto set, Cause cause) {
    record::ReduceSettings settings = pinned();
    set(settings);
    return message_of([&] { (void)reduce(energy, mu, settings, {}); }, cause);
  };
  EXPECT_THAT(reduced([](auto& s) { s.norm1 = 900, s.norm2 = 1000; }, Cause::data),
              HasSubstr("normalisation range 900 to 1000"));
  EXPECT_THAT(reduced([](auto& s) { s.pre1 = -400, s.pre2 = -300; }, Cause::data),
              HasSubstr("pre-edge range -400 to -300"));
  EXPECT_THAT(reduced([](auto& s) { s.e0 = 12000; }, Cause::data), HasSubstr("e0 12000"));
  EXPECT_THAT(reduced([](auto& s) { s.pre1 = -30, s.pre2 = -150; }, Cause::configuration),
              HasSubstr("pre1 -30 is not below pre2 -150"));
  EXPECT_THAT(reduced([](auto& s) { s.pre1 = 30, s.pre2 = 150; }, Cause::configuration),
              HasSubstr("pre2 150 eV: the pre-edge range ends above the edge"));
}

TEST(Reduce, RangesThatReachIntoTheRiseAreTold) {
  const auto [energy, mu] = spectrum::make();
  const auto told = [&energy = energy, &mu = mu](auto set) {
    record::ReduceSettings settings = pinned();
    set(settings);
    return join(reduce(energy, mu, settings, {}).warnings, "; ");
  };
  EXPECT_EQ(told([](auto&) {}), "");
  EXPECT_THAT(told([](auto& s) { s.pre1 = -8, s.pre2 = -1; }),
              HasSubstr("of the edge in 10 eV; its range is too short, or reaches into the edge"));
  EXPECT_THAT(told([](auto& s) { s.norm1 = 0, s.norm2 = 4, s.nnorm = 0; }),
              HasSubstr("begins at 0 eV, and in the next 10 eV µ rises by"));
  EXPECT_THAT(told([](auto& s) { s.norm1 = 100, s.norm2 = 101; }),
              HasSubstr("100 to 101 eV is too narrow; it begins at 99 eV"));
}

TEST(Reduce, ScansThatStopEarlyGoAsFarAsTheyGo) {
  const auto [energy, mu] = spectrum::make();
  Eigen::Index first_norm = 0, first_chi = 0;
  for (Eigen::Index n = 1; n <= energy.size(); ++n) {
    try {
      const Reduction out = reduce(energy.head(n), mu.head(n), pinned(), {});
      EXPECT_TRUE(out.chi.allFinite() && out.norm.allFinite()) << n;
      EXPECT_GT(out.edge_step, 0);
      EXPECT_EQ(out.chi.size() == 0, out.background.size() == 0);
      if (first_norm == 0) first_norm = n;
      if (out.chi.size() > 0 && first_chi == 0) first_chi = n;
      if (out.chi.size() == 0) {
        EXPECT_THAT(out.warnings, testing::Contains(HasSubstr("no chi(k): ")));
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << error.what();
      EXPECT_EQ(first_norm, 0) << "a longer scan is refused: " << error.what();
    }
  }
  EXPECT_LT(energy[first_norm - 1], spectrum::e0 + 15);  // some points above the edge will do
  EXPECT_NEAR(energy[first_chi - 1], spectrum::e0 + 4 / etok, 5);  // k = 2
}

TEST(Reduce, VictoreensPowerTakesOffWhatIsALineWithIt) {
  const auto [energy, step] = spectrum::make({.wave = 0, .width = 0.01});
  const Eigen::ArrayXd cube = (energy.array() / spectrum::e0).pow(-3);
  const VectorXd mu = (step.array() - 0.4 + 1e-4 * (energy.array() - spectrum::e0) +
                       (2 + 3e-4 * (energy.array() - spectrum::e0)) * cube)
                          .matrix();
  record::ReduceSettings settings = pinned();
  settings.nvict = 3;
  const Reduction out = reduce(energy, mu, settings, {});
  EXPECT_NEAR(out.edge_step, spectrum::step, 1e-9);
  EXPECT_LT(out.norm.head(40).cwiseAbs().maxCoeff(), 1e-10);
  settings.nvict = 0;
  EXPECT_GT(reduce(energy, mu, settings, {}).norm.head(40).cwiseAbs().maxCoeff(), 1e-5);
}

record::ReduceSettings athena() {
  record::ReduceSettings out = pinned();
  out.pre1 = -150, out.pre2 = -30, out.norm1 = 150, out.before_end = 100, out.nnorm = 2;
  return out;
}

TEST(Reduce, TakesAthenasValues) {
  const auto [energy, mu] = spectrum::make();
  record::AutobkSettings autobk;
  autobk.kweight = 2, autobk.nclamp = 5, autobk.clamp_lo = 0, autobk.clamp_hi = 24;
  const Reduction out = reduce(energy, mu, athena(), autobk);
  const double end = energy[energy.size() - 1] - spectrum::e0;
  EXPECT_NEAR(*out.used.norm2, end - 100, 1e-9);
  EXPECT_EQ(*out.used.norm1, 150);
  EXPECT_EQ(*out.used.pre2, -30);
  EXPECT_THAT(out.warnings, testing::IsEmpty());
  EXPECT_EQ(out.used_autobk.clamp_hi, 24);
  EXPECT_LT(out.chi.tail(5).norm(), reduce(energy, mu, athena(), {}).chi.tail(5).norm());
  // Flattened: the difference of the two curves is the edge step everywhere above E0.
  const Eigen::Index edge = index_nearest(energy, spectrum::e0), above = energy.size() - edge;
  const VectorXd expected = (out.mu - out.post).tail(above) / out.edge_step + VectorXd::Ones(above);
  EXPECT_LT((out.flat.tail(above) - expected).cwiseAbs().maxCoeff(), 1e-12);
}

TEST(Reduce, ARangeCountedFromTheEndFollowsAGrowingScan) {
  const auto [energy, mu] = spectrum::make();
  const Eigen::Index n = index_below(energy, spectrum::e0 + 200) + 1;
  const Reduction out = reduce(energy.head(n), mu.head(n), athena(), {});
  EXPECT_THAT(out.warnings, testing::Contains(HasSubstr("ends too early")));
  EXPECT_NEAR(*out.used.norm2, 200, 5);
  EXPECT_LE(*out.used.norm1, 25);
  EXPECT_NEAR(out.edge_step, spectrum::step, 0.1 * spectrum::step);
}

TEST(Reduce, TakesANormalisationFromElsewhere) {
  const auto [energy, mu] = spectrum::make();
  const Reduction own = reduce(energy, mu, pinned(), {});
  ReduceOptions options;
  options.normalisation = Normalisation{2 * own.edge_step, own.pre, {}};
  const Reduction other = reduce(energy, mu, pinned(), {}, options);
  EXPECT_LT((2 * other.norm - own.norm).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_LT((2 * other.chi - own.chi).cwiseAbs().maxCoeff(), 1e-14);
  EXPECT_EQ(other.flat, other.norm);
  options.normalisation = Normalisation{own.edge_step, own.pre, own.post};
  const Reduction same = reduce(energy, mu, pinned(), {}, options);
  EXPECT_LT((same.flat - own.flat).cwiseAbs().maxCoeff(), 1e-13);
  EXPECT_LT((same.chi - own.chi).cwiseAbs().maxCoeff(), 1e-15);
}

TEST(Reduce, RefusesANormalisationThatFitsNothing) {
  const auto [energy, mu] = spectrum::make();
  const auto refused = [&energy = energy, &mu = mu](Normalisation given) {
    ReduceOptions options;
    options.normalisation = std::move(given);
    return message_of([&] { static_cast<void>(reduce(energy, mu, pinned(), {}, options)); },
                      Cause::data);
  };
  EXPECT_THAT(refused({0.0, mu, {}}), HasSubstr("edge step of 0"));
  EXPECT_THAT(refused({NAN, mu, {}}), HasSubstr("edge step"));
  EXPECT_THAT(refused({1.0, mu.head(5), {}}), HasSubstr("curves of 5"));
  EXPECT_THAT(refused({1.0, mu, mu.head(7)}), HasSubstr("and 7 points"));
  EXPECT_THAT(refused({1.0, mu / 0.0, {}}), HasSubstr("not finite"));
}

}  // namespace
}  // namespace twin::xas::reduce_test
