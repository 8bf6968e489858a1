// SPDX-License-Identifier: GPL-3.0-or-later
// Paths of crystals, against FEFF6L 6L.02 run by others on the same crystals ($TWIN_DATA/xas).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <filesystem>
#include <string>

#include "core/file.h"
#include "crystals.h"
#include "feff/cache.h"
#include "feff/feff.h"
#include "feff/input.h"
#include "feff/run.h"
#include "measured_data.h"

namespace twin::feff::structure_paths_test {
namespace {

namespace fs = std::filesystem;

struct Case {
  const char* folder;  ///< of the reference run
  atoms::Structure structure;
  const char* absorber;
  const char* edge;
  double radius;      ///< Å, of its cluster
  std::size_t atoms;  ///< in it
  double change;  ///< what the larger cluster of ours changes of the first path at most, relative
};

Request request_of(const Case& from) {
  Request request;
  request.structure = from.structure;
  request.absorber = from.absorber;
  request.edge = from.edge;
  return request;
}

std::vector<xas::ScatteringPath> reference(const std::string& folder) {
  std::vector<xas::ScatteringPath> paths;
  for (int i = 1;; ++i) {
    const auto file = measured_data() / "xas/feffdat" / folder /
                      ((i < 10 ? "feff000" : "feff00") + std::to_string(i) + ".dat");
    if (!fs::exists(file)) break;
    paths.push_back(read_feff_dat(file.string()));
  }
  return paths;
}

/// Amplitude and phase together over k = 3 to 12 1/Å.
Eigen::VectorXcd wave(const xas::ScatteringPath& path) {
  std::vector<std::complex<double>> values;
  for (Eigen::Index i = 0; i < path.k.size(); ++i)
    if (path.k[i] >= 3 && path.k[i] <= 12)
      values.push_back(std::polar(path.mag[i] * path.reduction[i], path.phc[i] + path.phase[i]));
  return Eigen::Map<Eigen::VectorXcd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

double difference(const xas::ScatteringPath& one, const xas::ScatteringPath& other) {
  return (wave(one) - wave(other)).norm() / wave(other).norm();
}

/// Whether a path is the other: legs, degeneracy, length and the elements it goes through.
bool same(const xas::ScatteringPath& one, const xas::ScatteringPath& other) {
  const auto elements = [](const xas::ScatteringPath& path) {
    auto sorted = path.elements;
    std::ranges::sort(sorted);
    return sorted;
  };
  return one.legs == other.legs && one.degeneracy == other.degeneracy &&
         std::abs(one.reff - other.reff) < 1.5e-4 && elements(one) == elements(other);
}

/// The smallest difference of those in a list that are \p path; 9 when none is.
double nearest(const std::vector<xas::ScatteringPath>& list, const xas::ScatteringPath& path) {
  double smallest = 9;
  for (const auto& other : list)
    if (same(other, path)) smallest = std::min(smallest, difference(other, path));
  return smallest;
}

/// Runs FEFF itself, into a cache of this program's own.
class NeedsFeff : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    static const TemporaryFolder folder("twinline-test");
    setenv("XDG_CACHE_HOME", folder.path().c_str(), 1);
  }
  static void TearDownTestSuite() { unsetenv("XDG_CACHE_HOME"); }
  void SetUp() override {
    if (!fs::exists("/usr/bin/feff6l"))
      GTEST_SKIP() << "skipped: no feff6l (Debian package feff85exafs)";
  }
};

class StructurePaths : public NeedsFeff, public testing::WithParamInterface<int> {};

const Case& a_case(int i) {
  static const std::vector<Case> all{
      {"gen_znse_zn", crystals::zinc_selenide(), "Zn", "K", 7.0, 71, 0.01},
      {"gen_nio", crystals::nickel_oxide(), "Ni", "K", 7.0, 171, 0.01},
      {"gen_fes2", crystals::pyrite(), "Fe", "K", 7.1, 125, 0.01},
      {"gen_pbi2", crystals::lead_iodide(), "Pb", "L3", 8.0, 51, 0.01},
      {"gen_cspbi3_Pb", crystals::cesium_lead_iodide(), "Pb", "L3", 8.0, 45, 0.04},
      {"gen_cspbi3_I", crystals::cesium_lead_iodide(), "I", "L3", 8.0, 53, 0.04},
      {"gen_pbtio3", crystals::lead_titanate(), "Ti", "K", 7.1, 135, 0.03}};
  return all[static_cast<std::size_t>(i)];
}

// The same cluster as the reference run's: the same paths, equal to the five digits that are
// printed.
TEST_P(StructurePaths, OfTheSameClusterAreTheReferencesOwn) {
  const Case& from = a_case(GetParam());
  const auto expected = reference(from.folder);
  if (expected.empty()) GTEST_SKIP() << "skipped: no reference runs ($TWIN_DATA/xas)";
  const auto cluster =
      atoms::cluster(from.structure, atoms::find_site(from.structure, from.absorber), from.radius);
  ASSERT_EQ(cluster.size(), from.atoms);
  std::vector<xas::ScatteringPath> paths;
  for (const auto& [name, content] :
       run({{"feff.inp", structure_input(request_of(from), cluster)}}, Cache()))
    if (name.starts_with("feff0")) paths.push_back(parse_feff_dat(content, name));
  for (const auto& path : expected) EXPECT_LT(nearest(paths, path), 1e-3) << path.name;
}

// The reference's clusters end 1 to 2 Å beyond rmax, ours where potentials no longer change.
TEST_P(StructurePaths, OfALargerClusterDifferByItsPotentialsOnly) {
  const Case& from = a_case(GetParam());
  const auto expected = reference(from.folder);
  if (expected.empty()) GTEST_SKIP() << "skipped: no reference runs ($TWIN_DATA/xas)";
  const auto paths = ideal_paths(request_of(from)).paths;
  EXPECT_LT(nearest(paths, expected.front()), from.change);
  for (const auto& path : expected) EXPECT_LT(nearest(paths, path), 0.1) << path.name;
}

INSTANTIATE_TEST_SUITE_P(Crystals, StructurePaths, testing::Range(0, 7), [](const auto& parameter) {
  return std::string(a_case(parameter.param).folder);
});

struct Shell {
  const char* name;
  double degeneracy, reff;
};

void expect_shells(const Case& from, const std::vector<Shell>& expected) {
  const auto paths = ideal_paths(request_of(from));
  for (const auto& [name, degeneracy, reff] : expected) {
    const auto shell = choose(paths, name);
    EXPECT_EQ(shell.name, name);
    EXPECT_EQ(shell.degeneracy, degeneracy) << name;
    EXPECT_NEAR(shell.reff, reff, 1e-4) << name;  // four decimals are printed
    EXPECT_NEAR(shell.atoms.row(1).norm(), reff, 2e-4) << name;
  }
}

class Shells : public NeedsFeff {};

// Coordination numbers and distances from geometry alone.
TEST_F(Shells, HaveTheCrystalsCoordinationNumbers) {
  const double fcc = 3.61 / std::sqrt(2.0);
  expect_shells(
      {"", crystals::copper(), "Cu", "K", 0, 0, 0},
      {{"Cu-Cu.1", 12, fcc}, {"Cu-Cu.2", 6, 3.61}, {"Cu-Cu.3", 24, fcc * std::sqrt(3.0)}});
  expect_shells(a_case(0), {{"Zn-Se.1", 4, 5.668 * std::sqrt(3.0) / 4},
                            {"Zn-Zn.1", 12, 5.668 / std::sqrt(2.0)}});
  expect_shells(a_case(1), {{"Ni-O.1", 6, 4.1769 / 2}, {"Ni-Ni.1", 12, 4.1769 / std::sqrt(2.0)}});
  expect_shells(a_case(2), {{"Fe-S.1", 6, 2.2586}, {"Fe-Fe.1", 12, 5.404 / std::sqrt(2.0)}});
  expect_shells(a_case(3), {{"Pb-I.1", 6, 3.22604}, {"Pb-Pb.1", 6, 4.557}});
  expect_shells(a_case(4), {{"Pb-I.1", 6, 3.145}, {"Pb-Cs.1", 8, 6.29 * std::sqrt(3.0) / 2}});
  expect_shells(a_case(5), {{"I-Pb.1", 2, 3.145},
                            {"I-I.1", 8, 6.29 / std::sqrt(2.0)},
                            {"I-Cs.1", 4, 6.29 / std::sqrt(2.0)}});
  expect_shells(
      a_case(6),
      {{"Ti-O.1", 1, 4.1575 * 0.4259}, {"Ti-O.2", 4, 1.97987}, {"Ti-O.3", 1, 4.1575 * 0.5741}});
}

// A structure and the ideal lattice of the same crystal: the same list, the same numbers of paths.
TEST_F(Shells, OfAStructureAreNumberedAsThoseOfTheLattice) {
  Request lattice;
  lattice.crystal.element = "Cu";
  lattice.crystal.a = 3.61;
  const auto one = ideal_paths(lattice);
  const auto other = ideal_paths(request_of({"", crystals::copper(), "Cu", "K", 0, 0, 0}));
  ASSERT_EQ(one.paths.size(), other.paths.size());
  for (std::size_t i = 0; i < one.paths.size(); ++i) {
    EXPECT_TRUE(same(one.paths[i], other.paths[i])) << i;
    // Their clusters reach 7.0 and 8.9 Å.
    EXPECT_LT(difference(one.paths[i], other.paths[i]), 3e-3) << i;
  }
  EXPECT_EQ(choose(one, "Cu-Cu.2").reff, choose(other, "Cu-Cu.2").reff);
}

// A structure displaced, its axes turned and its atoms listed backwards is the same structure.
TEST_F(Shells, DoNotDependOnHowTheCrystalIsWritten) {
  const Case& from = a_case(6);
  auto turned = from.structure;
  Eigen::Matrix3d rotation;  // a quarter about z and x to y to z
  rotation << 0, 0, 1, 1, 0, 0, 0, 1, 0;
  turned.cell *= rotation;
  for (auto& site : turned.sites) site.fractional += Eigen::Vector3d(0.3, -1.7, 0.05);
  std::ranges::reverse(turned.sites);
  const auto one = ideal_paths(request_of(from)).paths;
  const auto other = ideal_paths(request_of({"", turned, "Ti", "K", 0, 0, 0})).paths;
  ASSERT_EQ(one.size(), other.size());
  for (const auto& path : one) EXPECT_LT(nearest(other, path), 2e-3) << path.name;
}

// Atoms off their places by up to 0.005 Å: FEFF lists each neighbour apart, a shell stays one.
TEST_F(Shells, OfAlmostASymmetryStayWhole) {
  auto structure = crystals::copper();
  structure.sites[1].fractional[0] += 0.0014;
  structure.sites[2].fractional[2] -= 0.0007;
  const auto paths = ideal_paths(request_of({"", structure, "Cu", "K", 0, 0, 0}));
  EXPECT_NE(paths.paths.front().degeneracy, 12);
  const auto shell = choose(paths, "Cu-Cu.1");
  EXPECT_EQ(shell.degeneracy, 12);
  EXPECT_NEAR(shell.reff, 3.61 / std::sqrt(2.0), 1e-3);
  EXPECT_EQ(choose(paths, "Cu-Cu.2").degeneracy, 6);
}

}  // namespace
}  // namespace twin::feff::structure_paths_test
