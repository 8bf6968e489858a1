// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/pair_distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "atoms/crystal.h"
#include "cubic_cspbi3.h"

namespace twin::md::pair_distribution_test {
namespace {

/// n(r): neighbours of an atom of \p one within r, from g.
double within(const PairDistribution& distribution, const PairDistribution::Pair& pair, double r,
              double density) {
  double sum = 0;
  const Eigen::VectorXd at = distribution.r();
  const double step = at[1] - at[0];
  for (Eigen::Index i = 0; i < at.size() && at[i] < r; ++i)
    sum += 4 * std::numbers::pi * density * pair.g[i] * step * (at[i] * at[i] + step * step / 12);
  return sum;
}

TEST(PairDistribution, OfACrystalCountsItsShells) {
  const double a = 6.29;
  const auto ideal = atoms::build_crystal(cubic_cspbi3(a, 4));
  PairDistribution distribution(ideal, 10, 0.05, 1);
  distribution.add(ideal, 0);
  const auto pairs = distribution.result();
  ASSERT_EQ(pairs.size(), 6U);  // Pb 0, Cs 1, I 2
  const double cells = 1 / (a * a * a);
  struct Expected {
    int one, other;
    double r, density, count;
  };
  for (const Expected& e : {Expected{0, 2, 4.0, 3 * cells, 6}, Expected{0, 0, 7.0, cells, 6},
                            Expected{2, 2, 5.0, 3 * cells, 8}, Expected{1, 2, 5.0, 3 * cells, 12},
                            Expected{0, 0, 9.5, cells, 18}, Expected{2, 2, 6.5, 3 * cells, 14}})
    for (const auto& pair : pairs)
      if (pair.one == e.one && pair.other == e.other) {
        EXPECT_NEAR(within(distribution, pair, e.r, e.density), e.count, 1e-9);
      }
}

TEST(PairDistribution, OfIndependentAtomsIsOne) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform(-1, 2);  // over several images
  atoms::Frame frame;
  frame.cell = Eigen::Vector3d(21, 22, 23).asDiagonal();
  frame.positions.resize(300, 3);
  for (int i = 0; i < 300; ++i) frame.species.push_back(i % 3 == 0 ? 0 : 1);
  PairDistribution distribution(frame, 10, 0.5, 8);
  for (int block = 0; block < 8; ++block)
    for (int i = 0; i < 10; ++i) {
      for (double& x : frame.positions.reshaped()) x = uniform(random);
      frame.positions *= frame.cell;
      distribution.add(frame, block);
    }
  for (const auto& pair : distribution.result()) {
    // An atom is not its own neighbour: a hundred of species 0, two hundred of 1.
    const double expected = pair.one != pair.other ? 1 : pair.one == 0 ? 0.99 : 0.995;
    double chi2 = 0;
    for (Eigen::Index bin = 4; bin < pair.g.size(); ++bin) {
      EXPECT_NEAR(pair.g[bin], expected, 6 * pair.sigma[bin]);  // t of 7 degrees of freedom
      chi2 += std::pow((pair.g[bin] - expected) / pair.sigma[bin], 2);
    }
    // 16 bins of t²: mean 7/5 each.
    EXPECT_LT(chi2, 16 * 1.4 * 2.2);
    EXPECT_GT(chi2, 16 * 1.4 * 0.25);
    EXPECT_GT(pair.sigma[10], 0);
  }
}

TEST(PairDistribution, EndsAtHalfTheBox) {
  const auto ideal = atoms::build_crystal(cubic_cspbi3(6.3, 2));
  const PairDistribution distribution(ideal, 10, 0.05, 1);
  EXPECT_EQ(distribution.r().size(), 126);
  EXPECT_NEAR(distribution.r()[125], 6.275, 1e-12);
  EXPECT_TRUE(distribution.result().empty());
}

TEST(PairDistribution, WeighsFrames) {
  const auto ideal = atoms::build_crystal(cubic_cspbi3(6, 2));
  auto wide = ideal;
  wide.cell *= 1.02;
  wide.positions *= 1.02;
  PairDistribution twice(ideal, 6, 0.05, 2), once(ideal, 6, 0.05, 2);
  for (int i = 0; i < 3; ++i) twice.add(ideal, 0);
  twice.add(wide, 1);
  once.add(ideal, 0, 0.75);
  once.add(wide, 1, 0.25);
  const auto all = twice.result(), weighed = once.result();
  for (std::size_t p = 0; p < all.size(); ++p) {
    EXPECT_TRUE(all[p].g.isApprox(weighed[p].g, 1e-12));
    EXPECT_TRUE(all[p].sigma.isApprox(weighed[p].sigma, 1e-12));
  }
}

}  // namespace
}  // namespace twin::md::pair_distribution_test
