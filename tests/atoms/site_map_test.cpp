// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/site_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <numeric>
#include <random>

#include "atoms/crystal.h"
#include "atoms/site_search.h"
#include "message_of.h"

namespace twin::atoms::site_map_test {
namespace {

using testing::HasSubstr;

record::Structure perovskite(std::array<int, 3> supercell = {3, 3, 4}) {
  record::Structure s;
  s.a = 6.29;
  s.supercell = supercell;
  s.cell = {{{6.29, 0, 0}, {0, 6.29, 0}, {0, 0, 6.29}}};
  s.sites = {{"Cs", {0, 0, 0}},
             {"Pb", {0.5, 0.5, 0.5}},
             {"I", {0, 0.5, 0.5}},
             {"I", {0.5, 0, 0.5}},
             {"I", {0.5, 0.5, 0}}};
  return s;
}

record::Structure copper() {
  record::Structure s;
  s.element = "Cu";
  s.a = 3.615;
  s.supercell = {3, 3, 3};
  return s;
}

/// A crystal in motion, its model, and a trajectory of it that is anything but tidy.
struct Moving {
  Frame ideal;
  std::vector<std::string> species;
  Frame moved;  ///< in the model's order, unwrapped
  TrajectoryFrame frame;
  TrajectoryAtoms atoms;

  explicit Moving(const record::Structure& structure, double amplitude = 0.25)
      : ideal(build_crystal(structure)), species(elements(structure)), moved(ideal) {
    std::mt19937 random(7);
    std::normal_distribution<double> normal(0, amplitude);
    moved.cell *= 1.02;
    moved.positions *= 1.02;
    for (double& x : moved.positions.reshaped()) x += normal(random);
    frame.cell = moved.cell;
    frame.positions = moved.positions;
    for (const int kind : ideal.species)
      atoms.elements.push_back(species[static_cast<std::size_t>(kind)]);
  }

  void shift(const Eigen::RowVector3d& by) { frame.positions.rowwise() += by; }
  void wrap() {
    Eigen::MatrixX3d fractions = frame.positions * frame.cell.inverse();
    fractions = fractions.array() - fractions.array().floor();
    frame.positions = fractions * frame.cell;
  }
  void shuffle() {
    std::vector<Eigen::Index> order(atoms.elements.size());
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    std::ranges::shuffle(order, std::mt19937(3));
    const auto old = *this;
    for (std::size_t i = 0; i < order.size(); ++i) {
      frame.positions.row(static_cast<Eigen::Index>(i)) = old.frame.positions.row(order[i]);
      atoms.elements[i] = old.atoms.elements[static_cast<std::size_t>(order[i])];
    }
  }

  [[nodiscard]] SiteMap map() const { return {ideal, species, atoms, frame}; }

  /// All atoms where they were, but for a shift of the whole crystal.
  void expect_found() const {
    const Frame placed = map().place(frame);
    Eigen::MatrixX3d difference = placed.positions - moved.positions;
    difference.rowwise() -= difference.row(0).eval();
    EXPECT_LT(difference.cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_EQ(placed.species, ideal.species);
  }
  [[nodiscard]] std::string refusal() const {
    return message_of([&] { static_cast<void>(map()); });
  }
};

TEST(SiteMap, WrappedAtomsComeBackToTheirSites) {
  for (const auto& structure : {perovskite(), copper()}) {
    Moving crystal(structure);
    crystal.expect_found();
    crystal.shift({17.3, -4.1, 0.6});
    crystal.wrap();
    crystal.expect_found();
    EXPECT_FALSE(crystal.map().reordered());
  }
}

TEST(SiteMap, FindsTheOrderByPositions) {
  for (const auto& structure : {perovskite(), copper()}) {
    Moving crystal(structure);
    crystal.shift({1.7, -4.1, 0.6});
    crystal.wrap();
    crystal.shuffle();
    const auto map = crystal.map();
    EXPECT_TRUE(map.reordered());
    // Which cell of the crystal comes first is open: bonds tell whether all else is right.
    const Frame placed = map.place(crystal.frame);
    const Eigen::MatrixX3d away =
        placed.positions - (crystal.ideal.positions * crystal.ideal.cell.inverse()) * placed.cell;
    const Eigen::RowVector3d drift = away.colwise().mean();
    const double rmsd = std::sqrt((away.rowwise() - drift).rowwise().squaredNorm().mean());
    const Eigen::MatrixX3d truth = crystal.moved.positions - 1.02 * crystal.ideal.positions;
    const Eigen::RowVector3d true_drift = truth.colwise().mean();
    EXPECT_NEAR(rmsd, std::sqrt((truth.rowwise() - true_drift).rowwise().squaredNorm().mean()),
                1e-9);
  }
}

TEST(SiteMap, OneElementNeedsNoNames) {
  Moving crystal(copper(), 0.1);
  crystal.shuffle();
  crystal.atoms.elements.clear();
  EXPECT_TRUE(crystal.map().reordered());
}

TEST(SiteMap, FollowsADriftThroughTheCell) {
  Moving crystal(perovskite());
  const auto map = crystal.map();
  const Frame before = map.place(crystal.frame);
  crystal.shift({200.0, 3.0, -77.0});
  crystal.wrap();
  Eigen::MatrixX3d difference = map.place(crystal.frame).positions - before.positions;
  difference.rowwise() -= difference.row(0).eval();
  EXPECT_LT(difference.cwiseAbs().maxCoeff(), 1e-9);
}

TEST(SiteMap, LightLigandsMayTurn) {
  auto structure = perovskite();
  structure.sites[0].element = "C";
  structure.sites.push_back({"H", {0.1, 0, 0}});
  structure.sites.push_back({"H", {-0.1, 0, 0}});
  Moving crystal(structure, 0.1);
  for (Eigen::Index i = 0; i < crystal.frame.positions.rows(); i += 7)
    crystal.frame.positions.row(i + 5).swap(crystal.frame.positions.row(i + 6));
  const auto map = crystal.map();
  EXPECT_FALSE(map.reordered());
  EXPECT_LT((map.place(crystal.frame).positions.row(5) - crystal.frame.positions.row(5)).norm(),
            1e-9);
}

TEST(SiteMap, SaysWhatDoesNotMatch) {
  const Moving good(perovskite());
  Moving other = good;
  other.frame.positions.conservativeResize(10, 3);
  EXPECT_THAT(other.refusal(), HasSubstr("its 10 atoms are not the model's 180"));
  other = good;
  other.atoms.elements[3] = "Br";
  EXPECT_THAT(other.refusal(), HasSubstr("36 Cs, 36 Pb, 107 I, 1 Br; the model has 36 Cs"));
  other = good;
  other.frame.cell *= 1.3;
  EXPECT_THAT(other.refusal(),
              HasSubstr("is not the model's supercell of 18.870 × 18.870 × 25.160"));
  other = good;
  other.atoms.elements.clear();
  other.atoms.kinds = std::vector<int>(180, 1);
  EXPECT_THAT(other.refusal(), HasSubstr("its atoms of type 1 are Cs and Pb by the model's order"));
  other = good;
  other.shuffle();
  other.atoms.elements.clear();
  EXPECT_THAT(other.refusal(), HasSubstr("a format that names elements"));
  other = good;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> anywhere(0, 25);
  for (double& x : other.frame.positions.reshaped()) x = anywhere(random);
  EXPECT_THAT(other.refusal(), HasSubstr("not at the model's sites"));
}

TEST(CircularMean, DoesNotMindImages) {
  Eigen::MatrixX3d fractions(4, 3);
  fractions << 0.95, 0.1, -0.5, 0.05, 1.1, 0.5, 1.0, 0.1, 1.5, -1.0, -0.9, 0.5;
  const Eigen::RowVector3d mean = circular_mean(fractions);
  EXPECT_NEAR(mean[0], 0, 1e-12);
  EXPECT_NEAR(mean[1], 0.1, 1e-12);
  EXPECT_NEAR(std::abs(mean[2]), 0.5, 1e-12);
}

}  // namespace
}  // namespace twin::atoms::site_map_test
