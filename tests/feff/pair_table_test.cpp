// SPDX-License-Identifier: GPL-3.0-or-later
// What FEFF itself says of the pair table and of the ensemble: needs feff6l.
#include "xas/pair_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "atoms/crystal.h"
#include "core/error.h"
#include "cubic_cspbi3.h"
#include "feff/feff.h"
#include "xas/ensemble.h"
#include "xas/fit.h"

namespace twin::feff::pair_table_test {
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

record::Structure caesium_lead_iodide() { return cubic_cspbi3(6.29, 3); }

Request of_absorber(const char* absorber, const char* edge) {
  Request request;
  request.structure = atoms::cell_of(caesium_lead_iodide());
  request.absorber = absorber;
  request.edge = edge;
  request.legs = 2;
  return request;
}

/// The same on FEFF's own grid, where nothing is interpolated in k: amplitudes of heavy scatterers
/// pass zero, their phases jump there, and splines of both apart, as the path equation has them, go
/// wrong.
double relative_at_columns(const xas::PairTable& table, const xas::ScatteringPath& path) {
  const Eigen::VectorXd ours = table.chi(path.reff), theirs = xas::path_chi(path, {}, table.k());
  double difference = 0, all = 0;
  for (Eigen::Index i = 0; i < table.k().size(); ++i) {
    const double at = table.k()[i];
    if (at < 3 || at > 14) continue;
    difference += std::pow(at * (ours[i] - theirs[i]), 2);
    all += std::pow(at * theirs[i], 2);
  }
  return std::sqrt(difference / all);
}

// Of several elements, K and L3, from 0.75 Å short of the nearest of each: at the nodes the table
// is FEFF's path, between them within 0.25 %.
TEST_F(AgainstFeff, PairTablesOfAPerovskiteAtAndBetweenTheNodes) {
  struct Pair {
    const char *absorber, *edge, *scatterer;
    double first;
  };
  const Pair pairs[] = {{"Pb", "L3", "I", 3.145}, {"Pb", "L3", "Cs", 5.447},
                        {"Pb", "L3", "Pb", 6.29}, {"I", "L3", "Pb", 3.145},
                        {"I", "K", "Pb", 3.145},  {"I", "K", "I", 4.448}};
  for (const auto& [absorber, edge, scatterer, first] : pairs) {
    std::vector<double> nodes, between;
    for (int i = 0; i < 9; ++i) nodes.push_back(first - 0.75 + 0.3 * i);
    for (int i = 1; i < 7; ++i) between.push_back(first - 0.70 + 0.3 * i);
    const auto request = of_absorber(absorber, edge);
    const auto paths = pair_nodes(request, nodes, scatterer).paths;
    const xas::PairTable table(paths, paths.front().k);
    for (const auto& path : paths)
      EXPECT_LT(relative_at_columns(table, path), 1e-3)
          << absorber << " " << edge << " " << scatterer << " " << path.reff;
    for (const auto& path : pair_nodes(request, between, scatterer).paths)
      EXPECT_LT(relative_at_columns(table, path), 2.5e-3)
          << absorber << " " << edge << " " << scatterer << " " << path.reff;
  }
}

// The ideal crystal through sites, species and tables, and as FEFF prints its paths.
TEST_F(AgainstFeff, EnsembleOfAPerovskiteIsTheSumOfFeffsPaths) {
  Eigen::VectorXd expected = Eigen::VectorXd::Zero(k.size());
  for (const auto& path : ideal_paths(of_absorber("Pb", "L3")).paths) {
    xas::PathValues values;
    values.amplitude = path.degeneracy;
    expected += xas::path_chi(path, values, k);
  }
  xas::Scatterers scatterers;
  for (const std::string& element : atoms::elements(caesium_lead_iodide())) {
    std::vector<double> nodes;
    for (int i = 0; i < 16; ++i) nodes.push_back(2.3 + 0.3 * i);
    scatterers.tables.emplace_back(pair_nodes(of_absorber("Pb", "L3"), nodes, element).paths, k);
  }
  const auto ideal = atoms::build_crystal(caesium_lead_iodide());
  xas::Ensemble ensemble(scatterers, {}, ideal, {});
  ensemble.add(ideal, 0, {});
  EXPECT_LT(relative(ensemble.chi(), expected), 2.5e-3);
  scatterers.tables.pop_back();
  EXPECT_THROW(xas::Ensemble(scatterers, {}, ideal, {}), Error);
}

TEST_F(AgainstFeff, PairsOfAnElementThatIsNotThereAreRefused) {
  EXPECT_THROW((void)pair_nodes(of_absorber("Pb", "L3"), {2.7, 3.0, 3.3}, "Br"), Error);
}

}  // namespace
}  // namespace twin::feff::pair_table_test
