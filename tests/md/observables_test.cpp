// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observables.h"

#include <gtest/gtest.h>

#include <random>

#include "atoms/crystal.h"

namespace twin::md::observables_test {
namespace {

record::Structure copper() {
  record::Structure structure;
  structure.element = "Cu";
  structure.a = 3.6;
  structure.supercell = {3, 3, 3};
  return structure;
}

Eigen::MatrixX3d shaken(const atoms::Frame& ideal, double amplitude, std::mt19937_64& random) {
  std::normal_distribution<double> normal(0, amplitude);
  return ideal.positions.unaryExpr([&](double x) { return x + normal(random); });
}

class Shell : public ::testing::Test {
 protected:
  [[nodiscard]] atoms::Frame at(const Eigen::MatrixX3d& positions) const {
    return {ideal.cell, positions, ideal.species};
  }

  atoms::Frame ideal = atoms::build_crystal(copper());
  Shells shell{ideal};
  std::mt19937_64 random{4};
};

TEST_F(Shell, OfTheIdealCrystalHasNoSpread) {
  const FrameValues values = shell.of(ideal);
  EXPECT_NEAR(shell.all().front().r, 3.6 / std::sqrt(2), 1e-12);
  EXPECT_NEAR(values.shells[0].d1, 0, 1e-12);
  EXPECT_NEAR(values.shells[0].d2, 0, 1e-12);
  EXPECT_NEAR(values.rmsd, 0, 1e-12);
  EXPECT_DOUBLE_EQ(shell.neighbours(ideal)[0], 12);
}

TEST_F(Shell, DoesNotSeeADrift) {
  const Eigen::MatrixX3d moved = shaken(ideal, 0.1, random);
  const Eigen::MatrixX3d drifted = moved.rowwise() + Eigen::RowVector3d(5, -7, 40);
  const FrameValues before = shell.of(at(moved)), after = shell.of(at(drifted));
  EXPECT_NEAR(before.shells[0].d1, after.shells[0].d1, 1e-12);
  EXPECT_NEAR(before.shells[0].d2, after.shells[0].d2, 1e-12);
  EXPECT_NEAR(before.rmsd, after.rmsd, 1e-12);
  EXPECT_NEAR(shell.neighbours(at(moved))[0], shell.neighbours(at(drifted))[0], 1e-12);
}

TEST_F(Shell, OfIndependentAtomsIsTheClosedForm) {
  // Independent normal displacements of variance s² a coordinate: σ² ≈ 2 s² along the bond,
  // ⟨r⟩ - r0 ≈ 2 s²/r0 from the two directions across, rmsd = s √3.
  const double s = 0.05;
  std::vector<Trajectory> replicas(2);
  for (Trajectory& replica : replicas)
    for (int i = 0; i < 200; ++i) replica.push_back(shell.of(at(shaken(ideal, s, random))));
  const Cumulants all = cumulants(replicas, shell.all().front().r);
  // Terms of order s⁴/r² are 1e-3 of these; the rest is scatter.
  EXPECT_NEAR(all.r.value - shell.all().front().r, 2 * s * s / shell.all().front().r,
              4 * all.r.sigma + 1e-5);
  EXPECT_NEAR(all.sigma2.value, 2 * s * s, 4 * all.sigma2.sigma + 1e-5);
  EXPECT_LT(all.sigma2.sigma, 0.01 * all.sigma2.value);
  // Without the drift there are 108 - 1 free atoms; the root of a scattered mean square is 0.15 %
  // lower.
  EXPECT_NEAR(mean_over(replicas, [](const FrameValues& f) { return f.rmsd; }).value,
              s * std::sqrt(3.0 * 107 / 108), 0.004 * s * std::sqrt(3.0));
}

TEST_F(Shell, SeesAnAtomThatHasLeft) {
  Eigen::MatrixX3d positions = ideal.positions;
  positions.row(5) += Eigen::RowVector3d(1.2, 0.3, 0.2);
  EXPECT_LT(shell.neighbours(at(positions))[0], 12);
}

TEST(Cumulants, OfASkewedDistributionAreItsOwn) {
  // One "bond" a frame from an exponential of mean 0.1: cumulants 0.1, 0.01, 0.002.
  std::mt19937_64 random(9);
  std::exponential_distribution<double> exponential(10);
  std::vector<Trajectory> replicas(4);
  for (Trajectory& replica : replicas)
    for (int i = 0; i < 20000; ++i) {
      const double d = exponential(random);
      FrameValues values;
      values.shells = {{d, d * d, d * d * d}};
      replica.push_back(values);
    }
  const Cumulants all = cumulants(replicas, 2.5);
  EXPECT_NEAR(all.r.value, 2.6, 4 * all.r.sigma);
  EXPECT_NEAR(all.sigma2.value, 0.01, 4 * all.sigma2.sigma);
  EXPECT_NEAR(all.c3.value, 0.002, 4 * all.c3.sigma);
  EXPECT_NEAR(all.r.sigma, 0.1 / std::sqrt(80000.0), 0.05 * all.r.sigma);
  // var of the sample variance: (µ4 - σ⁴)/n = 8 σ⁴/n for an exponential
  EXPECT_NEAR(all.sigma2.sigma, 0.01 * std::sqrt(8.0 / 80000), 0.15 * all.sigma2.sigma);
}

TEST(Pressure, OfAnIdealGasIsItsKineticPart) {
  FrameValues values;
  values.temperature = 300;
  values.volume = 4e4;
  // 1000 particles, 999 without the centre of mass, in 40 nm³: 999 · 1.380649e-23 · 300 / 4e-26 Pa
  EXPECT_NEAR(pressure_bar(values, 1000), 1034.451, 0.001);
}

TEST(Density, OfCopper) { EXPECT_NEAR(density(4 * 63.546, std::pow(3.615, 3)), 8.9345, 1e-4); }

}  // namespace
}  // namespace twin::md::observables_test
