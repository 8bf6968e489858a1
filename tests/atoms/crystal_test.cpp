// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/crystal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "atoms/element.h"
#include "core/error.h"

namespace twin::atoms::crystal_test {
namespace {

record::Structure structure(const std::string& lattice, double a, int cells = 3) {
  record::Structure result;
  result.lattice = lattice;
  result.element = "Cu";
  result.a = a;
  result.supercell = {cells, cells, cells};
  return result;
}

TEST(Crystal, HasTheAtomsOfItsCells) {
  auto oblong = structure("fcc", 3.6);
  oblong.supercell = {1, 2, 3};
  const Frame frame = build_crystal(oblong);
  EXPECT_EQ(frame.positions.rows(), 4 * 6);
  EXPECT_EQ(frame.species, std::vector<int>(24, 0));
  EXPECT_DOUBLE_EQ(frame.cell(2, 2), 3 * 3.6);
  EXPECT_EQ(build_crystal(structure("bcc", 2.87)).positions.rows(), 2 * 27);
  EXPECT_EQ(build_crystal(structure("sc", 3.3)).positions.rows(), 27);
}

TEST(Crystal, AnAtomKeepsItsSiteWhenTheLatticeParameterChanges) {
  const Frame one = build_crystal(structure("fcc", 3.6)),
              other = build_crystal(structure("fcc", 3.7));
  EXPECT_LT((other.positions - one.positions * (3.7 / 3.6)).cwiseAbs().maxCoeff(), 1e-12);
}

// Closed forms: squared distances in units of (a/2)²: fcc 2 4 6 8, bcc 3 4 8 11, sc 4 8 12 16.
TEST(Crystal, ShellsAreThoseOfTheTextbook) {
  struct Case {
    const char* lattice;
    double squares[4];
    int counts[4];
  };
  for (const Case& expected :
       {Case{"fcc", {2, 4, 6, 8}, {12, 6, 24, 12}}, Case{"bcc", {3, 4, 8, 11}, {8, 6, 12, 24}},
        Case{"sc", {4, 8, 12, 16}, {6, 12, 8, 6}}}) {
    const auto found = shells(structure(expected.lattice, 4.0), 8.5);
    ASSERT_GE(found.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(found[i].r, 2.0 * std::sqrt(expected.squares[i]), 1e-12) << expected.lattice;
      EXPECT_EQ(found[i].count, expected.counts[i]) << expected.lattice;
    }
  }
}

TEST(Crystal, ClusterBeginsWithTheAbsorberAndGrowsOutwards) {
  const auto cluster = build_cluster(structure("fcc", 3.61), 6.0);
  EXPECT_EQ(cluster.rows(), 1 + 12 + 6 + 24 + 12 + 24);
  EXPECT_EQ(cluster.row(0).norm(), 0.0);
  for (Eigen::Index i = 1; i < cluster.rows(); ++i)
    EXPECT_GE(cluster.row(i).norm(), cluster.row(i - 1).norm() - 1e-9);
}

TEST(Crystal, RefusesWhatItCannotBuild) {
  const auto cause = [](const record::Structure& wrong) {
    try {
      static_cast<void>(build_crystal(wrong));
    } catch (const Error& error) {
      return error.cause();
    }
    return Cause::negative;
  };
  EXPECT_EQ(cause(structure("hcp", 3.6)), Cause::configuration);
  EXPECT_EQ(cause(structure("fcc", 0.0)), Cause::configuration);
  EXPECT_EQ(cause(structure("fcc", std::nan(""))), Cause::configuration);
  EXPECT_EQ(cause(structure("fcc", 3.6, 0)), Cause::configuration);
}

TEST(Element, AtomicNumbers) {
  EXPECT_EQ(atomic_number("H"), 1);
  EXPECT_EQ(atomic_number("Cu"), 29);
  EXPECT_EQ(atomic_number("I"), 53);
  EXPECT_EQ(atomic_number("Cs"), 55);
  EXPECT_EQ(atomic_number("Pb"), 82);
  EXPECT_EQ(atomic_number("Lr"), 103);
  EXPECT_THROW(static_cast<void>(atomic_number("Xx")), Error);
  EXPECT_THROW(static_cast<void>(atomic_number("")), Error);
}

}  // namespace
TEST(Crystal, AClusterOfMillionsOfCellsIsRefused) {
  record::Structure tiny{"fcc", "Cu", 1e-4, {1, 1, 1}};
  EXPECT_THROW(static_cast<void>(build_cluster(tiny, 6.0)), Error);
}

}  // namespace twin::atoms::crystal_test
