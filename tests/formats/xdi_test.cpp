// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xdi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "formats/read_scan.h"
#include "places.h"
#include "support.h"

namespace twin::formats::xdi_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string foil = test_data_dir() + "/xdi/foil.xdi";

ScanFile parse(const std::string& text) {
  std::istringstream in(text);
  return parse_xdi(in, "scan.xdi");
}

/// A whole header with \p field in its third line.
std::string with_field(const std::string& field) {
  return "# XDI/1.0\n# Element.symbol: Cu\n" + field +
         "\n# Element.edge: K\n# Mono.d_spacing: 3.1356\n#---\n# energy mu\n1 2\n3 4\n";
}

std::string error_of(const std::string& text) {
  return message_of([&] { (void)parse(text); });
}

TEST(Xdi, ReadsWhatTheFileSays) {
  const auto scan = read_scan(foil);
  EXPECT_EQ(scan.format, "xdi");
  EXPECT_THAT(scan.names, ElementsAre("energy", "i0", "itrans"));
  EXPECT_EQ(scan.units[0], "eV");
  EXPECT_EQ(scan.rows(), 5u);
  EXPECT_THAT(scan.columns[2], ElementsAre(60100.25, 60050.25, 45020.75, 30010.5, 30520.25));
  EXPECT_EQ(scan.lines.front(), 18u);
  EXPECT_EQ(scan.metadata.at("xdi.version"), "1.0");
  EXPECT_EQ(scan.metadata.at("xdi.applications"), "Example/2.1");
  EXPECT_EQ(scan.metadata.at("sample.temperature"), "295 K");
  EXPECT_EQ(scan.metadata.at("example.extra"), "kept as it is: colons: too");
  EXPECT_EQ(scan.metadata.at("comments"), "Numbers made up for a test.\nNot measured.");
  EXPECT_THAT(scan.warnings, ElementsAre());
}

TEST(Xdi, RoundTrip) {
  const auto scan = read_scan(foil);
  std::stringstream text;
  write_xdi(text, scan);
  const auto again = parse_xdi(text, foil);
  EXPECT_EQ(again.names, scan.names);
  EXPECT_EQ(again.units, scan.units);
  EXPECT_EQ(again.columns, scan.columns);
  EXPECT_EQ(again.metadata, scan.metadata);
  EXPECT_TRUE(again.warnings.empty());
}

TEST(Xdi, WhatColumnsHoldCanBeWritten) {
  const auto scan = read_scan(test_data_dir() + "/columns/quoted_labels.csv");
  std::stringstream text;
  write_xdi(text, scan);
  const auto again = parse_xdi(text, "again");
  EXPECT_EQ(again.columns, scan.columns);
  EXPECT_THAT(again.names, ElementsAre("scan", "mono_energy", "i_0"));
}

TEST(Xdi, EnergiesInKeVBecomeEV) {
  const auto scan = parse("# XDI/1.0\n# Column.1: energy keV\n#---\n8.97 1\n8.98 2\n");
  EXPECT_EQ(scan.units[0], "eV");
  EXPECT_DOUBLE_EQ(scan.columns[0][0], 8970);
  EXPECT_EQ(scan.names[1], "2");
}

TEST(Xdi, FieldsAreStrict) {
  EXPECT_THAT(error_of(with_field("# Family.key:")),
              HasSubstr("scan.xdi:3: 'Family.key:': no value"));
  EXPECT_THAT(error_of(with_field("# Family.key value")),
              HasSubstr(":3: 'Family.key value': no colon"));
  EXPECT_THAT(error_of(with_field("# Family:key: value")), HasSubstr(": 0 dots in the key"));
  EXPECT_THAT(error_of(with_field("# Family.a.b: value")), HasSubstr(": 2 dots in the key"));
  EXPECT_THAT(error_of(with_field("# 2Family.key: value")), HasSubstr("no namespace"));
  EXPECT_THAT(error_of(with_field("stray text")), HasSubstr(":3: neither a header line"));
  EXPECT_EQ(parse(with_field("# Family.2key: value")).metadata.at("family.2key"), "value");
  EXPECT_THAT(error_of("1 2\n3 4\n"), StartsWith("scan.xdi:1: no '# XDI/1.0'"));
  EXPECT_THAT(error_of("# XDI/2.0\n"), StartsWith("scan.xdi:1: XDI version '2.0'"));
  EXPECT_THAT(error_of(""), StartsWith("scan.xdi: empty"));
}

TEST(Xdi, WhatDoesNotSpoilTheNumbersIsAWarning) {
  const auto warning_of = [](const std::string& text) {
    const auto warnings = parse(text).warnings;
    return warnings.empty() ? std::string("none") : warnings.front();
  };
  EXPECT_EQ(warning_of(with_field("# Ok.ok: ok")), "none");
  EXPECT_THAT(warning_of(with_field("! Ok.ok: ok")), HasSubstr(":3: comments begin with '#'"));
  EXPECT_THAT(warning_of(with_field("# Element.edge: Foo") + ""), HasSubstr("given again"));
  EXPECT_THAT(warning_of(with_field("# Column.9: x")), HasSubstr("there are 2 columns"));
  EXPECT_THAT(warning_of("# XDI/1.0\n1 2\n3 4\n"), HasSubstr("without a line '# ---'"));
  EXPECT_THAT(warning_of("# XDI/1.0\n#---\n1 2\n3 4\n"), HasSubstr("'element.symbol'"));
}

TEST(Xdi, DataErrorsNameTheLine) {
  const std::string head = "# XDI/1.0\n#---\n# energy mu\n";
  EXPECT_THAT(error_of(head + "1 2\n3\n4 5\n"), StartsWith("scan.xdi:5: 1 columns; 2"));
  EXPECT_THAT(error_of(head + "1 2\n3 4 5\n4 5\n"), StartsWith("scan.xdi:5: 3 columns; 2"));
  EXPECT_THAT(error_of(head + "1 2\n3 NaN\n4 5\n"), StartsWith("scan.xdi:5: column 2 is 'NaN'"));
  EXPECT_THAT(error_of(head + "1 2\n3 1.2.3\n4 5\n"),
              StartsWith("scan.xdi:5: '1.2.3' is not a number"));
  EXPECT_THAT(error_of(head), HasSubstr("no whole row"));
  EXPECT_THAT(error_of(head + "1\n2\n"), HasSubstr(":4: neither a header line"));
  EXPECT_THAT(error_of(head + ",\n1 2\n"), HasSubstr("neither a header line"));
  EXPECT_THAT(error_of(head + ","), HasSubstr("no whole row"));
}

TEST(Xdi, TruncationAtEveryByte) {
  const std::string text = read_file(foil);
  const auto whole = parse(text);
  std::size_t read = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    try {
      const auto scan = parse(text.substr(0, size));
      ++read;
      ASSERT_LE(scan.rows(), whole.rows());
      for (std::size_t c = 0; c < scan.columns.size(); ++c)
        for (std::size_t r = 0; r < scan.rows(); ++r)
          ASSERT_EQ(scan.columns[c][r], whole.columns[c][r]) << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.cause(), Cause::data) << size;
    }
  }
  EXPECT_GT(read, 100u);  // all that hold one whole row
}

TEST(Xdi, MeasuredFiles) {
  const auto folder = measured_data() / "xas";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no " << folder;
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xdi" ||
        entry.path().string().find("xdi_bad") != std::string::npos)
      continue;
    auto scan = read_scan(entry.path().string());
    EXPECT_EQ(scan.format, "xdi");
    EXPECT_GT(scan.rows(), 200u) << entry.path();
    EXPECT_FALSE(scan.truncated) << entry.path();
    EXPECT_EQ(scan.names[0], "energy") << entry.path();
    check_scan(scan, column_index(scan, "energy"));
    ++count;
  }
  EXPECT_GT(count, 5);
}

TEST(Xdi, CopperFoilAtTenKelvin) {
  const auto path = measured_data() / "xas/cu_metal_10K.xdi";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "skipped: no " << path;
  const auto scan = read_scan(path.string());
  EXPECT_THAT(scan.names, ElementsAre("energy", "mutrans"));
  EXPECT_EQ(scan.rows(), 612u);  // lines without '#', counted by awk
  EXPECT_EQ(scan.columns[0].front(), 8786.204);
  EXPECT_EQ(scan.columns[1].back(), 1.344309);
  EXPECT_EQ(scan.metadata.at("sample.temperature"), "10 K");
}

/// The verdicts of the format's own test files, as the list beside them has them.
TEST(Xdi, BadFilesOfTheFormatsAuthors) {
  const auto folder = measured_data() / "xas/formats/xdi_bad";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no " << folder;
  const auto outcome = [&](const std::string& name) {
    try {
      return read_scan((folder / name).string()).warnings.empty() ? "read" : "warning";
    } catch (const Error&) {
      return "error";
    }
  };
  EXPECT_STREQ(outcome("bad_00.xdi"), "read");
  EXPECT_STREQ(outcome("bad_04.xdi"), "warning");  // edge
  EXPECT_STREQ(outcome("bad_11.xdi"), "warning");  // comment sign
  EXPECT_STREQ(outcome("bad_17.xdi"), "error");    // a number like 1.4.9
  EXPECT_STREQ(outcome("bad_20.xdi"), "error");    // two colons
  EXPECT_STREQ(outcome("bad_35.xdi"), "warning");  // a ring current that is not a number
  EXPECT_THAT(
      read_scan((folder / "bad_35.xdi").string()).warnings,
      ElementsAre(HasSubstr("bad_35.xdi:17: field 'facility.current' is '101x ma'; a number "
                            "and mA or A are expected")));
}

TEST(Xdi, FieldsOfTheDictionaryHaveItsForm) {
  const auto complaint = [](const std::string& field) {
    const auto warnings = parse(with_field("# " + field)).warnings;
    return warnings.empty() ? std::string() : warnings.back();
  };
  for (const char* good :
       {"Facility.energy: 2.584 GeV", "Facility.energy: 2200 mev", "Facility.current: 101.5 mA",
        "Facility.current: .1 A", "Scan.edge_energy: 8980.0", "Scan.edge_energy: 8.98 keV",
        "Scan.start_time: 1992-09-15T01:52:53", "Scan.start_time: 2018-02-22 17:31:22",
        "Scan.end_time: 2007-04-05T14:30", "Scan.end_time: 2007-04-05T14:30:12.25+08:00",
        "Scan.end_time: 2007-04-05T14:30:12Z", "Facility.name: 101x ma"})
    EXPECT_EQ(complaint(good), "") << good;
  for (const char* bad :
       {"Facility.energy: 7..0 GeV", "Facility.energy: 7", "Facility.energy: inf GeV",
        "Facility.current: 101x ma", "Facility.current: 101 K", "Facility.current: 1,01 mA",
        "Scan.edge_energy: about 8980", "Scan.start_time: 15 Sep 1992",
        "Scan.start_time: 1992-13-15T01:52:53", "Scan.start_time: 1992-12-15T01:72:53",
        "Scan.end_time: 2007-04-05", "Scan.end_time: 2007-04-05T14:30 or so"})
    EXPECT_THAT(complaint(bad), StartsWith("scan.xdi:3: field '")) << bad;
  EXPECT_THAT(complaint("Sample.temperature: Room Temperature"),
              HasSubstr("is 'Room Temperature'; a number and K or °C are expected, it is kept"));
}

}  // namespace
}  // namespace twin::formats::xdi_test
