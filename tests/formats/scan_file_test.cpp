// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/scan_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/columns.h"
#include "support.h"

namespace twin::formats::scan_file_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

ScanFile parse(const std::string& text) {
  std::istringstream in(text);
  return parse_columns(in, "scan.dat");
}

TEST(ColumnIndex, ByNameAndByNumber) {
  const auto scan = parse("# energy xmu i0\n1 2 3\n4 5 6\n");
  EXPECT_EQ(column_index(scan, "xmu"), 1u);
  EXPECT_EQ(column_index(scan, " XMU "), 1u);
  EXPECT_EQ(column_index(scan, "3"), 2u);
}

TEST(ColumnIndex, AWrongOneListsWhatThereIs) {
  const auto scan = parse("# energy xmu i0\n1 2 3\n4 5 6\n");
  EXPECT_THAT(message_of([&] { (void)column_index(scan, "enrgy"); }),
              testing::AllOf(StartsWith("scan.dat: no column 'enrgy'"),
                             HasSubstr("energy, xmu, i0"), HasSubstr("perhaps energy")));
  for (const char* wrong : {"0", "4", "-1", "", "99999999999999999999"})
    EXPECT_THAT(message_of([&] { (void)column_index(scan, wrong); }), HasSubstr("there are"))
        << wrong;
}

TEST(CheckScan, RisingStaysAsItIs) {
  auto scan = parse("1 2\n3 4\n5 6\n");
  check_scan(scan, 0);
  EXPECT_THAT(scan.columns[0], ElementsAre(1, 3, 5));
  EXPECT_TRUE(scan.warnings.empty());
}

TEST(CheckScan, DownwardsIsReversedWithItsLines) {
  auto scan = parse("5 6\n3 4\n1 2\n");
  check_scan(scan, 0);
  EXPECT_THAT(scan.columns[0], ElementsAre(1, 3, 5));
  EXPECT_THAT(scan.columns[1], ElementsAre(2, 4, 6));
  EXPECT_THAT(scan.lines, ElementsAre(3u, 2u, 1u));
  ASSERT_EQ(scan.warnings.size(), 1u);
  EXPECT_THAT(scan.warnings[0], HasSubstr("downwards"));
}

TEST(CheckScan, ADecreaseIsAnErrorAtItsLine) {
  auto scan = parse("# e mu\n1 2\n5 4\n3 6\n7 8\n");
  EXPECT_THAT(message_of([&] { check_scan(scan, 0); }),
              StartsWith("scan.dat:4: energy decreases from 5 to 3; "));
}

TEST(CheckScan, ASmallStepBackIsSortedWithAWarning) {
  auto scan = parse("# e mu\n1 1\n2 2\n3 3\n2.9 4\n5 5\n6 6\n");
  check_scan(scan, 0);
  EXPECT_THAT(scan.columns[0], ElementsAre(1, 2, 2.9, 3, 5, 6));
  EXPECT_THAT(scan.columns[1], ElementsAre(1, 2, 4, 3, 5, 6));
  EXPECT_THAT(scan.lines, ElementsAre(2u, 3u, 5u, 4u, 6u, 7u));
  ASSERT_EQ(scan.warnings.size(), 1u);
  EXPECT_THAT(scan.warnings[0], StartsWith("scan.dat:5: energy steps back from 3 to 2.9; "));
}

TEST(CheckScan, AStepBackOfAScanDownwardsIsSortedToo) {
  auto scan = parse("6 6\n5 5\n3 3\n3.1 4\n2 2\n1 1\n");
  check_scan(scan, 0);
  EXPECT_THAT(scan.columns[0], ElementsAre(1, 2, 3, 3.1, 5, 6));
}

TEST(CheckScan, ARepeatedEnergyIsAWarningAtTheFirst) {
  auto scan = parse("# e mu\n1 2\n3 4\n3 5\n3 6\n7 8\n");
  check_scan(scan, 0);
  ASSERT_EQ(scan.warnings.size(), 1u);
  EXPECT_THAT(scan.warnings[0], StartsWith("scan.dat:4: energy 3 is repeated (2 such rows)"));
}

TEST(CheckScan, AColumnThatIsNotThere) {
  auto scan = parse("1 2\n3 4\n");
  EXPECT_THAT(message_of([&] { check_scan(scan, 2); }), HasSubstr("no column 3"));
}

}  // namespace
}  // namespace twin::formats::scan_file_test
