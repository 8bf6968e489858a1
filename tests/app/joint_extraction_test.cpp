// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/joint_extraction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "app/arrays.h"
#include "core/file.h"

using namespace twin;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace joint_extraction_test {

namespace {

const std::string copper = "chi_r:1.6-2.6@cu", nickel = "chi_r:1.6-2.6@ni";

/// Recipes of two edges that need no paths.
struct Edges : ::testing::Test {
  TemporaryFolder folder{"twin-edges-"};

  [[nodiscard]] std::string path(const std::string& name) const {
    return folder.path() + "/" + name;
  }

  [[nodiscard]] std::string recipe(const std::string& name, const std::string& element) const {
    std::ofstream(path(name + ".yaml"))
        << "format: twin-recipe/1\nedge: " << element
        << " K\ncolumns: {energy: energy, mu: mu}\n"
           "standard: {s02: 1.0, s02_sigma: 0.02}\n"
           "fit: {kmin: 3, kmax: 13, kweights: [2], rmin: 1.4, rmax: 2.8}\nbands: [1.6-2.6]\n";
    return path(name + ".yaml");
  }

  app::JointExtraction extraction{{recipe("cu", "Cu"), recipe("ni", "Ni")}};
};

/// One edge of a simulation: an amplitude that its blocks move by \p shifts.
record::Measurement simulated(const std::string& edge, const std::vector<double>& shifts) {
  const Eigen::VectorXd k = Eigen::VectorXd::LinSpaced(321, 0, 16);
  const Eigen::VectorXd chi = (2 * 2.2 * k.array()).sin() * (-0.01 * k.array().square()).exp();
  record::Measurement out;
  out.origin = record::Origin::digital;
  out.technique = "xas";
  out.edge = edge;
  out.arrays["k"] = app::inline_array(k, "1/Å");
  out.arrays["chi"] = app::inline_array(chi, "");
  if (shifts.empty()) return out;
  Eigen::MatrixXd blocks(static_cast<Eigen::Index>(shifts.size()), chi.size());
  for (Eigen::Index b = 0; b < blocks.rows(); ++b)
    blocks.row(b) = (1 + shifts[static_cast<std::size_t>(b)]) * chi.transpose();
  out.arrays["chi_without_block"] = app::inline_matrix(blocks, "");
  return out;
}

std::vector<double> drawn(unsigned seed, std::size_t count) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> out(count);
  for (double& one : out) one = 0.01 * normal(random);
  return out;
}

record::Result found(const app::JointExtraction& extraction, const std::vector<double>& one,
                     const std::vector<double>& other) {
  record::State state;
  state.simulated = {simulated("Cu K", one), simulated("Ni K", other)};
  return extraction.extract(state, "engine");
}

double correlation(const record::Result& result) {
  const auto& covariance = result.covariance;
  return *covariance.at(copper, nickel) /
         std::sqrt(*covariance.at(copper, copper) * *covariance.at(nickel, nickel));
}

}  // namespace

TEST_F(Edges, AreCorrelatedByTheBlocksOfOneTrajectory) {
  const auto shifts = drawn(1, 20), own = drawn(2, 20);
  std::vector<double> opposite, mixed;
  for (std::size_t b = 0; b < shifts.size(); ++b) {
    opposite.push_back(-2 * shifts[b]);
    mixed.push_back(shifts[b] + own[b]);
  }
  const auto same = found(extraction, shifts, shifts);
  EXPECT_NEAR(correlation(same), 1, 1e-6);
  EXPECT_NEAR(std::sqrt(*same.covariance.at(copper, copper)), *same.quantities.at(copper).sigma,
              1e-12);
  EXPECT_THAT(same.warnings, IsEmpty());
  EXPECT_NEAR(correlation(found(extraction, shifts, opposite)), -1, 1e-6);
  // Of amplitudes that share a half: their sample correlation.
  const auto half = found(extraction, shifts, mixed);
  Eigen::Map<const Eigen::ArrayXd> x(shifts.data(), 20), y(mixed.data(), 20);
  const Eigen::ArrayXd dx = x - x.mean(), dy = y - y.mean();
  EXPECT_NEAR(correlation(half), (dx * dy).sum() / std::sqrt(dx.square().sum() * dy.square().sum()),
              1e-6);
  EXPECT_GT(correlation(half), 0.2);
  EXPECT_LT(correlation(half), 0.95);
}

TEST_F(Edges, OfOtherBlocksAreIndependentAndThatIsSaid) {
  for (const std::size_t other : {10U, 0U}) {
    const auto result = found(extraction, drawn(1, 20), drawn(1, other));
    ASSERT_EQ(result.warnings.size(), 1U);
    EXPECT_THAT(result.warnings[0], HasSubstr("Ni K"));
    EXPECT_THAT(result.warnings[0], HasSubstr("independent"));
    EXPECT_GT(*result.covariance.at(copper, copper), 0);
    EXPECT_EQ(result.covariance.at(copper, nickel).value_or(0), 0);
  }
  EXPECT_THAT(found(extraction, {}, {}).warnings, IsEmpty());
}

}  // namespace joint_extraction_test
