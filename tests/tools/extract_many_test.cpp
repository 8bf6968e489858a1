// SPDX-License-Identifier: GPL-3.0-or-later
// What twin-extract makes of several scans: merged, compared with standards, fitted together.
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

namespace extract_many_test {
using record::Result;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

struct TwinExtractMany : Tools {
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

// Larch's conventions want a path: copper's first shell by FEFF, from a CIF of our own.
const std::string fcc_copper =
    "data_Cu\n_cell_length_a 3.61\n_cell_length_b 3.61\n_cell_length_c 3.61\n"
    "_cell_angle_alpha 90\n_cell_angle_beta 90\n_cell_angle_gamma 90\n"
    "_symmetry_space_group_name_H-M 'F m -3 m'\nloop_\n_atom_site_label\n_atom_site_type_symbol\n"
    "_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nCu1 Cu 0 0 0\n";

TEST_F(TwinExtractMany, AStructureGivesThePathsOfTheLattice) {
  SKIP_WITHOUT("feff6l");
  put("a.dat", columns());
  put("Cu.cif", fcc_copper);
  const std::string fit =
      copper +
      "reduce: {pre1: -150, pre2: -30, norm1: 150, norm2: 900, nnorm: 2}\n"
      "autobk: {kweight: 2}\nfit: {kmin: 3, kmax: 12, rmin: 1.4, rmax: 2.8}\n"
      "paths: [{name: Cu-Cu.1, n: {free: true}, r: {free: true}, sigma2: {free: true}, "
      "e0: {free: true}}]\n";
  const auto lattice =
      results({"a.dat"}, fit + "feff: {element: Cu, a: 3.61 Å, rmax: 4, legs: 2}\n");
  const auto cif = results({"a.dat"}, fit + "feff: {structure: Cu.cif, rmax: 4, legs: 2}\n");
  ASSERT_EQ(lattice.size(), 1U);
  ASSERT_EQ(cif.size(), 1U);
  // The clusters differ in size, and FEFF's potentials with them: some per cent of an amplitude.
  EXPECT_NEAR(value(cif[0], "r:Cu-Cu.1"), value(lattice[0], "r:Cu-Cu.1"), 0.005);
  EXPECT_NEAR(value(cif[0], "n:Cu-Cu.1") / value(lattice[0], "n:Cu-Cu.1"), 1.0, 0.05);
}

TEST_F(TwinExtractMany, LessDisorderThanNoneIsTold) {
  SKIP_WITHOUT("feff6l");
  put("a.dat", columns());
  const auto found =
      results({"a.dat"}, copper +
                             "fit: {kmin: 3, kmax: 12, rmin: 1.4, rmax: 2.8}\n"
                             "feff: {element: Cu, a: 3.61 Å, rmax: 4, legs: 2}\n"
                             "paths: [{name: Cu-Cu.1, n: {free: true}, r: {free: true}, "
                             "sigma2: {free: true, prior: [-0.002, 1e-5]}}]\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LT(value(found[0], "sigma2:Cu-Cu.1"), 0);
  EXPECT_THAT(found[0].warnings, Contains(HasSubstr("sigma2:Cu-Cu.1 is negative")));
}

TEST_F(TwinExtractMany, SeveralTemperaturesShareOneEinsteinTemperature) {
  SKIP_WITHOUT("feff6l");
  put("recipe.yaml", recipe());
  std::string stream;
  for (const char* t : {"100", "300"}) {
    put("t" + std::string(t) + ".dat", columns(std::stoi(t)));
    stream += run({"twin-acquire", "--context", "temperature=" + std::string(t) + "±1 K",
                   "t" + std::string(t) + ".dat"})
                  .out;
  }
  put("joint.yaml",
      recipe().substr(0, recipe().find("paths:")) +
          "feff: {lattice: fcc, element: Cu, a: 3.61 Å, rmax: 4.0, legs: 2}\n"
          "parameters: {theta: {value: 240, unit: K, bounds: [50, 800]}, dr: {value: 0, unit: Å},\n"
          "  de0: {value: 0, unit: eV}, amp: {value: 1, each: true}}\n"
          "joint: {scans: [t100, t300]}\n"
          "paths: [{name: Cu-Cu.1, n: {expr: n*amp}, r: {expr: reff+dr}, e0: {expr: de0},\n"
          "  sigma2: {expr: 'einstein(T, theta)'}}]\n");
  const auto said = run({"twin-extract", "--recipe", "joint.yaml"}, stream);
  ASSERT_EQ(said.status, 0) << said.error;
  const auto found = all<Result>(said.out);
  ASSERT_EQ(found.size(), 3U);
  const auto& joint = found[2];
  EXPECT_EQ(joint.context.scan, "joint");
  EXPECT_EQ(joint.header.from.size(), 2U);
  EXPECT_EQ(joint.quantities.at("theta").unit, "K");
  EXPECT_TRUE(joint.quantities.contains("amp@t100"));
  EXPECT_GT(value(joint, "sigma2:Cu-Cu.1@t300"), value(joint, "sigma2:Cu-Cu.1@t100"));
}

TEST_F(TwinExtractMany, AJointFitWaitsForAllItsScans) {
  SKIP_WITHOUT("feff6l");
  put("a.dat", columns());
  const auto said = extracted({"a.dat"}, copper +
                                             "fit: {kmin: 3, kmax: 12}\njoint: {scans: [a, b]}\n"
                                             "feff: {element: Cu, a: 3.61 Å, rmax: 4, legs: 2}\n"
                                             "paths: [{name: Cu-Cu.1, r: {free: true}}]\n");
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("scan b did not come"));
}

TEST_F(TwinExtractMany, RepeatsAreMergedAndTheNoiseFalls) {
  for (unsigned i = 0; i < 9; ++i) put("s" + std::to_string(i) + ".dat", plain(8979, 0.5, 1e-3, i));
  const Words files{"s0.dat", "s1.dat", "s2.dat", "s3.dat", "s4.dat",
                    "s5.dat", "s6.dat", "s7.dat", "s8.dat"};
  const auto found = results(files, copper + ranges + "merge: {by: all}\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0].warnings, Contains(HasSubstr("9 of 9 scans")));
  EXPECT_THAT(found[0].warnings, Contains(HasSubstr(", of their mean 0.000")));
  const auto three = results(files, copper + ranges + "merge: {by: all, expect: 3}\n");
  EXPECT_EQ(three.size(), 3U);
}

TEST_F(TwinExtractMany, AMergedScanNamesWhatWentIn) {
  put("s0.dat", plain(8979, 3.0, 1e-3, 0));  // another sample
  for (unsigned i = 1; i < 5; ++i) put("s" + std::to_string(i) + ".dat", plain(8979, 0.5, 1e-3, i));
  put("recipe.yaml", "format: twin-recipe/1\n" + copper + ranges + "merge: {by: all}\n");
  const auto taken = run({"twin-acquire", "s0.dat", "s1.dat", "s2.dat", "s3.dat", "s4.dat"});
  Words ids;
  for (const auto& m : all<record::Measurement>(taken.out)) ids.push_back(m.header.id);
  ASSERT_EQ(ids.size(), 5U);
  const auto said = run({"twin-extract", "--recipe", "recipe.yaml"}, taken.out);
  const auto found = all<Result>(said.out);
  ASSERT_EQ(found.size(), 1U) << said.error;
  EXPECT_EQ(found[0].context.scan, "s1+merged");
  EXPECT_EQ(found[0].header.from, Words(ids.begin() + 1, ids.end()));
  EXPECT_THAT(found[0].warnings, Contains(HasSubstr("merge: s0 left out")));
}

TEST_F(TwinExtractMany, FractionsOfStandardsAreFound) {
  put("low.dat", plain(8979, 0.2));
  put("high.dat", plain(8984, 1.2));
  put("mix.dat", table("# energy mu", [](double e) {
        return shortest(e) + " " + shortest(0.3 * mu(e, 8979, 0.2) + 0.7 * mu(e, 8984, 1.2));
      }));
  const std::string recipe =
      copper + "reduce: {e0: 8980, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 1}\n" +
      "xanes: {white_line: true, lcf: {standards: [{name: low, file: low.dat, valence: 1},\n"
      "  {name: high, file: high.dat, valence: 2}]}}\n";
  const auto found = results({"mix.dat"}, recipe);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(value(found[0], "fraction:low"), 0.3, 0.01);
  EXPECT_NEAR(value(found[0], "fraction:high"), 0.7, 0.01);
  EXPECT_NEAR(value(found[0], "valence"), 1.7, 0.02);
  EXPECT_TRUE(found[0].quantities.contains("white_line_energy"));
  EXPECT_TRUE(found[0].covariance.at("fraction:low", "fraction:high"));
  EXPECT_TRUE(found[0].covariance_sys.at("fraction:low", "fraction:high"));
  // A standard itself: no fraction is certain, nor is the valence.
  const auto pure = results({"high.dat"}, recipe);
  ASSERT_EQ(pure.size(), 1U);
  EXPECT_GT(pure[0].quantities.at("fraction:low").sigma, 0);
  EXPECT_GT(pure[0].quantities.at("valence").sigma, 0);
}

// The figure shows the series: its numbers are in the script, a row for each scan or energy.
void expect_drawn(const Result& series, const std::string& script) {
  for (const char* title : {"components of the series", "scores of the components",
                            "resolved spectra", "concentrations, with what fits as well"})
    EXPECT_THAT(script, HasSubstr("set title '" + std::string(title) + "'"));
  const auto& concentrations = series.arrays.at("mcr_concentrations").data;
  const auto& lowest = series.arrays.at("mcr_lowest").data;
  const auto& highest = series.arrays.at("mcr_highest").data;
  for (std::size_t scan = 0; scan < 8; ++scan)
    for (std::size_t one = 0; one < 2; ++one)
      EXPECT_THAT(script, HasSubstr("\n" + std::to_string(scan + 1) + " " +
                                    shortest(concentrations[2 * scan + one]) + " " +
                                    shortest(lowest[2 * scan + one]) + " " +
                                    shortest(highest[2 * scan + one]) + "\n"));
  const auto& energy = series.arrays.at("energy").data;
  EXPECT_THAT(script, HasSubstr("\n" + shortest(energy.back()) + " " +
                                shortest(series.arrays.at("mcr_spectra").data.back()) + "\n"));
}

TEST_F(TwinExtractMany, ASeriesHasAsManyComponentsAsItWasMadeOf) {
  Words files;
  for (int i = 0; i < 8; ++i) {
    const double f = i / 7.0;
    std::mt19937 random(static_cast<unsigned>(i));
    std::normal_distribution<double> noise(0, 2e-4);
    files.push_back("s" + std::to_string(i) + ".dat");
    put(files.back(), table("# energy mu", [&](double e) {
          return shortest(e) + " " +
                 shortest((1 - f) * mu(e, 8979, 0.2) + f * mu(e, 8984, 1.2) + noise(random));
        }));
  }
  const std::string recipe =
      copper + "reduce: {e0: 8980, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 1}\n" +
      "xanes: {series: {range: [-20, 60], mcr: true}}\n";
  const bool draws = !process::find_program("gnuplot").empty();
  const auto found = results(
      files, recipe, draws ? Words{"--jobs", "2", "--plot", "s.svg"} : Words{"--jobs", "2"});
  ASSERT_EQ(found.size(), 9U);
  EXPECT_EQ(found[8].context.scan, "series");
  if (draws) expect_drawn(found[8], get("s.svg.gp"));
  EXPECT_EQ(value(found[8], "components"), 2);
  EXPECT_EQ(found[8].header.from.size(), 8U);
  EXPECT_NE(found[8].parameters.find("mcr"), nullptr);
  const auto stated = [&](const std::string& number) {
    return extracted(files,
                     recipe.substr(0, recipe.find("mcr")) + "components: " + number + "}}\n");
  };
  const auto three = all<Result>(stated("3").out);
  ASSERT_EQ(three.size(), 9U);
  EXPECT_EQ(value(three[8], "components"), 3);
  EXPECT_EQ(three[8].quantities.at("components").method, "stated");
  EXPECT_THAT(three[8].warnings, Contains(HasSubstr("the data tell 2 apart")));
  const auto twelve = stated("12");
  EXPECT_NE(twelve.status, 0);
  EXPECT_THAT(twelve.error, HasSubstr("12 components of 8 spectra"));
}

TEST_F(TwinExtractMany, AStandardThatIsMissingIsNamed) {
  put("a.dat", plain());
  const auto said =
      extracted({"a.dat"}, copper + "xanes: {lcf: {standards: [{name: x, file: nowhere.dat}]}}\n");
  EXPECT_NE(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("nowhere.dat"));
}

}  // namespace

}  // namespace extract_many_test
