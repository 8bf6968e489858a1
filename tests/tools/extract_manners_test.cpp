// SPDX-License-Identifier: GPL-3.0-or-later
// How twin-extract behaves towards people and other programs, through the real tools: tables,
// files, warnings, recipes from pipes, records that are long.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <numbers>

#include "core/constants.h"
#include "core/text.h"
#include "process/child.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace extract_manners_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace {

struct TwinExtractManners : Tools {
  Said extracted(const Words& files, const std::string& recipe, const Words& options = {}) {
    return extracted_by("format: twin-recipe/1\n" + recipe, files, options);
  }
};

double mu(double energy) {
  const double above = energy - 8979.0;
  return 0.4 - 5e-5 * above + 0.5 + std::atan(above / 1.5) / std::numbers::pi;
}

// A copper K edge to `last` 1/Å, with oscillations; energies in `unit` eV.
std::string spectrum(double last = 14, double unit = 1) {
  std::string out = "# energy mu\n";
  const auto row = [&](double e, double chi) {
    out += shortest(e / unit) + " " + shortest(mu(e) + chi) + "\n";
  };
  for (double e = -200; e < -20; e += 5) row(8979.0 + e, 0);
  for (double e = -20; e < 40; e += 0.5) row(8979.0 + e, 0);
  for (double k = 3.25; k < last; k += 0.05)
    row(8979.0 + k * k / etok, 0.3 * std::sin(4.6 * k) * std::exp(-0.01 * k * k) / k);
  return out;
}

const std::string edge = "edge: Cu K\ncolumns: {energy: 1, mu: 2}\n";
const std::string banded = edge + "fit: {kmin: 3, kmax: 12}\nbands: [1.5-3.0]\n";

// 2: the header is right for what comes later, and quantities have their uncertainties beside them.
TEST_F(TwinExtractManners, ColumnsAreWhatTheRecipeAsksForAndNotWhatComesFirst) {
  put("short.dat", spectrum(8));
  put("whole.dat", spectrum());
  const auto said = extracted({"short.dat", "whole.dat"}, banded, {"--format", "tsv"});
  const auto lines = split(said.out, '\n');
  ASSERT_EQ(lines.size(), 4U) << said.out;
  EXPECT_THAT(std::string(lines[0]),
              HasSubstr("\te0\te0.sigma\te0.sigma_sys\tedge_step\tedge_step.sigma\t"));
  EXPECT_THAT(std::string(lines[0]), HasSubstr("\tchi_r:1.5-3\tchi_r:1.5-3.sigma\t"));
  const auto cells = split(lines[2], '\t'), names = split(lines[0], '\t');
  ASSERT_EQ(cells.size(), names.size());
  const auto at = std::ranges::find(names, "chi_r:1.5-3") - names.begin();
  EXPECT_GT(parse_double(cells[static_cast<std::size_t>(at)]).value_or(0), 0);
}

TEST_F(TwinExtractManners, AColumnThatNoRecordHadIsTold) {
  put("a.dat", spectrum());
  const auto said =
      extracted({"a.dat"}, edge, {"--format", "table", "--columns", "scan,period,edge_stop"});
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error,
              HasSubstr("warning: --columns: no record had edge_stop; perhaps edge_st"));
  EXPECT_THAT(said.error, Not(HasSubstr("period")));
}

// 3
TEST_F(TwinExtractManners, ScansOfOneNameAreExportedBesideEachOther) {
  std::filesystem::create_directory(path("a"));
  std::filesystem::create_directory(path("b"));
  put("a/s.dat", spectrum());
  put("b/s.dat", spectrum(12));
  ASSERT_EQ(extracted({"a/s.dat", "b/s.dat"}, edge, {"--export", "ascii"}).status, 0);
  EXPECT_NE(get("s.norm.dat"), get("s-2.norm.dat"));
  EXPECT_GT(get("s.chi.dat").size(), get("s-2.chi.dat").size());
}

// 4
TEST_F(TwinExtractManners, AWarningIsToldOnceWithTheNumberOfItsRepeats) {
  for (const char* name : {"a.dat", "b.dat", "c.dat"}) put(name, spectrum(8));
  const auto said = extracted({"a.dat", "b.dat", "c.dat"}, banded);
  EXPECT_EQ(said.status, 0);
  EXPECT_THAT(said.error, HasSubstr("twin-extract: warning: a: χ(k) ends at"));
  EXPECT_THAT(said.error, HasSubstr("there is no fit ... and in 2 more scans\n"));
  EXPECT_THAT(said.error, Not(HasSubstr("warning: b:")));
  EXPECT_EQ(extracted({"a.dat"}, banded, {"--quiet"}).error, "");
}

// 5
TEST_F(TwinExtractManners, ARecipeMayComeThroughAPipe) {
  put("a.dat", spectrum());
  put("recipe.yaml", "format: twin-recipe/1\n" + edge);
  const auto said = bash(
      "set -o pipefail; twin-acquire --quiet a.dat > a.jsonl\n"
      "twin-extract --recipe <(cat recipe.yaml) a.jsonl && "
      "cat recipe.yaml | twin-extract --recipe /dev/stdin a.jsonl");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(all<record::Result>(said.out).size(), 2U);
}

// 1
TEST_F(TwinExtractManners, AQuickScanOfManyPointsGoesThroughThePipe) {
  std::string out = "# energy i0 itrans irefer\n";
  for (int i = 0; i < 40'000; ++i) {
    const double e = 8779 + 0.025 * i;
    out += shortest(e) + " 1000000.125 " + shortest(1e6 * std::exp(-mu(e))) + " 250000.0625\n";
  }
  put("quick.dat", out);
  const auto said = extracted({"quick.dat"}, "edge: Cu K\n", {"--arrays", "none"});
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(all<record::Result>(said.out).size(), 1U);
}

TEST_F(TwinExtractManners, ASeriesWithoutArraysHasNone) {
  for (const char* name : {"a.dat", "b.dat", "c.dat"}) put(name, spectrum(12));
  put("b.dat", spectrum(12) + "9700 0.9\n");
  const auto said = extracted({"a.dat", "b.dat", "c.dat"},
                              edge + "xanes: {series: {components: 1}}\n", {"--arrays", "none"});
  const auto results = all<record::Result>(said.out);
  ASSERT_EQ(results.size(), 4U) << said.error;
  EXPECT_EQ(results.back().context.scan, "series");
  EXPECT_TRUE(results.back().arrays.empty());
}

// 6
TEST_F(TwinExtractManners, AFigureOfSomeScansSaysSo) {
  SKIP_WITHOUT("gnuplot");
  Words files;
  for (int i = 1; i <= 10; ++i) {
    files.push_back("s" + std::to_string(i) + ".dat");
    put(files.back(), spectrum(12 + 0.1 * i));
  }
  const auto said = extracted(files, edge, {"--plot", "out.svg"});
  EXPECT_THAT(said.error, HasSubstr("--plot: out.svg shows the curves of the last 8 of 10 scans"));
  EXPECT_THAT(get("out.svg.gp"), HasSubstr("last 8 of 10 scans"));
}

// 7
TEST_F(TwinExtractManners, ARowWithoutABeamIsTakenOutAndMoreAreNot) {
  const auto counts = [](int dark) {
    std::string out = "# energy i0 itrans\n";
    for (int i = 0; i < 400; ++i) {
      const double e = 8779 + 2 * i;
      out += shortest(e) + (i >= 100 && i < 100 + dark ? " 0 " : " 1e6 ") +
             shortest(1e6 * std::exp(-mu(e))) + "\n";
    }
    return out;
  };
  put("one.dat", counts(1));
  put("many.dat", counts(6));
  const auto said = extracted({"one.dat", "many.dat"}, "edge: Cu K\n");
  EXPECT_EQ(said.status, 2);
  const auto results = all<record::Result>(said.out);
  ASSERT_EQ(results.size(), 1U);
  EXPECT_THAT(results[0].warnings.at(0), HasSubstr("row 101: 0.00000 over"));
  EXPECT_THAT(results[0].warnings.at(0), HasSubstr("the row was taken out"));
  EXPECT_THAT(all<record::Failure>(said.out).at(0).what, HasSubstr("many: ln(i0/itrans)"));
}

// 8: pixels are laid over a foil whose energies are in keV, said or seen.
TEST_F(TwinExtractManners, PixelsAreCalibratedOnAFoilInKeV) {
  std::string pixels = "# pixel mu\n";
  for (int p = 1; p <= 1000; ++p) {
    const double e = 8900 + 0.45 * p;
    const double k = std::sqrt(std::max(0.0, etok * (e - 8979)));
    pixels += std::to_string(p) + " " + shortest(mu(e) + 0.1 * std::sin(4 * k)) + "\n";
  }
  std::string foil = "# e mu\n";
  for (double e = 8850; e < 9500; e += 0.5) {
    const double k = std::sqrt(std::max(0.0, etok * (e - 8979)));
    foil += shortest(e / 1000) + " " + shortest(mu(e) + 0.1 * std::sin(4 * k)) + "\n";
  }
  put("pixels.dat", pixels);
  put("foil.dat", foil);
  for (const char* unit : {"", "energy_unit: keV, "}) {
    const auto said =
        extracted({"pixels.dat"}, "edge: Cu K\ncolumns: {energy: 1, mu: 2, " + std::string(unit) +
                                      "pixels: {scan: pixels.dat, to: foil.dat}}\n");
    const auto results = all<record::Result>(said.out);
    ASSERT_EQ(results.size(), 1U) << said.error;
    EXPECT_NEAR(*results[0].quantities.at("e0").value, 8979, 2);
    if (*unit == 0) {
      EXPECT_THAT(said.error,
                  HasSubstr("foil.dat: its energies go from 8.8500 on; they are taken"));
    }
  }
}

TEST_F(TwinExtractManners, EnergiesInKeVAreNotToldAsEV) {
  put("kev.dat", spectrum(14, 1000));
  const auto said = extracted({"kev.dat"}, edge);
  EXPECT_THAT(said.error, HasSubstr("the energies go from 8.7790 to 9.7204"));
  EXPECT_THAT(said.error, HasSubstr("say columns: {energy_unit: keV}"));
  EXPECT_EQ(
      extracted({"kev.dat"}, "edge: Cu K\ncolumns: {energy: 1, mu: 2, energy_unit: keV}\n").status,
      0);
}

// 9
TEST_F(TwinExtractManners, FaultsOfARecipeAreFoundWithTheRecipe) {
  put("a.dat", spectrum());
  for (const auto& [text, told] : std::initializer_list<std::pair<const char*, const char*>>{
           {"autobk: {rbkg: 100}", "recipe.yaml:4: rbkg: 100; expected 0.1 to 6 Å"},
           {"autobk: {kweight: 1e9}", "recipe.yaml:4: kweight: 1e+09; expected 0 to 6"},
           {"fit: {rmax: 40}", "recipe.yaml:4: rmax: 40; expected 0.5 to 20 Å"},
           {"fit: {dk: 1e6}", "recipe.yaml:4: dk: 1e+06; expected 0 to 10 1/Å"},
           {"reduce: {norm2: -2}", "recipe.yaml:4: norm2: -2; expected 1 to"}}) {
    const auto said = extracted({"a.dat"}, edge + std::string(text) + "\n");
    EXPECT_EQ(said.status, 78) << text;
    EXPECT_THAT(said.error, HasSubstr(told));
  }
}

TEST_F(TwinExtractManners, AnotherEdgeIsToldWithoutAPoint) {
  put("a.dat", spectrum());
  EXPECT_THAT(extracted({"a.dat"}, "edge: Fe K\ncolumns: {energy: 1, mu: 2}\n").error,
              HasSubstr("no point lies within"));
}

// 10
TEST_F(TwinExtractManners, XdiHasChiInAFileOfItsOwn) {
  put("a.dat", spectrum());
  ASSERT_EQ(extracted({"a.dat"}, edge, {"--export", "xdi"}).status, 0);
  EXPECT_THAT(get("a.chi.xdi"), HasSubstr("# Column.1: k 1/Å\n# Column.2: chi\n"));
  const auto said = run({"twin-acquire", "--quiet", "a.chi.xdi"});
  EXPECT_THAT(all<record::Measurement>(said.out).at(0).columns,
              ElementsAre("k", "chi", "delta_chi"));
}

}  // namespace

}  // namespace extract_manners_test
