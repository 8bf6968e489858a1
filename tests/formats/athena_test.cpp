// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/athena.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/text.h"
#include "formats/read_scan.h"
#include "projects.h"
#include "support.h"

namespace twin::formats::athena_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

std::vector<ScanFile> parse(const std::string& text, std::vector<Error>* refused = nullptr) {
  std::istringstream in(text);
  return parse_athena(in, "a.prj", refused);
}

std::string error_of(const std::string& text) {
  return message_of([&] { (void)parse(text); });
}

std::string warnings_of(const ScanFile& scan) { return join(scan.warnings, "\n"); }

const MadeGroup copper{"abcd", {{"label", "Cu foil"}}, {8900, 8950, 9000}, {0.1, 0.2, 1.3}, {}};

class BothDialects : public testing::TestWithParam<bool> {
 protected:
  static std::string write(const std::vector<MadeGroup>& groups) {
    return GetParam() ? json_project(groups) : perl_project(groups);
  }
};

TEST_P(BothDialects, GroupsAreScans) {
  MadeGroup second = copper;
  second.name = "efgh";
  second.arguments = {{"label", "second "}, {"bkg_z", "cu"}, {"fft_edge", "k"}};
  second.others["i0"] = {5, 6, 7};
  const auto scans = parse(write({copper, second}));
  ASSERT_EQ(scans.size(), 2u);
  EXPECT_EQ(scans[0].label, "Cu foil");
  EXPECT_EQ(scans[0].format, "athena");
  EXPECT_THAT(scans[0].names, ElementsAre("energy", "mu"));
  EXPECT_THAT(scans[0].units, ElementsAre("eV", ""));
  EXPECT_THAT(scans[0].columns[0], ElementsAre(8900, 8950, 9000));
  EXPECT_THAT(scans[0].columns[1], ElementsAre(0.1, 0.2, 1.3));
  EXPECT_EQ(scans[0].metadata.at("sample.name"), "Cu foil");
  EXPECT_EQ(scans[0].metadata.count("element.symbol"), 0u);
  EXPECT_TRUE(scans[0].warnings.empty());
  EXPECT_EQ(scans[1].label, "second");
  EXPECT_THAT(scans[1].names, ElementsAre("energy", "mu", "i0"));
  EXPECT_EQ(scans[1].metadata.at("element.symbol"), "Cu");
  EXPECT_EQ(scans[1].metadata.at("element.edge"), "K");
}

TEST_P(BothDialects, LabelsAreUnique) {
  auto none = copper, again = copper, third = copper;
  none.name = "wxyz";
  none.arguments = {{"label", ""}};
  again.name = "ijkl";
  third.name = "mnop";
  const auto scans = parse(write({copper, none, again, third}));
  std::vector<std::string> labels;
  for (const auto& scan : scans) labels.push_back(scan.label);
  EXPECT_THAT(labels, ElementsAre("Cu foil", "wxyz", "Cu foil.2", "Cu foil.3"));
}

TEST_P(BothDialects, StoredParametersByTheRecipesNames) {
  auto group = copper;
  group.arguments = {{"label", "a"},        {"bkg_e0", "8979.1"},   {"bkg_eshift", "-0.23"},
                     {"bkg_pre1", "-150"},  {"bkg_pre2", "-30"},    {"bkg_nor1", "50"},
                     {"bkg_nor2", "950.5"}, {"bkg_nnorm", "3"},     {"bkg_step", "1.25"},
                     {"bkg_fixstep", "1"},  {"bkg_rbkg", "1.1"},    {"bkg_kw", "2"},
                     {"bkg_nclamp", "5"},   {"bkg_clamp1", "None"}, {"bkg_clamp2", "Strong"},
                     {"fft_kmin", "2"},     {"fft_kmax", "13.5"},   {"bkg_stan", "None"}};
  const auto scan = parse(write({group})).at(0);
  EXPECT_THAT(scan.stored,
              UnorderedElementsAre(Pair("e0", 8979.1), Pair("eshift", -0.23), Pair("pre1", -150),
                                   Pair("pre2", -30), Pair("norm1", 50), Pair("norm2", 950.5),
                                   Pair("nnorm", 2), Pair("edge_step", 1.25), Pair("rbkg", 1.1),
                                   Pair("kweight", 2), Pair("nclamp", 5), Pair("clamp_lo", 0),
                                   Pair("clamp_hi", 24), Pair("kmin", 2), Pair("kmax", 13.5)));
  EXPECT_EQ(scan.metadata.at("athena.bkg_e0"), "8979.1");
  EXPECT_EQ(scan.metadata.at("athena.bkg_stan"), "None");
  EXPECT_THAT(scan.columns[0], ElementsAre(8900, 8950, 9000));  // without the shift
}

TEST_P(BothDialects, AFreeStepAndAnE0OfZeroAreNotStored) {
  auto group = copper;
  group.arguments = {{"bkg_e0", "0"},    {"bkg_step", "1.25"}, {"bkg_fixstep", "0"},
                     {"bkg_kw", "much"}, {"bkg_rbkg", "nan"},  {"bkg_nnorm", "0"}};
  EXPECT_TRUE(parse(write({group})).at(0).stored.empty());
}

TEST_P(BothDialects, WhatValuesAreOverWhat) {
  const auto names = [&](std::map<std::string, std::string> arguments) {
    auto group = copper;
    group.arguments = std::move(arguments);
    return parse(write({group})).at(0).names;
  };
  EXPECT_THAT(names({{"is_chi", "1"}}), ElementsAre("k", "chi"));
  EXPECT_THAT(names({{"recordtype", "chi(k)"}}), ElementsAre("k", "chi"));
  EXPECT_THAT(names({{"is_nor", "1"}, {"recordtype", "mu(E)"}}), ElementsAre("energy", "norm"));
  EXPECT_THAT(names({{"recordtype", "merged mu(E)"}}), ElementsAre("energy", "mu"));
  EXPECT_THAT(names({{"is_pixel", "1"}}), ElementsAre("pixel", "mu"));
  EXPECT_THAT(names({{"is_diff", "1"}}), ElementsAre("energy", "difference"));
}

TEST_P(BothDialects, KOfZeroIsARow) {
  auto group = copper;
  group.arguments = {{"datatype", "chi"}};
  group.x = {0, 0.05, 0.1};
  const auto scan = parse(write({group})).at(0);
  EXPECT_THAT(scan.columns[0], ElementsAre(0, 0.05, 0.1));
  EXPECT_EQ(scan.units[0], "1/Å");
}

TEST_P(BothDialects, DetectorsAndBackgroundsArePassedOver) {
  auto detector = copper, background = copper;
  detector.name = "det";
  detector.arguments = {{"datatype", "detector"}};
  background.arguments = {{"is_bkg", "1"}};
  const auto scans = parse(write({detector, copper, background}));
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_THAT(warnings_of(scans[0]), HasSubstr("group 'det' is a detector alone"));
  EXPECT_THAT(warnings_of(scans[0]), HasSubstr("is a background; it was passed over"));
  EXPECT_THAT(error_of(write({detector})), HasSubstr("1 groups, none of them a spectrum"));
}

TEST_P(BothDialects, RowsThatAreNoneAreLeftOut) {
  auto group = copper;
  group.x = {8900, 0, 8910, 8910, 8905, 8920, 9999, 8930, 8940};
  group.y = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  group.others["i0"] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  const auto scan = parse(write({group})).at(0);
  EXPECT_EQ(scan.rows(), 5u);
  EXPECT_THAT(scan.columns[0], ElementsAre(8900, testing::_, 8920, 8930, 8940));
  EXPECT_EQ(scan.columns[1], scan.columns[2]);  // all columns lose the same rows
  EXPECT_THAT(warnings_of(scan), HasSubstr("4 rows were left out, the first is number 2"));
  group.x = {9, 8, 7, 1, 6, 5, 4, 2, 3};
  EXPECT_THAT(error_of(write({group})), HasSubstr("energy values are in order"));
  group.x = {9, 8, 7, 6, 5, 4, 3, 2, 1};  // downwards: check_scan() turns it round
  EXPECT_EQ(parse(write({group})).at(0).rows(), 9u);
}

TEST_P(BothDialects, OtherArraysFitOrAreLeftOut) {
  auto group = copper;
  group.others["i0"] = {1, 2};
  group.others["signal"] = {1, 2, 3};
  group.others["stddev"] = {1, 2, std::nan("")};
  const auto scan = parse(write({group})).at(0);
  EXPECT_THAT(scan.names, ElementsAre("energy", "mu", "signal"));
  EXPECT_THAT(warnings_of(scan), HasSubstr("i0 has 2 values for 3 rows; it was left out"));
  EXPECT_THAT(warnings_of(scan), HasSubstr("stddev holds what is no number; it was left out"));
}

TEST_P(BothDialects, OneBadGroupLeavesTheOthers) {
  auto bad = copper, shorter = copper;
  bad.arguments = {{"label", "bad"}};
  bad.y[1] = std::nan("");
  shorter.arguments = {{"label", "short"}};
  shorter.y.pop_back();
  std::vector<Error> refused;
  const auto scans = parse(write({bad, copper, shorter}), &refused);
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_EQ(scans[0].label, "Cu foil");
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_THAT(refused[0].what(), HasSubstr("scan 'bad': value 2 of mu is not a finite number"));
  EXPECT_THAT(refused[1].what(), HasSubstr("scan 'short': 3 values of @x and 2 of @y"));
  EXPECT_THAT(error_of(write({bad, copper})), HasSubstr("scan 'bad'"));
}

// Whatever a cut leaves is either refused or says so, and holds no number that was not there.
TEST_P(BothDialects, TruncationAtEveryByte) {
  auto second = copper;
  second.name = "efgh";
  second.arguments = {{"label", "second"}, {"bkg_e0", "8979"}};
  second.others["i0"] = {5, 6, 7};
  const std::string text = write({copper, second});
  const auto whole = parse(text);
  const std::size_t end = text.find_last_not_of(" \n") + 1;
  std::size_t read = 0;
  for (std::size_t size = 0; size < (GetParam() ? end : text.find("1;\n") + 2); ++size) {
    try {
      std::vector<Error> refused;
      const auto scans = parse(text.substr(0, size), &refused);
      for (std::size_t i = 0; i < scans.size(); ++i) {
        ++read;
        for (std::size_t row = 0; row < scans[i].rows(); ++row) {
          EXPECT_EQ(scans[i].columns[0][row], whole[i].columns[0][row]) << size;
          EXPECT_EQ(scans[i].columns[1][row], whole[i].columns[1][row]) << size;
        }
        EXPECT_TRUE(scans[i].truncated || scans[i].rows() == whole[i].rows()) << size;
      }
      if (!scans.empty()) {
        EXPECT_THAT(warnings_of(scans.back()), HasSubstr("is cut")) << size;
      }
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size;
    }
  }
  EXPECT_GT(read, 100u);
}

INSTANTIATE_TEST_SUITE_P(Athena, BothDialects, testing::Bool(),
                         [](const auto& dialect) { return dialect.param ? "Json" : "Perl"; });

TEST(Athena, LarchWritesTheOrderItself) {
  auto group = copper;
  group.arguments = {{"bkg_nnorm", "2"}};
  std::string text = perl_project({group});
  EXPECT_EQ(parse(text).at(0).stored.at("nnorm"), 1);
  text.insert(text.find('\n') + 1, "# Using Larch version 0.9.80, Python 3.11 on Linux\n");
  EXPECT_EQ(parse(text).at(0).stored.at("nnorm"), 2);
}

TEST(Athena, KeVBecomeEVOnce) {
  auto group = copper;
  group.arguments = {{"is_kev", "1"}};
  EXPECT_EQ(parse(perl_project({group})).at(0).columns[0][0], 8900);
  for (double& x : group.x) x /= 1000;
  EXPECT_NEAR(parse(perl_project({group})).at(0).columns[0][0], 8900, 1e-9);
}

TEST(Athena, JsonKeepsTheStatedOrder) {
  auto first = copper;
  first.name = "zz";
  first.arguments = {{"label", "first"}};
  std::string text = json_project({copper, first});
  const std::string order = R"("_____order": ["abcd","zz"])";
  text.replace(text.find(order), order.size(), R"("_____order": ["zz","abcd"])");
  const auto scans = parse(text);
  EXPECT_EQ(scans.at(0).label, "first");
  EXPECT_EQ(scans.at(1).label, "Cu foil");
}

TEST(Athena, HostileInput) {
  EXPECT_THAT(error_of("{\"a\": 1}"), HasSubstr("JSON without '_____header1'"));
  EXPECT_THAT(error_of("{\n\"a\": \n}x"), HasSubstr("a.prj:3: not JSON"));
  EXPECT_THAT(error_of("{" + std::string(100000, '[')), HasSubstr("a.prj:1: "));
  EXPECT_THAT(error_of("# Athena project file\n"), HasSubstr("0 groups, none of them a spectrum"));
  EXPECT_THAT(error_of(""), HasSubstr("0 groups"));
  EXPECT_THAT(error_of("# Athena project file\n@x = `ls`;"), HasSubstr("a.prj:2: "));
  EXPECT_THAT(error_of(std::string("# Athena\0", 9)), HasSubstr("binary"));
  EXPECT_THAT(error_of("[record]\n[record]\n1;"), HasSubstr("0 values of @x"));
}

TEST(Athena, MeasuredProjectsAgainstLarch) {
  const auto folder = measured_data() / "xas";
  if (!std::filesystem::exists(folder / "oracle.json")) GTEST_SKIP() << "skipped: no " << folder;
  const auto oracle = oracle_spectra(folder);
  for (const char* file : {"cyanobacteria.prj", "Cl_CAMD.prj", "FeFoil_QXAFS_Compare.prj"}) {
    std::size_t seen = 0;
    const auto scans = read_scans((folder / file).string());
    for (const auto& scan : scans) {
      const auto key = std::string(file) + "::" + larch_name(scan.label);
      ASSERT_TRUE(oracle.contains(key)) << key;
      const auto& known = oracle.at(key);
      EXPECT_EQ(scan.rows(), known.points) << key;
      EXPECT_NEAR(scan.columns[0].front(), known.first, 6e-4) << key;  // printed to 8 digits
      EXPECT_NEAR(scan.columns[0].back(), known.last, 6e-4) << key;
      ++seen;
    }
    EXPECT_EQ(seen, std::ranges::count_if(
                        oracle, [&](const auto& entry) { return entry.first.starts_with(file); }))
        << file;
  }
}

TEST(Athena, StoredParametersOfAMeasuredProject) {
  const auto folder = measured_data() / "xas";
  if (!std::filesystem::exists(folder / "oracle.json")) GTEST_SKIP() << "skipped: no " << folder;
  const auto known = oracle_stored(folder);
  const auto scans = read_scans((folder / "cyanobacteria.prj").string());
  EXPECT_EQ(scans.size(), known.size());
  for (const auto& scan : scans) {
    const auto& theirs = known.at(larch_name(scan.label));
    for (const auto& [ours, name] : {std::pair{"e0", "e0"},
                                     {"eshift", "eshift"},
                                     {"pre1", "pre1"},
                                     {"pre2", "pre2"},
                                     {"norm1", "nor1"},
                                     {"norm2", "nor2"}})
      EXPECT_EQ(scan.stored.at(ours), theirs.at(name)) << scan.label << " " << ours;
    EXPECT_EQ(scan.stored.at("nnorm"), theirs.at("nnorm") - 1) << scan.label;
    EXPECT_EQ(scan.metadata.at("element.symbol"), "Au");
    EXPECT_EQ(scan.metadata.at("element.edge"), "L3");
  }
}

}  // namespace
}  // namespace twin::formats::athena_test
