// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/bluesky.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/text.h"
#include "message_of.h"

namespace twin::sources::bluesky_test {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace {

const std::string start =
    R"(["start", {"uid": "run-1", "time": 1.5e9, "scan_id": 17, "plan_name": "scan", "sample": {"name": "CsPbI3"},
 "hints": {"dimensions": [[["energy"], "primary"]]}}])";
const std::string descriptor =
    R"(["descriptor", {"uid": "d-1", "run_start": "run-1", "name": "primary", "data_keys": {
 "i0": {"source": "SIM:i0", "dtype": "number", "shape": []},
 "energy": {"source": "SIM:energy", "dtype": "number", "shape": [], "units": "keV"},
 "mca": {"source": "SIM:mca", "dtype": "array", "shape": [2048]},
 "image": {"source": "SIM:image", "dtype": "array", "shape": [10, 10], "external": "STREAM:"},
 "it": {"source": "SIM:it", "dtype": "integer", "shape": []}}}])";

std::string event(int number, double energy, const std::string& it = "5") {
  return R"({"name": "event", "doc": {"uid": "e", "descriptor": "d-1", "seq_num": )" +
         std::to_string(number) + R"(, "time": )" + std::to_string(1000 + number) +
         R"(, "data": {"i0": 10, "energy": )" + shortest(energy) + R"(, "it": )" + it +
         R"(, "mca": [1, 2], "image": "x/0"}, "timestamps": {}}})";
}

const std::string stop =
    R"(["stop", {"uid": "s", "run_start": "run-1", "exit_status": "success", "num_events": {"primary": 3}}])";

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::vector<formats::ScanFile> scans_of(const std::vector<std::string>& lines) {
  Bluesky documents("docs");
  std::vector<formats::ScanFile> out;
  std::size_t number = 0;
  for (const auto& line : lines)
    for (auto& scan : documents.take(one_line(line), ++number)) out.push_back(std::move(scan));
  for (auto& scan : documents.finish()) out.push_back(std::move(scan));
  return out;
}

TEST(Bluesky, ARunIsAScanWhenItStops) {
  const auto scans =
      scans_of({start, descriptor, event(1, 13.0), event(2, 13.1), event(3, 13.2), stop});
  ASSERT_THAT(scans, SizeIs(1));
  const auto& scan = scans.front();
  EXPECT_EQ(scan.label, "17");
  EXPECT_THAT(scan.names, ElementsAre("energy", "i0", "it", "time"));  // dimensions first
  EXPECT_THAT(scan.columns.at(0), ElementsAre(13000, 13100, 13200));   // eV
  EXPECT_THAT(scan.columns.at(2), ElementsAre(5, 5, 5));
  EXPECT_THAT(scan.columns.at(3), ElementsAre(1001, 1002, 1003));
  EXPECT_THAT(scan.units, ElementsAre("eV", "", "", "s"));
  EXPECT_EQ(scan.metadata.at("sample.name"), "CsPbI3");
  EXPECT_EQ(scan.metadata.at("bluesky.plan"), "scan");
  EXPECT_FALSE(scan.truncated);
  EXPECT_THAT(scan.warnings, ElementsAre(HasSubstr("left out: mca, image")));
  EXPECT_EQ(scan.sha256.size(), 64U);
}

TEST(Bluesky, PagesAreEventsToo) {
  const std::string page =
      R"(["event_page", {"uid": ["a", "b", "c"], "descriptor": "d-1", "seq_num": [1, 2, 3], "time": [1001, 1002, 1003],
 "data": {"i0": [10, 10, 10], "energy": [13, 13.1, 13.2], "it": [5, 5, 5], "mca": [[1], [2], [3]], "image": [1, 2, 3]}}])";
  const auto by_page = scans_of({start, descriptor, page, stop});
  const auto by_event =
      scans_of({start, descriptor, event(1, 13.0), event(2, 13.1), event(3, 13.2), stop});
  ASSERT_THAT(by_page, SizeIs(1));
  EXPECT_EQ(by_page.front().columns, by_event.front().columns);
}

TEST(Bluesky, WhatIsMissingIsSaid) {
  const auto dropped = scans_of({start, descriptor, event(1, 13.0), event(3, 13.2), stop});
  EXPECT_TRUE(dropped.at(0).truncated);
  EXPECT_THAT(dropped.at(0).warnings, Contains(HasSubstr("events are missing")));
  const auto short_ = scans_of({start, descriptor, event(1, 13.0), event(2, 13.2), stop});
  EXPECT_TRUE(short_.at(0).truncated);  // the stop tells of three
  const auto cut = scans_of({start, descriptor, event(1, 13.0), event(2, 13.2)});
  ASSERT_THAT(cut, SizeIs(1));
  EXPECT_TRUE(cut.at(0).truncated);
  EXPECT_THAT(cut.at(0).warnings, Contains(HasSubstr("end before its stop")));
  std::string aborted = stop;
  aborted.replace(aborted.find("success"), 7, "abort");
  const auto ended = scans_of({start, descriptor, event(1, 1), event(2, 2), event(3, 3), aborted});
  EXPECT_THAT(ended.at(0).warnings, Contains(HasSubstr("ended as abort")));
}

TEST(Bluesky, AStreamWithOneEventIsMetadata) {
  const std::string baseline =
      R"(["descriptor", {"uid": "d-2", "run_start": "run-1", "name": "baseline", "data_keys": {
 "T": {"source": "SIM:t", "dtype": "number", "shape": [], "units": "K"}}}])";
  const std::string once =
      R"(["event", {"uid": "e", "descriptor": "d-2", "seq_num": 1, "time": 999, "data": {"T": 295.5}, "timestamps": {}}])";
  const auto scans =
      scans_of({start, descriptor, baseline, once, event(1, 1), event(2, 2), event(3, 3), stop});
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans.front().metadata.at("baseline.t"), "295.5 K");
}

TEST(Bluesky, DataInFilesAreCounted) {
  const std::string resource =
      R"(["stream_resource", {"uid": "r-1", "run_start": "run-1", "uri": "file://localhost/etc/passwd", "data_key": "image"}])";
  const std::string datum =
      R"(["stream_datum", {"uid": "r-1/0", "stream_resource": "r-1", "descriptor": "d-1"}])";
  const auto scans =
      scans_of({start, descriptor, resource, datum, event(1, 1), event(2, 2), event(3, 3), stop});
  EXPECT_THAT(scans.at(0).warnings, Contains(HasSubstr("data in files, left out: 2 documents")));
}

TEST(Bluesky, BadDocumentsAreErrorsAndTheOthersGoOn) {
  Bluesky documents("docs");
  (void)documents.take(one_line(start), 1);
  (void)documents.take(one_line(descriptor), 2);
  (void)documents.take(event(1, 13.0), 3);
  const auto said = [&](const std::string& line) {
    return message_of([&] { (void)documents.take(line, 7); });
  };
  EXPECT_THAT(said("{\"name\": \"event\""), HasSubstr("docs:7: "));
  EXPECT_THAT(said("[1, 2]"), HasSubstr("is expected"));
  EXPECT_THAT(said("[\"event\", {\"descriptor\": \"d-9\"}]"),
              HasSubstr("a descriptor that is not"));
  EXPECT_THAT(said("[\"event\", {\"descriptor\": 9}]"), HasSubstr("docs:7: "));
  EXPECT_THAT(said(event(2, 13.1, "\"many\"")), HasSubstr("it: a number"));
  EXPECT_THAT(said(event(2, 13.1, "null")), HasSubstr("it: a number"));
  EXPECT_THAT(said("[\"stop\", {\"run_start\": \"run-2\"}]"), HasSubstr("whose start is not here"));
  EXPECT_THAT(said("[\"start\", {\"uid\": " + std::string(100, '[') + std::string(100, ']') + "}]"),
              HasSubstr("levels"));
  EXPECT_THAT(said(one_line(start)), HasSubstr("a second start"));
  EXPECT_THAT(said(one_line(descriptor)), HasSubstr("a second descriptor"));
  // Of a page with a fault nothing is taken.
  EXPECT_THAT(said("[\"event_page\", {\"descriptor\": \"d-1\", \"seq_num\": [2, 3], \"time\": [1, "
                   "2], \"data\": "
                   "{\"i0\": [1, 1], \"energy\": [13, 14], \"it\": [1, null], \"mca\": [0, 0], "
                   "\"image\": [0, 0]}}]"),
              HasSubstr("it: a number"));
  (void)documents.take(event(2, 13.1), 8);
  (void)documents.take(event(3, 13.2), 9);
  const auto scans = documents.take(one_line(stop), 10);
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_FALSE(scans.front().truncated);
  EXPECT_THAT(documents.finish(), IsEmpty());
}

TEST(Bluesky, TwoRunsAtOnce) {
  auto other = [](std::string text) {
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"run-1", "run-2"}, {"d-1", "d-2"}, {"17", "18"}})
      for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
  };
  const auto scans = scans_of({start, other(start), descriptor, other(descriptor), event(1, 1),
                               other(event(1, 4)), event(2, 2), other(event(2, 5)), event(3, 3),
                               stop, other(event(3, 6)), other(stop)});
  ASSERT_THAT(scans, SizeIs(2));
  EXPECT_THAT(scans[0].columns[0], ElementsAre(1000, 2000, 3000));
  EXPECT_THAT(scans[1].columns[0], ElementsAre(4000, 5000, 6000));
  EXPECT_EQ(scans[1].label, "18");
}

TEST(Bluesky, IsSeenByItsFirstLine) {
  EXPECT_TRUE(is_bluesky(R"(["start", {"uid": "x"}])"));
  EXPECT_TRUE(is_bluesky(R"({"name": "start", "doc": {}})"));
  EXPECT_FALSE(is_bluesky(R"({"schema": "twin-stream/1", "kind": "start", "name": "x"})"));
  EXPECT_FALSE(is_bluesky("# 8900 1"));
}

}  // namespace

}  // namespace twin::sources::bluesky_test
