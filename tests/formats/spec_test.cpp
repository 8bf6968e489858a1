// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "formats/read_scan.h"
#include "support.h"

namespace twin::formats::spec_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

const std::string head =
    "#F run1\n#E 1000000000\n#D Thu Jan 01 00:00:00 2026\n#O0 Mono Energy  th  tth\n\n";
const std::string first =
    "#S 1  ascan  energy 8900 9000  2 1\n#D Thu Jan 01 00:01:00 2026\n#P0 8.9 12.5 25\n#N 3\n"
    "#L Energy  Ion Chamber 1  det\n8900 1 2\n8950 3 4\n9000 5 6\n\n";

std::vector<ScanFile> parse(const std::string& text, std::vector<Error>* refused = nullptr) {
  std::istringstream in(text);
  return parse_spec(in, "a.spec", refused);
}

std::string error_of(const std::string& text) {
  return message_of([&] { (void)parse(text); });
}

std::string warnings_of(const ScanFile& scan) { return join(scan.warnings, "\n"); }

TEST(Spec, AScanWithItsHeader) {
  const auto scan = parse(head + first).at(0);
  EXPECT_EQ(scan.format, "spec");
  EXPECT_EQ(scan.label, "1");
  EXPECT_THAT(scan.names, ElementsAre("energy", "ion chamber 1", "det"));
  EXPECT_THAT(scan.columns[0], ElementsAre(8900, 8950, 9000));
  EXPECT_THAT(scan.columns[2], ElementsAre(2, 4, 6));
  EXPECT_THAT(scan.lines, ElementsAre(11, 12, 13));
  EXPECT_EQ(scan.metadata.at("spec.command"), "ascan  energy 8900 9000  2 1");
  EXPECT_EQ(scan.metadata.at("spec.date"), "Thu Jan 01 00:01:00 2026");
  EXPECT_EQ(scan.metadata.at("spec.file"), "run1");
  EXPECT_EQ(scan.metadata.at("motor.mono energy"), "8.9");
  EXPECT_EQ(scan.metadata.at("motor.tth"), "25");
  EXPECT_FALSE(scan.truncated);
  EXPECT_THAT(scan.warnings, IsEmpty());
}

TEST(Spec, SeveralScansAndRepeatedNumbers) {
  const auto scans = parse(head + first + "#S 2 timescan\n#N 2\n#L t  I\n1 2\n3 4\n" + first);
  ASSERT_EQ(scans.size(), 3u);
  EXPECT_EQ(scans[1].label, "2");
  EXPECT_THAT(scans[1].names, ElementsAre("t", "i"));
  EXPECT_EQ(scans[2].label, "1.2");
}

TEST(Spec, McaLinesArePassedOver) {
  const auto scan = parse(
      "#S 1 ct\n#N 2\n#L Energy  I\n#@CALIB 1 2 3\n1 2\n@A 1 2 3\\\n 4 5 6\\\n 7 8\n3 4\n@A 1 2\n");
  EXPECT_THAT(scan.at(0).columns[1], ElementsAre(2, 4));
  EXPECT_FALSE(scan.at(0).truncated);
}

TEST(Spec, BrokenLinesAreLeftOutAndFlagged) {
  const auto scan =
      parse("#S 1 tscan\n#N 3\n#L E  a  b\n1 2 3\n4 5\n6 7 8 9\n4 x 6\n4 nan 6\n7 8 9\n").at(0);
  EXPECT_THAT(scan.columns[0], ElementsAre(1, 7));
  EXPECT_TRUE(scan.truncated);
  EXPECT_THAT(warnings_of(scan),
              HasSubstr("a.spec:5: 2 columns instead of 3; the row was left out"));
  EXPECT_THAT(warnings_of(scan), HasSubstr("a.spec:6: 4 columns instead of 3"));
  EXPECT_THAT(warnings_of(scan), HasSubstr("a.spec:7: a row with what is no finite number"));
  EXPECT_THAT(warnings_of(scan), HasSubstr("a.spec:8: a row with what is no finite number"));
}

TEST(Spec, AScanCutShortIsFlagged) {
  const auto short_scan = parse("#S 1 ascan th 0 1 4 1\n#N 2\n#L th  I\n0 1\n0.25 2\n").at(0);
  EXPECT_TRUE(short_scan.truncated);
  EXPECT_THAT(warnings_of(short_scan), HasSubstr("a.spec:1: 2 of 5 points are there"));
  const auto aborted =
      parse("#S 1 xas\n#N 2\n#L E  I\n0 1\n1 2\n#C Scan aborted after 2 points.\n").at(0);
  EXPECT_TRUE(aborted.truncated);
  EXPECT_FALSE(parse("#S 1 xas\n#N 2\n#L E  I\n0 1\n1 2\n#C all is well\n").at(0).truncated);
  EXPECT_FALSE(
      parse("#S 1 mesh x 0 1 1 y 0 1 1 1\n#N 2\n#L x  I\n0 1\n1 2\n0 1\n1 2\n").at(0).truncated);
}

TEST(Spec, LabelsThatDoNotFit) {
  const auto single = parse("#S 1 a\n#N 3\n#L E I0 It\n1 2 3\n4 5 6\n").at(0);
  EXPECT_THAT(single.names, ElementsAre("e", "i0", "it"));
  const auto numbered = parse("#S 1 a\n#N 3\n#L E  I0\n1 2 3\n4 5 6\n").at(0);
  EXPECT_THAT(numbered.names, ElementsAre("1", "2", "3"));
  EXPECT_THAT(warnings_of(numbered), HasSubstr("2 labels for 3 columns; they are numbered"));
  const auto unnamed = parse("#S 1 a\n1 2 3\n4 5 6\n").at(0);
  EXPECT_THAT(unnamed.names, ElementsAre("1", "2", "3"));
}

TEST(Spec, ScansWithoutRowsArePassedOver) {
  const auto scans = parse(head + "#S 1 ascan\n#N 2\n\n" + first + "#S 3\n");
  ASSERT_EQ(scans.size(), 1u);
  EXPECT_THAT(warnings_of(scans[0]), HasSubstr("2 scans without rows were passed over"));
  EXPECT_THAT(error_of(head), StartsWith("a.spec: 0 scans, none of them with rows"));
  EXPECT_THAT(error_of("#S 1 a\n#N 1\n#L E\n1\n2\n"), HasSubstr("none of them with rows"));
}

TEST(Spec, AScanOfBrokenRowsAloneIsRefusedAlone) {
  std::vector<Error> refused;
  const auto scans = parse("#S 7 a\n#N 2\n#L E  I\n1 x\n2 y\n" + first, &refused);
  EXPECT_EQ(scans.size(), 1u);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_THAT(refused[0].what(), StartsWith("a.spec:1: scan '7': all of its 2 rows are broken"));
}

TEST(Spec, TruncationAtEveryByte) {
  const std::string text = head + first + "#S 2 xas\n#N 2\n#L E  I\n1.25 2.125\n3.25 4.125\n";
  const auto whole = parse(text);
  for (std::size_t size = 0; size < text.size(); ++size) {
    try {
      const auto scans = parse(text.substr(0, size));
      ASSERT_LE(scans.size(), whole.size());
      for (std::size_t i = 0; i < scans.size(); ++i)
        for (std::size_t row = 0; row < scans[i].rows(); ++row)
          for (std::size_t column = 0; column < scans[i].columns.size(); ++column)
            EXPECT_EQ(scans[i].columns[column][row], whole[i].columns[column][row]) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size;
    }
  }
}

TEST(Spec, IsKnownByItsFirstLine) {
  const auto format_of = [](const std::string& text) {
    std::istringstream in(text);
    return parse_scan(in, "a").format;
  };
  EXPECT_EQ(format_of(head + first), "spec");
  EXPECT_EQ(format_of("\n" + first), "spec");
  EXPECT_EQ(format_of("#Si 111\n1 2\n3 4\n"), "columns");
  EXPECT_EQ(format_of("#S sample\n1 2\n3 4\n"), "columns");
}

}  // namespace
}  // namespace twin::formats::spec_test
