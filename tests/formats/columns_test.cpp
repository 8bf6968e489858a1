// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/read_scan.h"
#include "places.h"
#include "support.h"

namespace twin::formats::columns_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

ScanFile parse(const std::string& text) {
  std::istringstream in(text);
  return parse_columns(in, "scan.dat");
}

std::string error_of(const std::string& text) {
  return message_of([&] { (void)parse(text); });
}

TEST(Columns, FortranNumbersAndWindowsLineEnds) {
  const auto scan = read_scan(test_data_dir() + "/columns/fortran_crlf.xmu");
  EXPECT_EQ(scan.format, "columns");
  EXPECT_THAT(scan.names, ElementsAre("energy", "xmu"));
  EXPECT_THAT(scan.columns[0], ElementsAre(8970.0, 8975.0, 8980.0, 8985.0));
  EXPECT_THAT(scan.columns[1], ElementsAre(1.013661, 0.9949864, 1.52, -2.041));
  EXPECT_THAT(scan.lines, ElementsAre(5u, 6u, 7u, 8u));
  EXPECT_EQ(scan.metadata.at("sample"), "made up");
  EXPECT_EQ(scan.sha256.size(), 64u);
  EXPECT_FALSE(scan.truncated);
  EXPECT_TRUE(scan.warnings.empty());
}

TEST(Columns, TableWithinABareHeaderIsPassedOver) {
  const auto scan = read_scan(test_data_dir() + "/columns/bare_header.dat");
  EXPECT_THAT(scan.names, ElementsAre("angle", "time", "i0"));
  EXPECT_THAT(scan.columns[0], ElementsAre(12.75, 12.74, 12.73, 12.72));
  ASSERT_EQ(scan.warnings.size(), 1u);
  EXPECT_THAT(scan.warnings[0], HasSubstr(":5: 2 rows"));
}

TEST(Columns, QuotedLabelsWithBlanks) {
  const auto scan = read_scan(test_data_dir() + "/columns/quoted_labels.csv");
  EXPECT_THAT(scan.names, ElementsAre("scan", "mono energy", "i 0"));
  EXPECT_THAT(scan.columns[1], ElementsAre(8970.5, 8971.5, 8972.5));
}

TEST(Columns, SeparatorsMeanTheSame) {
  for (const std::string row : {"1 2 3\n", "1\t2\t3\n", "1,2,3\n", " 1, 2, 3 \n", "1 ,\t2  3\r\n"})
    EXPECT_THAT(parse(row + row).columns,
                ElementsAre(ElementsAre(1, 1), ElementsAre(2, 2), ElementsAre(3, 3)))
        << row;
}

TEST(Columns, EveryCommentSign) {
  for (const std::string sign : {"#", "%", ";", "!", "*", "#%", ""}) {
    const auto scan = parse(sign + "energy mu\n1 2\n3 4\n");
    EXPECT_THAT(scan.names, ElementsAre("energy", "mu")) << sign;
    EXPECT_EQ(scan.rows(), 2u);
  }
}

TEST(Columns, LabelsMayHaveOneWordMore) {
  EXPECT_THAT(parse("# L: energy mu\n1 2\n3 4\n").names, ElementsAre("energy", "mu"));
  EXPECT_THAT(parse("# a b energy mu\n1 2\n3 4\n").names, ElementsAre("1", "2"));
  EXPECT_THAT(parse("# 1.0 2.0\n1 2\n3 4\n").names, ElementsAre("1", "2"));
  EXPECT_THAT(parse("# E0= 8979\n1 2\n3 4\n").names, ElementsAre("1", "2"));
  EXPECT_THAT(parse("# energy mu\n#-----\n\n1 2\n3 4\n").names, ElementsAre("energy", "mu"));
  EXPECT_THAT(parse("# mu mu mu\n1 2 3\n4 5 6\n").names, ElementsAre("mu", "mu.2", "mu.3"));
}

TEST(Columns, ErrorsNameTheLine) {
  EXPECT_THAT(error_of(""), StartsWith("scan.dat: empty"));
  EXPECT_THAT(error_of("# only\n# a header\n"), HasSubstr("no whole row"));
  EXPECT_THAT(error_of("1 2\n3 4\n5\n6 7\n"), StartsWith("scan.dat:3: 1 columns; 2"));
  EXPECT_THAT(error_of("1 2\n3 4\n5 6 7\n6 7\n"), StartsWith("scan.dat:3: 3 columns; 2"));
  EXPECT_THAT(error_of("1 2\n3 x4\n5 6\n"), StartsWith("scan.dat:2: 'x4' is not a number"));
  EXPECT_THAT(error_of("1 2\nbeam lost\n5 6\n"), StartsWith("scan.dat:2: 'beam' is not a number"));
  EXPECT_THAT(error_of("1 2\n3 ********\n5 6\n"), StartsWith("scan.dat:2: '********'"));
  EXPECT_THAT(error_of("1 2\n3 nan\n5 6\n"), StartsWith("scan.dat:2: column 2 is 'nan'"));
  EXPECT_THAT(error_of("1 2\n-inf 4\n5 6\n"), StartsWith("scan.dat:2: column 1 is '-inf'"));
  EXPECT_THAT(error_of("1 nan\n3 4\n"), StartsWith("scan.dat:1: column 2 is 'nan'"));
  EXPECT_THAT(error_of("# e mu\n8979,5 1,23\n8980,5 1,24\n"),
              StartsWith("scan.dat:2: decimal commas"));
  EXPECT_THAT(error_of(std::string("1 2\n\0 4\n", 8)), StartsWith("scan.dat:2: a NUL byte"));
  EXPECT_THAT(error_of("1\n2\n3\n"), HasSubstr("two columns or more"));
}

TEST(Columns, HostileNamesAndWordsAreStripped) {
  std::istringstream in("1 2\n3 \x1b[31mx\n4 5\n");
  const auto message = message_of([&] { (void)parse_columns(in, "a\nb\x1b.dat"); });
  EXPECT_EQ(message.find('\n'), std::string::npos);
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  const auto scan = parse("# caf\xe9: \x1b[2J\n# key: caf\xe9\n# e m\xff\n1 2\n3 4\n");
  for (const auto& [key, value] : scan.metadata) {
    EXPECT_EQ((key + value).find('\x1b'), std::string::npos);
    EXPECT_EQ((key + value).find('\xe9'), std::string::npos);
  }
  EXPECT_EQ(scan.names[1].find('\xff'), std::string::npos);
}

TEST(Columns, ACutLastRowIsLeftOut) {
  for (const std::string cut :
       {"5", "5\n", "5 \n\n", "5 6.", "5 x", "5 6.0E+", "5 16.0", "5 -6.0"}) {
    const auto scan = parse("1 2.00\n3 4.00\n" + cut);
    EXPECT_TRUE(scan.truncated) << cut;
    EXPECT_EQ(scan.rows(), 2u) << cut;
    ASSERT_EQ(scan.warnings.size(), 1u) << cut;
    EXPECT_THAT(scan.warnings[0], StartsWith("scan.dat:3: the last row is cut")) << cut;
  }
  EXPECT_FALSE(parse("1 2.00\n3 4.00\n5 6.00").truncated);
}

/// What is kept of a file cut anywhere are rows of the whole file, never a number that was cut.
TEST(Columns, TruncationAtEveryByte) {
  const std::string header = "# energy xmu\n";
  const std::string text = header +
                           "  .8970000E+04  .1013661E+01\n  .8975000E+04  .9949864E+00\n"
                           "  .8980000E+04 -.1520000E+01\n";
  const auto whole = parse(text);
  ASSERT_EQ(whole.rows(), 3u);
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string cut = text.substr(0, size);
    try {
      const auto scan = parse(cut);
      ASSERT_LE(scan.rows(), 3u);
      for (std::size_t c = 0; c < 2; ++c)
        for (std::size_t r = 0; r < scan.rows(); ++r)
          EXPECT_EQ(scan.columns[c][r], whole.columns[c][r]) << size;
      const bool between = cut.ends_with('\n') || text[size] == '\n';
      const bool blank = cut.find_first_not_of(' ', cut.rfind('\n') + 1) == cut.npos;
      EXPECT_EQ(scan.truncated, !between && !blank) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data);
      EXPECT_LT(size, header.size() + 29) << error.what();  // the first row is not whole
    }
  }
}

TEST(Columns, ALongLineIsAnErrorAndNotHeld) {
  const std::string text = "# a b\n1 2\n" + std::string((1u << 20) + 1, '7') + "\n3 4\n";
  EXPECT_THAT(error_of(text), StartsWith("scan.dat:3: a line of more than 1 MiB"));
}

}  // namespace
}  // namespace twin::formats::columns_test
