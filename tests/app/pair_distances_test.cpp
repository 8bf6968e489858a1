// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pair_distances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "atoms/crystal.h"
#include "cubic_cspbi3.h"
#include "feff/feff.h"
#include "places.h"

namespace twin::app::pair_distances_test {
namespace {

record::Model mixture(double fraction) {
  use_own_share();
  record::Model model;
  model.structure.element = "Cu";
  model.structure.a = 3.6;
  model.structure.substitutions = {{"Cu", "Ni", fraction}};
  model.potentials = {"CuNi"};
  return model;
}

std::map<std::string, int> composition(const record::Structure& structure) {
  std::map<std::string, int> out;
  for (const auto& site : structure.sites) ++out[site.element];
  return out;
}

TEST(Reference, OfAMixedCrystalHasBothElementsWhateverTheFraction) {
  const record::Structure crystal = reference_crystal(mixture(0.1));
  EXPECT_EQ(composition(crystal), (std::map<std::string, int>{{"Cu", 16}, {"Ni", 16}}));
  EXPECT_DOUBLE_EQ(crystal.a, 7.2);
  EXPECT_TRUE(crystal.substitutions.empty());
  EXPECT_EQ(atoms::elements(crystal), atoms::elements(mixture(0.1).structure));
  for (const double fraction : {0.0, 1.0})
    EXPECT_TRUE(atoms::build_crystal(reference_crystal(mixture(fraction)))
                    .positions.isApprox(atoms::build_crystal(crystal).positions));
  // L1_0: 4 and 8 around each, at the lattice's distance.
  const atoms::Structure cell = atoms::cell_of(crystal);
  for (const char* element : {"Cu", "Ni"}) {
    int like = 0, all = 0;
    for (const auto& atom : atoms::cluster(cell, atoms::find_site(cell, element), 2.6)) {
      if (atom.r.norm() == 0) continue;
      EXPECT_NEAR(atom.r.norm(), 3.6 / std::sqrt(2.0), 1e-9);
      ++all;
      like += atom.element == element;
    }
    EXPECT_EQ(all, 12);
    EXPECT_EQ(like, 4);
  }
}

TEST(Reference, KeepsTheOrderOfTheElements) {
  record::Model model = mixture(0);
  model.structure = cubic_cspbi3(6.29, 2);
  std::swap(model.structure.sites[1], model.structure.sites[4]);  // Cs is the last
  model.structure.substitutions = {{"I", "Br", 0.3}, {"Pb", "Sn", 0.3}};
  model.absorption.reference_a = 6.2;
  const record::Structure crystal = reference_crystal(model);
  EXPECT_EQ(atoms::elements(crystal), atoms::elements(model.structure));
  EXPECT_EQ(composition(crystal),
            (std::map<std::string, int>{{"Pb", 4}, {"Sn", 4}, {"I", 12}, {"Br", 12}, {"Cs", 8}}));
  EXPECT_DOUBLE_EQ(crystal.a, 12.4);
}

TEST(Reference, OfAMixedCrystalHasTablesOfBoth) {
  const auto distances = table_distances(mixture(0), 0, 5);
  ASSERT_EQ(distances.size(), 2U);
  for (const auto& each : distances) {
    EXPECT_LT(each.front(), 3.6 / std::sqrt(2.0) - 0.3);
    EXPECT_GT(each.back(), 5.3);
  }
}

}  // namespace
}  // namespace twin::app::pair_distances_test
