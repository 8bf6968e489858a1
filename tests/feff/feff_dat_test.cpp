// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "feff/feff.h"
#include "measured_data.h"

namespace twin::feff::feff_dat_test {
namespace {

std::string format(const char* pattern, double a, double b) {
  char line[160];
  std::snprintf(line, sizeof line, pattern, a, b);
  return line;
}

/// A file in FEFF6L's layout with made-up numbers: triangle of sides 3, 4, 5.
std::string sample() {
  std::string text =
      " Made up                                                Feff 6L.02  potph 4.12\n"
      " Abs   Z=29 Rmt= 1.291 Rnm= 1.427 K shell\n"
      " " +
      std::string(79, '-') +
      "\n"
      "   3  48.000   6.0000    2.6377   -5.51298 nleg, deg, reff, rnrmav(bohr), edge\n"
      "        x         y         z   pot at#\n"
      "     0.0000    0.0000    0.0000  0  29 Cu       absorbing atom\n"
      "     3.0000    0.0000    0.0000  1   8 Ox1\n"
      "     3.0000   -4.0000    0.0000  1  29 Cu\n"
      "    k   real[2*phc]   mag[feff]  phase[feff] red factor   lambda      real[p]@#\n";
  for (int i = 0; i <= 40; ++i)
    text +=
        format("%7.3f  3.5105E+00  %.4E -5.1431E+00  0.9866E+00  1.5572E+01", 0.5 * i, 0.01 * i) +
        format("  %.4E  %.0f\n", 1.8 + 0.5 * i, 0.0);
  return text;
}

TEST(FeffDat, IsReadAsPrinted) {
  const auto path = parse_feff_dat(sample(), "feff0003.dat");
  EXPECT_EQ(path.legs, 3);
  EXPECT_DOUBLE_EQ(path.degeneracy, 48.0);
  EXPECT_DOUBLE_EQ(path.reff, 6.0);
  EXPECT_DOUBLE_EQ(path.rnrmav, 2.6377 * 0.529177210903);  // printed in bohr
  EXPECT_EQ(path.elements, (std::vector<std::string>{"Cu", "O", "Cu"}));
  ASSERT_EQ(path.atoms.rows(), 3);
  EXPECT_DOUBLE_EQ(path.atoms(2, 1), -4.0);
  ASSERT_EQ(path.k.size(), 41);
  EXPECT_DOUBLE_EQ(path.k[40], 20.0);
  EXPECT_DOUBLE_EQ(path.phc[7], 3.5105);
  EXPECT_DOUBLE_EQ(path.mag[4], 0.04);
  EXPECT_DOUBLE_EQ(path.phase[0], -5.1431);
  EXPECT_DOUBLE_EQ(path.reduction[0], 0.9866);
  EXPECT_DOUBLE_EQ(path.lambda[0], 15.572);
  EXPECT_DOUBLE_EQ(path.rep[2], 2.8);
}

TEST(FeffDat, CutOffAnywhereIsRefused) {
  const std::string whole = sample();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    try {
      static_cast<void>(parse_feff_dat(whole.substr(0, length), "cut"));
      ADD_FAILURE() << "read " << length << " of " << whole.size() << " bytes";
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
    }
  }
}

std::string complaint(std::string text, const std::string& find, const std::string& replacement) {
  text.replace(text.find(find), find.size(), replacement);
  try {
    static_cast<void>(parse_feff_dat(text, "f.dat"));
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(FeffDat, SaysWhereItIsWrong) {
  using testing::StartsWith;
  const std::string good = sample();
  EXPECT_THAT(complaint(good, "   3  48.000", "   x  48.000"), StartsWith("f.dat:4: column 1"));
  EXPECT_THAT(complaint(good, "   3  48.000", "  99  48.000"), StartsWith("f.dat:4: nleg"));
  EXPECT_THAT(complaint(good, "   3  48.000", " 3.5  48.000"), StartsWith("f.dat:4: nleg"));
  EXPECT_THAT(complaint(good, "48.000   6.0000", "48.000   5.9000"),
              StartsWith("f.dat:8: the legs"));
  EXPECT_THAT(complaint(good, "2.6377", "0.0000"), StartsWith("f.dat:4: rnrmav"));
  EXPECT_THAT(complaint(good, "1   8", "1   0"), StartsWith("f.dat:7: column 5"));
  EXPECT_THAT(complaint(good, "1   8", "1 8.5"), StartsWith("f.dat:7: column 5"));
  EXPECT_THAT(complaint(good, "  1.500  3.5105E+00", "  1.500         NaN"),
              StartsWith("f.dat:13: column 2"));
  EXPECT_THAT(complaint(good, "  1.500  3.5105E+00", "  0.500  3.5105E+00"),
              StartsWith("f.dat:13: k does"));
  EXPECT_THAT(complaint(good, "1.5572E+01", "-1.557E+01"), StartsWith("f.dat:10: the mean free"));
}

TEST(FeffDat, HostileInputIsRefused) {
  EXPECT_THROW(static_cast<void>(parse_feff_dat(std::string(1 << 20, '\0'), "zeros")), Error);
  EXPECT_THROW(static_cast<void>(parse_feff_dat(std::string(1 << 20, '\n'), "lines")), Error);
  EXPECT_THROW(static_cast<void>(parse_feff_dat("\n----\n1e308 1 1\n", "huge")), Error);
  try {
    static_cast<void>(parse_feff_dat("x\n", "a\nb\x1b[1m"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
  }
}

TEST(FeffDat, LineEndsBlankLinesAndACommentedHeadDoNotMatter) {
  std::string dressed;
  const std::string text = sample();
  for (const auto line : split(text, '\n')) {
    const bool head = dressed.find("real[2*phc]") == std::string::npos;
    dressed += (head ? "#" : "") + std::string(line) + "\r\n";
  }
  const auto plain = parse_feff_dat(sample(), "a"),
             other = parse_feff_dat(dressed + " \r\n\n", "a");
  EXPECT_EQ(plain.k, other.k);
  EXPECT_EQ(plain.rep, other.rep);
  EXPECT_EQ(plain.atoms, other.atoms);
  EXPECT_EQ(plain.elements, other.elements);
}

TEST(FeffDat, FilesAreReadWholeOrRefused) {
  const TemporaryFolder folder("twinline-test");
  create_file(folder.path() + "/feff0003.dat", sample());
  const auto path = read_feff_dat(folder.path() + "/feff0003.dat");
  EXPECT_EQ(path.name, "feff0003.dat");
  EXPECT_EQ(path.legs, 3);
  create_file(folder.path() + "/large", std::string((1 << 20) + 1, '\n'));
  EXPECT_THROW(static_cast<void>(read_feff_dat(folder.path() + "/large")), Error);
  EXPECT_THROW(static_cast<void>(read_feff_dat(folder.path() + "/none")), Error);
}

// Written by Feff XX 6.10, 6.01a, 8 and 6L.02: what their headers say.
TEST(FeffDat, OtherVersionsOfFeffAreRead) {
  const std::string folder = (measured_data() / "xas/feffdat/").string();
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "skipped: no files of FEFF ($TWIN_DATA/xas)";
  const auto read = [&](const char* name) { return read_feff_dat(folder + name); };
  EXPECT_DOUBLE_EQ(read("feffcu01.dat").reff, 2.5478);
  EXPECT_DOUBLE_EQ(read("feff_feo01.dat").reff, 2.1387);
  EXPECT_EQ(read("feff_feo01.dat").elements, (std::vector<std::string>{"Fe", "O"}));
  const auto eight = read("feff_znse.dat");
  EXPECT_EQ(eight.degeneracy, 4);
  EXPECT_EQ(eight.elements, (std::vector<std::string>{"Zn", "Se"}));
  EXPECT_DOUBLE_EQ(eight.k[eight.k.size() - 1], 20.0);
  int all = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".dat" || entry.path().filename() == "paths.dat") continue;
    EXPECT_NO_THROW(static_cast<void>(read_feff_dat(entry.path().string()))) << entry.path();
    ++all;
  }
  EXPECT_GT(all, 60);
}

}  // namespace
}  // namespace twin::feff::feff_dat_test
