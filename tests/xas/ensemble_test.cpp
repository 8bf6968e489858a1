// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ensemble.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <Eigen/Geometry>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "atoms/crystal.h"
#include "core/constants.h"
#include "core/error.h"
#include "xas/fit.h"
#include "xas/made_up_path.h"
#include "xas/path_copies.h"

namespace twin::xas::ensemble_test {
namespace {

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(361, 0.0, 18.0);
constexpr double lattice = 3.61;

PairTable table() {
  std::vector<ScatteringPath> nodes;
  for (int i = 0; i < 17; ++i) nodes.push_back(made_up_pair(1.8 + 0.3 * i));
  return {nodes, k};
}

atoms::Frame crystal(const std::string& kind, int cells, double a = lattice) {
  record::Structure structure;
  structure.lattice = kind;
  structure.a = a;
  structure.supercell = {cells, cells, cells};
  return atoms::build_crystal(structure);
}

/// A triangle, a focusing chain and a path to and fro, as fcc has them at \p a.
std::vector<ScatteringPath> multiple(double a = lattice) {
  Eigen::MatrixX3d triangle(3, 3), chain(3, 3), fro(4, 3);
  triangle << 0, 0, 0, 0.5, 0.5, 0, 0.5, 0, 0.5;
  chain << 0, 0, 0, 0.5, 0.5, 0, 1, 1, 0;
  fro << 0, 0, 0, 0.5, 0, 0.5, 0, 0, 0, -0.5, 0, 0.5;
  return {made_up_path(a * triangle, 48), made_up_path(a * chain, 24), made_up_path(a * fro, 48)};
}

EnsembleSettings everything() {
  EnsembleSettings settings;
  settings.absorbers_per_frame = 1000;
  settings.copies_per_absorber = 48;
  return settings;
}

Eigen::MatrixX3d gaussian(Eigen::Index atoms, std::mt19937& engine) {
  std::normal_distribution<double> normal;
  Eigen::MatrixX3d result(atoms, 3);
  for (Eigen::Index i = 0; i < result.size(); ++i) result.data()[i] = normal(engine);
  return result;
}

atoms::Frame displaced(atoms::Frame frame, const Eigen::MatrixX3d& by) {
  frame.positions += by;
  return frame;
}

/// Relative rms difference of k χ from k = 3 on.
double relative(const Eigen::VectorXd& one, const Eigen::VectorXd& other) {
  const auto part = [](const Eigen::VectorXd& chi) {
    return chi.tail(301).cwiseProduct(k.tail(301)).eval();
  };
  return part(one - other).norm() / part(other).norm();
}

TEST(Ensemble, OfAnUndisturbedCrystalIsTheSumOfItsPaths) {
  Ensemble ensemble(table(), multiple(), crystal("fcc", 3), {});
  ensemble.add(crystal("fcc", 3), 0, {});
  Eigen::VectorXd single = Eigen::VectorXd::Zero(k.size());
  record::Structure structure;
  structure.a = lattice;
  for (const auto& shell : atoms::shells(structure, 6.0))
    single += shell.count * table().chi(shell.r);
  EXPECT_LT(relative(ensemble.chi_single(), single), 3e-5);  // the bins, at their worst at k = 18
  Eigen::VectorXd all = single;
  for (const auto& path : multiple()) {
    PathValues values;
    values.amplitude = path.degeneracy;
    all += path_chi(path, values, k);
  }
  EXPECT_LT(relative(ensemble.chi(), all), 3e-5);
}

// A cell of one atom that breathes: its six neighbours keep a Gaussian distribution of σ = R σ_ε,
// here by its quantiles. The path equation is the average to second order in the cumulants of
// exp(-2r/λ)/r² dr: what is left is of order (σ/R)² = 4e-4.
TEST(Ensemble, OfAGaussianDistributionIsThePathEquation) {
  const double r = 2.8, sigma = 0.06;
  EnsembleSettings settings;
  settings.rmax = 3.0;
  const auto ideal = crystal("sc", 1, r);
  Ensemble ensemble(table(), {}, ideal, settings);
  constexpr int frames = 4001;
  double variance = 0;
  std::mt19937 engine(1);
  // Equal steps in z with weights would need weights; quantiles by inversion of the integral.
  double z = -4.0, below = 0;
  const double dz = 1e-4;
  for (int i = 0; i < frames; ++i) {
    while (below < (i + 0.5) / frames) {
      below += std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi) * dz;
      z += dz;
      if (z > 4.5) break;
    }
    atoms::Frame frame = ideal;
    frame.cell *= 1 + sigma * z / r;
    variance += sigma * sigma * z * z / frames;
    ensemble.add(frame, 0, {});
  }
  ASSERT_NEAR(variance, sigma * sigma, 2e-3 * sigma * sigma);
  PathValues values;
  values.amplitude = 6;
  values.sigma2 = variance;
  EXPECT_LT(relative(ensemble.chi(), path_chi(made_up_pair(r), values, k)), 5e-3);
  values.sigma2 *= 1.02;  // and the test would see a variance that is wrong by 2 %
  EXPECT_GT(relative(ensemble.chi(), path_chi(made_up_pair(r), values, k)), 6e-3);
}

TEST(Ensemble, PathCopiesAreTheOrbitsOfTheCubicGroup) {
  const PathCopies copies(multiple(), crystal("fcc", 3));
  EXPECT_EQ(copies.copies(0), 24u);  // 48 with their reverses
  EXPECT_EQ(copies.copies(1), 12u);
  EXPECT_EQ(copies.copies(2), 12u);  // 0.5 0 0.5 with -0.5 0 0.5: one pair a plane diagonal
  for (std::size_t p = 0; p < 3; ++p)
    for (std::size_t c = 0; c < copies.copies(p); ++c)
      for (const int atom : {0, 17, 107})
        EXPECT_NEAR(copies.half_length(p, c, atom, crystal("fcc", 3)), multiple()[p].reff, 1e-9);
}

TEST(Ensemble, PathsOfAnotherLatticeParameterAreScaled) {
  const PathCopies copies(multiple(3.45), crystal("fcc", 3, 3.69));
  EXPECT_NEAR(copies.half_length(0, 5, 9, crystal("fcc", 3, 3.69)), multiple(3.69)[0].reff, 1e-9);
  EXPECT_THROW(PathCopies(multiple(), crystal("bcc", 3, 2.87)), Error);
}

// The chain's length is counted along its own bonds: one atom moved by u along the chain changes no
// length of a straight chain that it stands in, but those that it ends.
TEST(Ensemble, MultipleScatteringTakesTheMomentsOfTheLengths) {
  const auto ideal = crystal("fcc", 3);
  std::mt19937 engine(2);
  const PathCopies copies(multiple(), ideal);
  const auto frame = displaced(ideal, 0.07 * gaussian(ideal.positions.rows(), engine));
  Ensemble ensemble(table(), multiple(), ideal, everything());
  ensemble.add(frame, 0, {});
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(k.size());
  for (std::size_t p = 0; p < 3; ++p) {
    double sum = 0, squares = 0, n = 0;
    for (int atom = 0; atom < ideal.positions.rows(); ++atom)
      for (std::size_t c = 0; c < copies.copies(p); ++c, ++n) {
        const double d = copies.half_length(p, c, atom, frame) - multiple()[p].reff;
        sum += d;
        squares += d * d;
      }
    PathValues values;
    values.amplitude = multiple()[p].degeneracy;
    values.delta_r = sum / n;
    values.sigma2 = squares / n - sum / n * sum / n;
    EXPECT_GT(values.sigma2, 1e-3);
    expected += path_chi(multiple()[p], values, k);
  }
  EXPECT_LT(relative(ensemble.chi() - ensemble.chi_single(), expected), 1e-9);
}

TEST(Ensemble, DoesNotKnowOrientationOriginAndOrder) {
  const auto ideal = crystal("fcc", 3);
  std::mt19937 engine(3);
  const auto frame = displaced(ideal, 0.08 * gaussian(ideal.positions.rows(), engine));
  const auto chi = [](const atoms::Frame& sites, const atoms::Frame& moved) {
    Ensemble ensemble(table(), multiple(), sites, everything());
    ensemble.add(moved, 0, {});
    return ensemble.chi();
  };
  const Eigen::VectorXd expected = chi(ideal, frame);

  auto shifted = frame;
  shifted.positions.rowwise() += Eigen::RowVector3d(5, -40, 0.3);
  EXPECT_LT(relative(chi(ideal, shifted), expected), 1e-9);

  const Eigen::Matrix3d quarter(Eigen::AngleAxisd(std::numbers::pi / 2, Eigen::Vector3d::UnitY()));
  const auto turned = [&](atoms::Frame one) {
    one.cell = one.cell * quarter.transpose();
    one.positions = one.positions * quarter.transpose();
    return one;
  };
  EXPECT_LT(relative(chi(turned(ideal), turned(frame)), expected), 1e-9);

  std::vector<Eigen::Index> order(static_cast<std::size_t>(ideal.positions.rows()));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Eigen::Index>(i);
  std::shuffle(order.begin(), order.end(), engine);
  const auto shuffled = [&](atoms::Frame one) {
    const Eigen::MatrixX3d before = one.positions;
    for (std::size_t i = 0; i < order.size(); ++i)
      one.positions.row(static_cast<Eigen::Index>(i)) = before.row(order[i]);
    return one;
  };
  EXPECT_LT(relative(chi(shuffled(ideal), shuffled(frame)), expected), 1e-9);
}

TEST(Ensemble, DeleteOneValuesAreThoseOfTheOtherFrames) {
  const auto ideal = crystal("fcc", 2);
  std::mt19937 engine(4);
  EnsembleSettings settings = everything();
  settings.blocks = 3;
  Ensemble all(table(), multiple(), ideal, settings), without(table(), multiple(), ideal, settings);
  for (int i = 0; i < 12; ++i) {
    const auto frame = displaced(ideal, 0.07 * gaussian(ideal.positions.rows(), engine));
    all.add(frame, i % 3, {});
    if (i % 3 != 1) without.add(frame, i % 3, {});
  }
  EXPECT_EQ(all.frames(), 12);
  EXPECT_LT(relative(all.chi_without_block().row(1).transpose(), without.chi()), 1e-9);
}

// Independent oscillators at their sites: the canonical distribution is Gaussian and exact.
struct Einstein {
  double stiffness = 3.0;  // eV/Å²; sigma 0.093 Å at 300 K
  atoms::Frame sites = crystal("fcc", 2);

  [[nodiscard]] double sigma(double temperature) const {
    return std::sqrt(boltzmann_eV * temperature / stiffness);
  }
  /// χ of \p frames frames; S = ∂U/∂ε = 2 U, as affine strain stretches the displacements too.
  [[nodiscard]] Ensemble sample(const atoms::Frame& ideal, double temperature, int frames) const {
    EnsembleSettings settings;
    settings.absorbers_per_frame = 8;
    settings.parameters = 1;
    Ensemble ensemble(table(), multiple(), ideal, settings);
    std::mt19937 engine(5);  // the same random numbers for every temperature and strain
    for (int i = 0; i < frames; ++i) {
      const Eigen::MatrixX3d u = sigma(temperature) * gaussian(ideal.positions.rows(), engine);
      const double energy = stiffness / 2 * u.squaredNorm();
      ensemble.add(displaced(ideal, u), i % 8, {-900.0 + energy, 2 * energy, 1.0, {50.0 + energy}});
    }
    return ensemble;
  }
};

// Noise of cov(A, U) of n frames is about 2/√n of the covariance itself: 4 % here.
TEST(Ensemble, TemperatureTangentIsTheDifference) {
  const Einstein model;
  const int frames = 2500;
  const double step = 10.0;
  const Eigen::VectorXd difference = (model.sample(model.sites, 300 + step, frames).chi() -
                                      model.sample(model.sites, 300 - step, frames).chi()) /
                                     (2 * step);
  const Ensemble ensemble = model.sample(model.sites, 300, frames);
  const Eigen::VectorXd tangent = ensemble.temperature_tangent(300);
  EXPECT_LT(relative(tangent, difference), 0.12);
  EXPECT_NEAR(tangent.dot(difference) / difference.squaredNorm(), 1.0, 0.1);
  // A parameter that multiplies the whole of U does what a lower temperature does.
  EXPECT_LT(relative(ensemble.parameter_tangent(0, 300), -300 * tangent), 1e-9);
}

TEST(Ensemble, StrainTangentIsTheDifference) {
  const Einstein model;
  const int frames = 2500;
  const double step = 1e-3;
  const auto strained = [](double epsilon) { return crystal("fcc", 2, lattice * (1 + epsilon)); };
  const Eigen::VectorXd difference = (model.sample(strained(step), 300, frames).chi() -
                                      model.sample(strained(-step), 300, frames).chi()) /
                                     (2 * step);
  const auto ensemble = model.sample(model.sites, 300, frames);
  EXPECT_LT(relative(ensemble.strain_tangent(300), difference), 0.02);
}

TEST(Ensemble, StrainTangentAtConstantEnergyIsAffine) {
  const auto ideal = crystal("fcc", 2);
  const double step = 1e-4;
  const auto ensemble = [&](double epsilon) {
    Ensemble result(table(), multiple(), ideal, everything());
    std::mt19937 engine(6);
    for (int i = 0; i < 20; ++i) {
      auto frame = displaced(ideal, 0.08 * gaussian(ideal.positions.rows(), engine));
      frame.positions *= 1 + epsilon;
      frame.cell *= 1 + epsilon;
      result.add(frame, i % 8, {-3.5, 0.25});
    }
    return result;
  };
  const Eigen::VectorXd difference = (ensemble(step).chi() - ensemble(-step).chi()) / (2 * step);
  EXPECT_LT(relative(ensemble(0).strain_tangent(300), difference), 1e-4);
  EXPECT_LT(ensemble(0).temperature_tangent(300).norm(), 1e-12);
}

TEST(Ensemble, RefusesWhatIsNotThisCrystal) {
  const auto ideal = crystal("fcc", 2);
  Ensemble ensemble(table(), multiple(), ideal, {});
  EXPECT_THROW(static_cast<void>(ensemble.chi()), Error);
  auto wrong = ideal;
  wrong.positions(3, 1) += 1.4;
  EXPECT_THROW(ensemble.add(wrong, 0, {}), Error);
  wrong.positions(3, 1) = std::nan("");
  EXPECT_THROW(ensemble.add(wrong, 0, {}), Error);
  EXPECT_THROW(ensemble.add(ideal, 8, {}), Error);
  EXPECT_THROW(ensemble.add(ideal, 0, {std::nan(""), 0}), Error);
  EXPECT_THROW(ensemble.add(crystal("fcc", 3), 0, {}), Error);
  EXPECT_EQ(ensemble.frames(), 0);
  ensemble.add(ideal, 0, {});
  EXPECT_THROW(static_cast<void>(ensemble.chi_without_block()), Error);
  EXPECT_THROW(Ensemble(table(), {}, crystal("fcc", 3, 2.35), {}),
               Error);  // 1.66 Å: at the table's end
}

}  // namespace
}  // namespace twin::xas::ensemble_test
