// SPDX-License-Identifier: GPL-3.0-or-later
// What FEFF itself says of the pair table and of the ensemble: needs feff6l.
#include "xas/pair_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "atoms/crystal.h"
#include "feff/feff.h"
#include "xas/ensemble.h"
#include "xas/fit.h"

namespace twin::feff {
namespace {

const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(361, 0.0, 18.0);

Request copper() {
  Request request;
  request.crystal.element = "Cu";
  request.crystal.a = 3.61;
  return request;
}

xas::PairTable table() {
  std::vector<double> distances;
  for (int i = 0; i < 17; ++i) distances.push_back(1.8 + 0.3 * i);
  return {pair_nodes(copper(), distances).paths, k};
}

/// Relative rms difference of k χ over k = 3 to 14.
double relative(const Eigen::VectorXd& one, const Eigen::VectorXd& other) {
  const auto part = [](const Eigen::VectorXd& chi) {
    return chi.segment(60, 221).cwiseProduct(k.segment(60, 221)).eval();
  };
  return part(one - other).norm() / part(other).norm();
}

class AgainstFeff : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists("/usr/bin/feff6l"))
      GTEST_SKIP() << "skipped: no feff6l (Debian package feff85exafs)";
  }
};

// FEFF6L 6L.02 at distances between the nodes. Its files print four digits: 0.03-0.05 % of noise.
TEST_F(AgainstFeff, PairTableBetweenTheNodes) {
  std::vector<double> between;
  for (double r = 2.15; r < 6.6; r += 0.1) between.push_back(r);
  const auto pairs = table();
  for (const auto& path : pair_nodes(copper(), between).paths)
    EXPECT_LT(relative(pairs.chi(path.reff), xas::path_chi(path, {}, k)), 1.5e-3) << path.reff;
}

// All paths of the ideal crystal, once through the table and the sites, once as FEFF prints them.
// 1e-3: interpolation in the table as above, printed digits of reff (2 k 5e-5 Å).
TEST_F(AgainstFeff, EnsembleOfTheIdealCrystalIsTheSumOfFeffsPaths) {
  auto request = copper();
  const auto paths = ideal_paths(request).paths;
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(k.size());
  std::vector<xas::ScatteringPath> multiple;
  for (const auto& path : paths) {
    xas::PathValues values;
    values.amplitude = path.degeneracy;
    expected += xas::path_chi(path, values, k);
    if (path.legs > 2) multiple.push_back(path);
  }
  const auto ideal = atoms::build_crystal(request.crystal);
  xas::Ensemble ensemble(table(), multiple, ideal, {});
  ensemble.add(ideal, 0, {});
  EXPECT_LT(relative(ensemble.chi(), expected), 2e-3);
}

}  // namespace
}  // namespace twin::feff
