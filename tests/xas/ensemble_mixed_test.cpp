// SPDX-License-Identifier: GPL-3.0-or-later
// An ensemble of a mixed crystal, where atoms of several species share sites.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "atoms/crystal.h"
#include "core/error.h"
#include "xas/ensemble.h"
#include "xas/made_up_path.h"

namespace twin::xas::ensemble_mixed_test {
namespace {

using ::testing::HasSubstr;

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(281, 0.0, 14.0);

/// Scatterers of which one has \p times the amplitude of the other.
PairTable table(double times) {
  std::vector<ScatteringPath> nodes;
  for (int i = 0; i < 30; ++i) {
    nodes.push_back(made_up_pair(1.8 + 0.3 * i));
    nodes.back().mag *= times;
  }
  return {nodes, k};
}

class Alloy : public ::testing::Test {
 protected:
  Alloy() {
    record::Structure structure;
    structure.a = 3.6;
    structure.supercell = {3, 3, 3};
    ideal = atoms::build_crystal(structure);
    sites = ideal.species;
    settings.rmax = 4;
  }

  [[nodiscard]] Ensemble ensemble(int absorber = 0) const {
    return {{absorber, {table(1), table(3)}}, {}, ideal, settings};
  }

  [[nodiscard]] Eigen::VectorXd chi(int absorber = 0) const {
    Ensemble out = ensemble(absorber);
    out.add(ideal, 0, {});
    return out.chi();
  }

  atoms::Frame ideal;
  std::vector<int> sites;
  EnsembleSettings settings;
};

TEST_F(Alloy, ScattersByTheAtomsAroundItsAbsorbers) {
  const Eigen::VectorXd pure = chi();
  // L1_0, within 4 Å: 4 of 12 neighbours and all 6 of the second shell are of the same kind.
  for (std::size_t i = 0; i < sites.size(); ++i) ideal.species[i] = i % 4 < 2 ? 0 : 1;
  settings.sites = sites;
  const Eigen::VectorXd first = 12 * table(1).chi(3.6 / std::sqrt(2.0)),
                        second = 6 * table(1).chi(3.6);
  EXPECT_LT((pure - first - second).norm(), 1e-4 * pure.norm());
  EXPECT_LT((chi(0) - (4 + 3 * 8) / 12.0 * first - second).norm(), 1e-4 * pure.norm());
  EXPECT_LT((chi(1) - (4 * 3 + 8) / 12.0 * first - 3 * second).norm(), 1e-4 * pure.norm());
  // All of them: nothing of the first kind is left, and its table is not looked at.
  ideal.species.assign(sites.size(), 1);
  EXPECT_LT((chi(1) - 3 * pure).norm(), 1e-4 * pure.norm());
}

TEST_F(Alloy, AnAtomThatHasChangedPlacesIsRefused) {
  ideal.species[0] = 1;
  atoms::Frame frame = ideal;
  frame.positions.row(0) = (ideal.positions.row(0) + ideal.positions.row(1)) / 2;
  // Of its own kind there is no other near by: what tells is that copper's sites are its own.
  EXPECT_NO_THROW(ensemble().add(frame, 0, {}));
  settings.sites = sites;
  Ensemble told = ensemble();
  EXPECT_NO_THROW(told.add(ideal, 0, {}));
  try {
    told.add(frame, 0, {});
    ADD_FAILURE() << "an atom is half way to the next site";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Å from its site"));
  }
}

}  // namespace
}  // namespace twin::xas::ensemble_mixed_test
