// SPDX-License-Identifier: GPL-3.0-or-later
// An ensemble with molecules that turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <random>
#include <string>

#include "core/error.h"
#include "xas/ensemble.h"
#include "xas/made_up_path.h"

namespace twin::xas::ensemble_molecules_test {
namespace {

using ::testing::HasSubstr;

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(281, 0.0, 14.0);

PairTable table() {
  std::vector<ScatteringPath> nodes;
  for (int i = 0; i < 30; ++i) nodes.push_back(made_up_pair(1.8 + 0.3 * i));
  return {nodes, k};
}

/// Absorbers (species 0) at the corners of a cube of 6 Å and a dumbbell (species 1, 1.4 Å long) in
/// its middle.
class Dumbbell : public ::testing::Test {
 protected:
  Dumbbell() {
    ideal.cell = 6 * Eigen::Matrix3d::Identity();
    ideal.positions.resize(3, 3);
    ideal.positions << 0, 0, 0, 3, 3, 2.3, 3, 3, 3.7;
    ideal.species = {0, 1, 1};
    settings.rmax = 5.5;
    settings.room = 2;
    settings.molecules = atoms::molecules_of(3, {{1, 2, {0, 0, 0}}});
  }

  [[nodiscard]] Ensemble ensemble() const { return {{0, {table(), table()}}, {}, ideal, settings}; }

  /// χ of the eight dumbbells around an absorber, pair by pair.
  [[nodiscard]] static Eigen::VectorXd by_hand(const atoms::Frame& frame) {
    Eigen::VectorXd sum = Eigen::VectorXd::Zero(k.size());
    for (int corner = 0; corner < 8; ++corner)
      for (Eigen::Index atom : {1, 2}) {
        const Eigen::RowVector3d at(corner & 1, (corner >> 1) & 1, corner >> 2);
        sum += table().chi((frame.positions.row(atom) - frame.positions.row(0) - 6 * at).norm());
      }
    return sum;
  }

  atoms::Frame ideal;
  EnsembleSettings settings;
};

TEST_F(Dumbbell, CountsAsAWholeWhereverItPoints) {
  // Its atoms go from 4.0 to 6.4 Å from the corners; the centre, at 5.2 Å, decides.
  Ensemble all = ensemble();
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(k.size());
  constexpr int frames = 20;
  for (int seed = 0; seed < frames; ++seed) {
    const atoms::Frame frame =
        atoms::turned_at_random(ideal, settings.molecules, static_cast<std::uint64_t>(seed));
    all.add(frame, seed % 8, {});
    expected += by_hand(frame) / frames;
  }
  EXPECT_LT((all.chi() - expected).norm(), 1e-4 * expected.norm());
  EXPECT_TRUE(all.has_molecules());
}

TEST_F(Dumbbell, BeyondRmaxDoesNotCountHoweverNearItsAtomsCome) {
  // An atom of a third kind at 3 Å keeps the crystal from being empty.
  ideal.positions.conservativeResize(4, 3);
  ideal.positions.row(3) << 3, 0, 0;
  ideal.species.push_back(2);
  settings.rmax = 5.1;
  Ensemble few({0, {table(), table(), table()}}, {}, ideal, settings);
  few.add(ideal, 0, {});
  const Eigen::VectorXd expected = 2 * table().chi(3.0);
  EXPECT_LT((few.chi() - expected).norm(), 1e-4 * expected.norm());
}

TEST_F(Dumbbell, TravelsAsOneWithItsCentre) {
  atoms::Frame moved = ideal;
  moved.positions.bottomRows(2).rowwise() += Eigen::RowVector3d(0.4, -0.2, 0.1);
  Ensemble all = ensemble();
  all.add(moved, 0, {});
  EXPECT_LT((all.chi() - by_hand(moved)).norm(), 1e-4 * all.chi().norm());
}

TEST_F(Dumbbell, ThatHasLeftItsSiteIsRefused) {
  // Half a turn takes each atom 1.4 Å away: that is at home. 0.47 of 6 Å is not.
  atoms::Frame turned = ideal;
  turned.positions.row(1).swap(turned.positions.row(2));
  Ensemble all = ensemble();
  EXPECT_NO_THROW(all.add(turned, 0, {}));
  atoms::Frame left = ideal;
  left.positions.bottomRows(2).rowwise() += Eigen::RowVector3d(6.2, 0, 0);
  try {
    all.add(left, 0, {});
    ADD_FAILURE() << "a molecule changed places";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Å from its site"));
  }
}

TEST_F(Dumbbell, WithTheAbsorberInItIsRefused) {
  try {
    const Ensemble refused({1, {table(), table()}}, {}, ideal, settings);
    ADD_FAILURE() << "an absorber that wanders";
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    EXPECT_THAT(error.what(), HasSubstr("absorber is in a molecule"));
  }
}

}  // namespace
}  // namespace twin::xas::ensemble_molecules_test
