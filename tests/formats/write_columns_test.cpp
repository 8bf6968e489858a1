// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/write_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "formats/columns.h"
#include "support.h"

namespace twin::formats::write_columns_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string written(const ScanFile& scan) {
  std::ostringstream out;
  write_columns(out, scan);
  return out.str();
}

ScanFile again(const ScanFile& scan) {
  std::istringstream in(written(scan));
  return parse_columns(in, "again.dat");
}

ScanFile made() {
  ScanFile scan;
  scan.names = {"energy", "mu", "i0"};
  scan.units = {"eV", "", "counts"};
  scan.columns = {{8979, 8979.1, 1.0 / 3}, {-1e-300, 0, 1e300}, {1, 2, 3}};
  scan.metadata = {{"sample.name", "Cu foil: 10 K"},
                   {"element.symbol", "Cu"},
                   {"comments", "first line\n---\nkey: value\n1 2 3"}};
  return scan;
}

TEST(WriteColumns, ReadsBackTheSame) {
  const auto scan = made();
  const auto back = again(scan);
  EXPECT_EQ(back.names, scan.names);
  EXPECT_EQ(back.units, scan.units);
  EXPECT_EQ(back.columns, scan.columns);
  EXPECT_EQ(back.metadata.at("sample.name"), "Cu foil: 10 K");
  EXPECT_EQ(back.metadata.at("element.symbol"), "Cu");
  EXPECT_EQ(back.metadata.count("key"), 0u);  // a comment does not become a field
  EXPECT_FALSE(back.truncated);
  EXPECT_TRUE(back.warnings.empty());
  const auto third = again(back);
  EXPECT_EQ(third.names, scan.names);
  EXPECT_EQ(third.units, scan.units);
  EXPECT_EQ(third.columns, scan.columns);
}

TEST(WriteColumns, ExtremesOfDouble) {
  using limits = std::numeric_limits<double>;
  auto scan = made();
  scan.columns[1] = {limits::max(), limits::denorm_min(), -limits::min()};
  EXPECT_EQ(again(scan).columns, scan.columns);
}

TEST(WriteColumns, NamesStayOneWordEach) {
  auto scan = made();
  scan.names = {"mono energy", "2", "a,b:c=\"d\""};
  EXPECT_THAT(again(scan).names, ElementsAre("mono_energy", "column_2", "a_b_c__d_"));
}

TEST(WriteColumns, WhatCouldBreakTheHeaderDoesNot) {
  auto scan = made();
  scan.metadata = {{"a key\nwith all: of it", "value\n9 9 9"}, {"empty", " "}};
  EXPECT_EQ(again(scan).columns, scan.columns);
  EXPECT_THAT(written(scan), HasSubstr("# a_key_with_all__of_it: value\\x0a9 9 9\n"));
}

TEST(WriteColumns, TruncationAtEveryByte) {
  const auto scan = made();
  const std::string text = written(scan);
  for (std::size_t size = 0; size < text.size(); ++size) {
    std::istringstream in(text.substr(0, size));
    try {
      const auto part = parse_columns(in, "part.dat");
      for (std::size_t i = 0; i < part.columns.size(); ++i)
        for (std::size_t row = 0; row + 1 < part.rows();
             ++row)  // the last may be cut in its number
          EXPECT_EQ(part.columns[i][row], scan.columns[i][row]) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size;
    }
  }
}

}  // namespace
}  // namespace twin::formats::write_columns_test
