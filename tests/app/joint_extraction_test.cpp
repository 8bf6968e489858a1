// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/joint_extraction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "app/arrays.h"
#include "app/match_sides.h"
#include "core/error.h"
#include "core/file.h"
#include "stream/codec.h"
#include "stream/json.h"

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

  /// A measured result of one of the recipes.
  [[nodiscard]] std::string measured(std::size_t recipe, const std::string& scan,
                                     double variance = 1e-4) const {
    record::Result out;
    out.technique = "xas";
    out.edge = recipe == 0 ? "Cu K" : "Ni K";
    out.recipe_name = recipe == 0 ? "cu" : "ni";
    out.recipe_sha256 = extraction.recipes().at(recipe);
    out.context.scan = scan;
    out.quantities["r:" + out.recipe_name] = {2.5, 0.01, {}, "Å", "exafs-fit", {}};
    out.covariance = {{"r:" + out.recipe_name}, {variance}};
    auto document = stream::encode(out);
    document.set("id", stream::content_id(document));
    return stream::dump_json(document) + "\n";
  }
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

TEST_F(Edges, HaveTheStatesOwnObservablesOnce) {
  record::State state;
  state.quantities["r:Cu-Ni.1"] = {2.5, 0.01, {}, "Å", "md-moment", {}};
  state.jacobian = {{"r:Cu-Ni.1"}, {"a"}, {0.7}};
  state.simulated = {simulated("Cu K", drawn(1, 8)), simulated("Ni K", drawn(1, 8))};
  for (auto& m : state.simulated) m.arrays["chi@a"] = m.arrays.at("chi");
  const auto result = extraction.extract(state, "engine");
  EXPECT_EQ(result.quantities.size(), 3U);
  EXPECT_EQ(result.jacobian.rows, (std::vector<std::string>{copper, "r:Cu-Ni.1/md", nickel}));
  EXPECT_EQ(*result.jacobian.at("r:Cu-Ni.1/md", "a"), 0.7);
  EXPECT_GT(*result.jacobian.at(nickel, "a"), 0);
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

TEST_F(Edges, AreReadOnceFromAPipe) {
  const std::string pipe = path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string lines =
      measured(0, "a") + measured(1, "a") + measured(0, "b") + measured(1, "c");
  std::thread writer([&] { std::ofstream(pipe) << lines; });
  app::MatchSettings settings;
  settings.with = {pipe};
  settings.scan = "b";  // of copper; of nickel there is another
  std::string scan;
  try {
    scan = app::measured_result(settings, extraction).context.scan;
  } catch (const Error& error) {
    scan = error.what();
  }
  writer.join();
  EXPECT_EQ(scan, "b+c");
}

TEST_F(Edges, AFaultIsNotTakenForAScanThatIsNotThere) {
  app::MatchSettings settings;
  settings.with = {path("seen.jsonl")};
  const auto fault = [&](const std::string& lines) {
    std::ofstream(settings.with.front()) << lines;
    try {
      return "taken: " + app::measured_result(settings, extraction).context.scan;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
      return std::string(error.what());
    }
  };
  settings.scan = "a";
  const std::string whole = measured(1, "a") + measured(0, "b");
  EXPECT_THAT(fault(measured(0, "a", -1) + whole), HasSubstr("covariance"));
  EXPECT_THAT(fault(measured(0, "a") + whole), HasSubstr("taken: a+a"));
  EXPECT_THAT(fault(whole), HasSubstr("taken: b+a"));
  EXPECT_THAT(fault(measured(1, "a")), HasSubstr("no measured result by"));
  settings.scan = "d";
  EXPECT_THAT(fault(whole), HasSubstr("scan d"));
  settings.scan = "";
  EXPECT_THAT(fault(measured(0, "a") + "{\"kind\": \"result\", \"qua\n" + measured(1, "a")),
              HasSubstr("seen.jsonl:2"));
}

}  // namespace joint_extraction_test
