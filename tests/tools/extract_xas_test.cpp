// SPDX-License-Identifier: GPL-3.0-or-later
// What recipes ask of twin-extract besides the fit of one shell, through the real tools.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <random>

#include "core/constants.h"
#include "core/text.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_xas_test {
using record::Result;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct TwinExtractXas : Tools {
  Said extracted(const Words& files, const std::string& recipe, const Words& options = {}) {
    return extracted_by("format: twin-recipe/1\n" + recipe, files, options);
  }

  std::vector<Result> results(const Words& files, const std::string& recipe,
                              const Words& options = {}) {
    const auto said = extracted(files, recipe, options);
    EXPECT_EQ(said.status, 0) << said.error;
    return all<Result>(said.out);
  }
};

double value(const Result& result, const std::string& name) {
  const auto at = result.quantities.find(name);
  if (at == result.quantities.end() || !at->second.value) {
    ADD_FAILURE() << "no " << name;
    return std::nan("");
  }
  return *at->second.value;
}

// The rows of a spectrum, energies of the copper K edge.
std::string table(const std::string& header, const std::function<std::string(double)>& row) {
  std::string out = header + "\n";
  for (double e = -200; e < -20; e += 5) out += row(8979.0 + e) + "\n";
  for (double e = -20; e < 40; e += 0.5) out += row(8979.0 + e) + "\n";
  for (double k = 3.25; k < 14; k += 0.05) out += row(8979.0 + k * k / etok) + "\n";
  return out;
}

// An edge at `edge` eV with a white line of height `peak`.
double mu(double energy, double edge = 8979.0, double peak = 0.5) {
  const double above = energy - edge;
  const double lorentz = peak / (1 + std::pow((above - 6) / 3, 2));
  return 0.4 - 5e-5 * above + 0.5 + std::atan(above / 1.5) / std::numbers::pi + lorentz;
}

std::string plain(double edge = 8979.0, double peak = 0.5, double noise = 0.0, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  return table("# energy mu", [&](double e) {
    return shortest(e) + " " + shortest(mu(e, edge, peak) + noise * normal(random));
  });
}

const std::string copper = "edge: Cu K\ncolumns: {energy: energy, mu: mu}\n";
const std::string ranges = "reduce: {pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 1}\n";

TEST_F(TwinExtractXas, WithoutPathsGivesTheEdgeAlone) {
  put("a.dat", plain());
  const auto found = results({"a.dat"}, copper + ranges);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(value(found[0], "e0"), 8979, 1.0);
  EXPECT_NEAR(value(found[0], "edge_step"), 1.0, 0.02);
  EXPECT_TRUE(found[0].quantities.at("edge_step").sigma);
  EXPECT_TRUE(found[0].arrays.contains("chi"));
  EXPECT_FALSE(found[0].arrays.contains("fit"));
}

TEST_F(TwinExtractXas, ColumnsAreKnownByTheNamesThatBeamlinesShare) {
  put("a.dat", table("# energy i0 itrans", [](double e) {
        return shortest(e) + " 1e6 " + shortest(1e6 * std::exp(-mu(e)));
      }));
  put("b.dat", plain());
  const auto found = results({"a.dat", "b.dat"}, "edge: Cu K\n" + ranges);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NEAR(value(found[0], "edge_step"), value(found[1], "edge_step"), 1e-9);
}

TEST_F(TwinExtractXas, FluorescenceChannelsLoseTheirDeadTime) {
  constexpr double tau = 2e-6;
  put("a.dat", table("# energy i0 f1 f2", [&](double e) {
        const double rate = 6e4 * mu(e);
        const std::string seen = shortest(rate * std::exp(-rate * tau));
        return shortest(e) + " 1e5 " + seen + " " + seen;
      }));
  const std::string recipe =
      "edge: Cu K\nmu: fluorescence\n" + ranges +
      "columns: {energy: energy, i0: i0, if: [f1, f2], dead_time: {tau: 2 µs}}\n";
  const auto found = results({"a.dat"}, recipe, {"--arrays", "all"});
  ASSERT_EQ(found.size(), 1U);
  const auto& energy = found[0].arrays.at("energy").data;
  const auto& seen = found[0].arrays.at("mu").data;
  for (std::size_t i = 0; i < energy.size(); i += 20)
    EXPECT_NEAR(seen[i], 1.2 * mu(energy[i]), 1e-7) << energy[i];
}

TEST_F(TwinExtractXas, BraggAnglesBecomeEnergies) {
  constexpr double d = 3.1356, hc = 12398.4198;
  put("a.dat", table("# angle mu", [&](double e) {
        return shortest(std::asin(hc / (2 * d * e)) * 180 / std::numbers::pi) + " " +
               shortest(mu(e));
      }));
  const auto found = results(
      {"a.dat"}, "edge: Cu K\ncolumns: {energy: angle, mu: mu, d_spacing: 3.1356 Å}\n" + ranges);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(value(found[0], "e0"), 8979, 1.0);
}

TEST_F(TwinExtractXas, AGlitchIsTakenOutAndTold) {
  int row = 0;
  put("a.dat", table("# energy mu", [&](double e) {
        const double noise = 1e-4 * std::sin(7919.0 * ++row);
        return shortest(e) + " " + shortest(mu(e) + noise + (row == 220 ? 0.3 : 0));
      }));
  const auto found = results({"a.dat"}, copper + ranges + "deglitch: true\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].warnings, Contains(HasSubstr("glitch at")));
  const auto* report = found[0].parameters.find("deglitch");
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->array().size(), 1U);
}

TEST_F(TwinExtractXas, TheEnergyIsPutRightByTheReference) {
  put("a.dat", table("# energy mu foil", [](double e) {
        return shortest(e + 3) + " " + shortest(mu(e, 8983, 1.0)) + " " + shortest(mu(e, 8979, 0));
      }));
  const auto found = results(
      {"a.dat"},
      "edge: Cu K\ncolumns: {energy: energy, mu: mu, mu_reference: foil}\nenergy: {to: 8979}\n" +
          ranges);
  ASSERT_EQ(found.size(), 1U);
  const auto* report = found[0].parameters.find("energy");
  ASSERT_NE(report, nullptr);
  EXPECT_NEAR(report->find("shift")->number(), -3, 0.51);
}

TEST_F(TwinExtractXas, JobsKeepTheOrderAndChangeNothing) {
  Words files;
  for (int i = 0; i < 12; ++i) {
    files.push_back("s" + std::to_string(i) + ".dat");
    put(files.back(), plain(8979, 0.1 * i, 1e-3, static_cast<unsigned>(i)));
  }
  const auto one = results(files, copper + ranges, {"--jobs", "1"});
  const auto four = results(files, copper + ranges, {"--jobs", "4"});
  ASSERT_EQ(one.size(), 12U);
  ASSERT_EQ(four.size(), 12U);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].header.id, four[i].header.id);
}

TEST_F(TwinExtractXas, AFailureAmongJobsStandsInItsPlace) {
  put("a.dat", plain());
  put("bad.dat", "# energy mu\n1 2\n2 3\n3 4\n");
  put("c.dat", plain(8979, 0.3));
  const auto said = extracted({"a.dat", "bad.dat", "c.dat"}, copper + ranges, {"--jobs", "3"});
  EXPECT_EQ(said.status, 2);
  std::vector<std::string> kinds;
  for (const auto& record : records(said.out)) kinds.emplace_back(record::kind_of(record));
  EXPECT_THAT(kinds, ::testing::IsSupersetOf({"result", "failure", "result"}));
  const auto failure = std::ranges::find(kinds, "failure");
  ASSERT_NE(failure, kinds.end());
  EXPECT_EQ(*(failure - 1), "result");
  EXPECT_EQ(*(failure + 1), "result");
}

/// The scan up to an energy.
std::string cut_at(double end) {
  const std::string text = plain();
  std::string cut = "# energy mu\n";
  for (const auto row : split(text, '\n')) {
    const auto words = split(row, ' ');
    const auto energy = parse_double(words.front());
    if (energy && *energy < end) cut += std::string(row) + "\n";
  }
  return cut;
}

TEST_F(TwinExtractXas, AScanThatEndsAtTheEdgeStillHasE0) {
  put("a.dat", cut_at(8990));
  const auto found = results({"a.dat"}, copper);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(value(found[0], "e0"), 8979, 1.0);
  EXPECT_GT(*found[0].quantities.at("edge_step").sigma, 0);
  EXPECT_EQ(found[0].status, record::Completeness::partial);
}

TEST_F(TwinExtractXas, AShortScanGoesAsFarAsItGoes) {
  put("a.dat", cut_at(9060));
  const auto found = results({"a.dat"}, copper + "bands: [1.0-3.0]\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].status, record::Completeness::partial);
  EXPECT_NEAR(value(found[0], "e0"), 8979, 1.0);
  EXPECT_TRUE(found[0].quantities.contains("edge_step"));
  EXPECT_FALSE(found[0].quantities.contains("chi_r:1-3"));
}

TEST_F(TwinExtractXas, CurvesAreDroppedKeptOrWrittenAsFiles) {
  put("a.dat", plain());
  EXPECT_TRUE(results({"a.dat"}, copper + ranges, {"--arrays", "none"}).at(0).arrays.empty());
  const auto whole = results({"a.dat"}, copper + ranges, {"--arrays", "all"});
  EXPECT_TRUE(whole.at(0).arrays.contains("norm"));
  ASSERT_EQ(extracted({"a.dat"}, copper + ranges, {"--export", "xdi"}).status, 0);
  EXPECT_THAT(get("a.xdi"), HasSubstr("XDI/1.0"));
  ASSERT_EQ(extracted({"a.dat"}, copper + ranges, {"--export", "ascii"}).status, 0);
  EXPECT_THAT(get("a.norm.dat"), HasSubstr("norm"));
  EXPECT_THAT(get("a.chi.dat"), HasSubstr("chi"));
  // What was written is read again.
  const auto again = results({"a.xdi"}, "edge: Cu K\ncolumns: {energy: energy, mu: mu}\n" + ranges);
  EXPECT_NEAR(value(again.at(0), "edge_step"), value(whole.at(0), "edge_step"), 1e-9);
}

TEST_F(TwinExtractXas, TheFigureIsDrawn) {
  SKIP_WITHOUT("gnuplot");
  put("a.dat", plain());
  put("b.dat", plain(8979, 0.8));
  ASSERT_EQ(extracted({"a.dat", "b.dat"}, copper + ranges, {"--plot", "out.svg"}).status, 0);
  EXPECT_THAT(get("out.svg"), HasSubstr("<svg"));
  EXPECT_TRUE(exists("out.svg.gp"));
}

TEST_F(TwinExtractXas, AthenasDefaultsAreApplied) {
  put("a.dat", plain());
  const auto found = results({"a.dat"}, copper + "defaults: athena\n");
  ASSERT_EQ(found.size(), 1U);
  const auto& reduce = *found[0].parameters.find("reduce");
  EXPECT_EQ(reduce.find("pre1")->number(), -150);
  EXPECT_EQ(reduce.find("norm1")->number(), 150);
  EXPECT_EQ(found[0].parameters.find("autobk")->find("clamp_hi")->number(), 24);
}

TEST_F(TwinExtractXas, AWrongExpressionIsToldWithItsPath) {
  put("a.dat", plain());
  put("feff0001.dat", "");
  const auto said =
      extracted({"a.dat"}, copper + ranges + "fit: {kmin: 3, kmax: 12}\n" +
                               "feff: {element: Cu, a: 3.61 Å, rmax: 4, legs: 2}\n" +
                               "parameters: {alpha: {value: 0}}\n"
                               "paths: [{name: Cu-Cu.1, r: {expr: reff*(1+alfa)}}]\n");
  EXPECT_EQ(said.status, 78);
  EXPECT_THAT(said.error, HasSubstr("recipe.yaml:8: expr: r:Cu-Cu.1: position 9: 'alfa'"));
}

}  // namespace

}  // namespace extract_xas_test
