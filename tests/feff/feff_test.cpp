// SPDX-License-Identifier: GPL-3.0-or-later
#include "feff/feff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Geometry>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.h"
#include "core/file.h"
#include "feff/cache.h"
#include "feff/input.h"
#include "feff/run.h"

namespace twin::feff::feff_test {
namespace {

namespace fs = std::filesystem;

Request copper() {
  Request request;
  request.crystal.element = "Cu";
  request.crystal.a = 3.61;
  return request;
}

/// Each test with a cache of its own, and $PATH put back.
class Feff : public testing::Test {
 protected:
  Feff() {
    setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);
    if (const char* path = std::getenv("PATH")) path_ = path;
  }
  ~Feff() override {
    setenv("PATH", path_.c_str(), 1);
    unsetenv("XDG_CACHE_HOME");
  }

  [[nodiscard]] static bool installed() { return fs::exists("/usr/bin/feff6l"); }

  /// Puts a shell script called feff6l in front of the real one.
  void pretend(const std::string& script) {
    const std::string bin = folder_.path() + "/bin";
    fs::create_directory(bin);
    std::ofstream(bin + "/feff6l") << "#!/bin/sh\n" << script << "\n";
    fs::permissions(bin + "/feff6l", fs::perms::owner_all);
    setenv("PATH", (bin + ":" + path_).c_str(), 1);
  }

  static std::string complaint(const Request& request) {
    try {
      static_cast<void>(ideal_paths(request));
    } catch (const Error& error) {
      return std::to_string(static_cast<int>(error.cause())) + " " + error.what();
    }
    return "none";
  }

  TemporaryFolder folder_{"twinline-test"};
  std::string path_;
};

#define NEEDS_FEFF() \
  if (installed()) { \
  } else             \
    GTEST_SKIP() << "skipped: no feff6l (Debian package feff85exafs)"

TEST_F(Feff, IdealCopperHasItsShellsAndPaths) {
  NEEDS_FEFF();
  const auto result = ideal_paths(copper());
  EXPECT_EQ(result.version, "Feff 6L.02");
  EXPECT_EQ(result.input_sha256.size(), 64u);
  ASSERT_EQ(result.paths.size(), 41u);  // FEFF6L 6L.02: five shells, 36 of multiple scattering
  const auto& first = result.paths.front();
  EXPECT_EQ(first.legs, 2);
  EXPECT_DOUBLE_EQ(first.degeneracy, 12);
  EXPECT_NEAR(first.reff, 3.61 / std::sqrt(2.0), 5e-5);
  EXPECT_NEAR(first.atoms.row(1).norm(), first.reff, 1e-4);
  int single = 0;
  double neighbours = 0;
  for (std::size_t i = 0; i < result.paths.size(); ++i) {
    const auto& path = result.paths[i];
    if (path.legs == 2) ++single, neighbours += path.degeneracy;
    EXPECT_GE(path.reff, result.paths[i == 0 ? 0 : i - 1].reff);
    EXPECT_LE(path.reff, 6.0);
    EXPECT_TRUE(path.mag.allFinite());
  }
  EXPECT_EQ(single, 5);
  EXPECT_EQ(neighbours, 12 + 6 + 24 + 12 + 24);
}

// The same potentials and geometry once through FEFF's own path finder, once through our paths.dat:
// equal to the four digits that are printed.
TEST_F(Feff, FrozenPathsReproduceTheIdealOnes) {
  NEEDS_FEFF();
  const auto ideal = ideal_paths(copper()).paths;
  std::vector<Eigen::MatrixX3d> geometry;
  for (const auto& path : ideal) geometry.push_back(path.atoms);
  const auto frozen = frozen_paths(copper(), geometry).paths;
  ASSERT_EQ(frozen.size(), ideal.size());
  for (std::size_t i = 0; i < ideal.size(); ++i) {
    EXPECT_EQ(frozen[i].degeneracy, 1.0);
    EXPECT_NEAR(frozen[i].reff, ideal[i].reff, 2e-4) << ideal[i].name;
    EXPECT_LT((frozen[i].mag - ideal[i].mag).cwiseAbs().maxCoeff(), 2e-3 * ideal[i].mag.maxCoeff())
        << ideal[i].name;
  }
}

TEST_F(Feff, PairNodesLieWhereAsked) {
  NEEDS_FEFF();
  const auto nodes = pair_nodes(copper(), {2.2, 2.5527, 2.9, 6.6}).paths;
  ASSERT_EQ(nodes.size(), 4u);
  EXPECT_NEAR(nodes[3].reff, 6.6, 1e-12);
  const auto ideal = ideal_paths(copper()).paths.front();
  EXPECT_LT((nodes[1].mag - ideal.mag).cwiseAbs().maxCoeff(), 1e-4);
  EXPECT_LT((nodes[1].phase - ideal.phase).cwiseAbs().maxCoeff(), 2e-3);  // printed digits
  EXPECT_EQ(nodes[0].lambda, nodes[3].lambda);                            // one set of potentials
  EXPECT_THROW(static_cast<void>(pair_nodes(copper(), {2.5, 2.5})), Error);
  EXPECT_THROW(static_cast<void>(pair_nodes(copper(), {-1})), Error);
}

TEST_F(Feff, SecondCallComesFromTheCacheAndADamagedEntryIsComputedAgain) {
  NEEDS_FEFF();
  const auto first = ideal_paths(copper());
  const Files input{{"feff.inp", ideal_input(copper())}};
  const std::string entry = folder_.path() + "/twinline/feff/" + key_of(input) + ".run";
  ASSERT_TRUE(fs::exists(entry));
  const auto good = read_file(entry);
  std::ofstream(entry) << good.substr(0, good.size() / 2);
  EXPECT_EQ(ideal_paths(copper()).paths.size(), first.paths.size());
  EXPECT_EQ(read_file(entry), good);
  // What the cache holds is believed: the program is not asked again.
  Files other = unpack(good).value();
  other.erase("feff0041.dat");
  std::ofstream(entry) << pack(other);
  EXPECT_EQ(ideal_paths(copper()).paths.size(), first.paths.size() - 1);
}

TEST_F(Feff, MissingProgramNamesThePackage) {
  setenv("PATH", folder_.path().c_str(), 1);
  EXPECT_THAT(complaint(copper()),
              testing::AllOf(testing::StartsWith("69 "), testing::HasSubstr("feff85exafs")));
}

TEST_F(Feff, AFailureShowsItsLastLinesAndKeepsTheFolder) {
  setenv("TMPDIR", folder_.path().c_str(), 1);
  pretend("echo 'Too many atoms'; exit 0");
  const std::string silent = complaint(copper());
  pretend("echo 'Fatal error in pot'; exit 3");
  const std::string loud = complaint(copper());
  unsetenv("TMPDIR");
  EXPECT_THAT(silent,
              testing::AllOf(testing::StartsWith("69 "), testing::HasSubstr("Too many atoms")));
  EXPECT_THAT(loud, testing::AllOf(testing::HasSubstr("status 3"),
                                   testing::HasSubstr("Fatal error in pot")));
  int kept = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    kept += entry.path().extension() == ".failed" && fs::exists(entry.path() / "feff.inp");
  EXPECT_EQ(kept, 2);
}

TEST_F(Feff, RefusesWhatCannotBeCalculated) {
  auto wrong = copper();
  wrong.edge = "M5";
  EXPECT_THAT(complaint(wrong), testing::StartsWith("78 "));
  wrong = copper();
  wrong.crystal.element = "Cu\nEND";
  EXPECT_THAT(complaint(wrong), testing::StartsWith("78 "));
  wrong = copper();
  wrong.rmax = 50;
  EXPECT_THAT(complaint(wrong), testing::StartsWith("78 "));
  wrong = copper();
  wrong.legs = 1;
  EXPECT_THAT(complaint(wrong), testing::StartsWith("78 "));
}

}  // namespace
}  // namespace twin::feff::feff_test
