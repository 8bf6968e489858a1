// SPDX-License-Identifier: GPL-3.0-or-later
// twin-acquire --trace: from a record back to bytes, programs and devices; Bluesky's documents.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "core/text.h"
#include "core/time.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace acquire_trace_test {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

namespace {

class TwinAcquireTrace : public Tools {
 protected:
  /// A scan, reduced; both in the run. The id of the result.
  std::string reduced() {
    put("a.xdi", xdi());
    put("edge.yaml", "format: twin-recipe/1\nedge: Cu K\n");
    const auto said = bash(
        "twin-acquire a.xdi --into run.nxs > taken.jsonl && twin-extract --recipe edge.yaml "
        "taken.jsonl "
        "| twin-acquire - --into run.nxs");
    EXPECT_EQ(said.status, 0) << said.error;
    return all<record::Result>(said.out).at(0).header.id;
  }

  Said trace(const std::string& id) {
    return run({"twin-acquire", "--into", "run.nxs", "--trace", id});
  }

  void damage(const std::string& name, std::size_t at) const {
    std::string text = get(name);
    text[at] = text[at] == '1' ? '2' : '1';
    put(name, text);
  }
};

TEST_F(TwinAcquireTrace, AResultLeadsBackToItsBytes) {
  const std::string id = reduced();
  const auto said = trace(id.substr(0, 10));
  EXPECT_EQ(said.status, 0) << said.out;
  const auto lines = split(said.out, '\n');
  ASSERT_GE(lines.size(), 6U);
  EXPECT_THAT(std::string(lines[0]), HasSubstr("result " + id + " a"));
  EXPECT_THAT(std::string(lines[1]), HasSubstr("  by twin-extract"));
  EXPECT_THAT(std::string(lines[1]), HasSubstr("--recipe edge.yaml"));
  EXPECT_THAT(std::string(lines[2]), HasSubstr("file edge.yaml"));
  EXPECT_THAT(std::string(lines[2]), HasSubstr("unchanged"));
  EXPECT_THAT(std::string(lines[3]), HasSubstr("  measurement "));
  EXPECT_THAT(said.out, HasSubstr("    by twin-acquire"));
  EXPECT_THAT(said.out, HasSubstr("    file a.xdi"));
}

TEST_F(TwinAcquireTrace, AByteThatChangedIsSeen) {
  const std::string id = reduced();
  const std::string recipe = get("edge.yaml"), scan = get("a.xdi");
  put("edge.yaml", recipe + "# later\n");
  EXPECT_EQ(trace(id).status, 1);
  EXPECT_THAT(trace(id).out, HasSubstr("edge.yaml"));
  put("edge.yaml", recipe);
  damage("a.xdi", scan.size() / 2);
  EXPECT_EQ(trace(id).status, 1);
  EXPECT_THAT(trace(id).out, HasSubstr("CHANGED since"));
  std::filesystem::remove(path("a.xdi"));
  EXPECT_THAT(trace(id).out, HasSubstr("not there any more"));
  put("a.xdi", scan);
  EXPECT_EQ(trace(id).status, 0);
  // In the run itself: the record is left out, and its absence told.
  const std::string journal = get("run.nxs.journal");
  damage("run.nxs.journal", journal.find("\"data\":[8") + 9);
  const auto cut = trace(id);
  EXPECT_EQ(cut.status, 1);
  EXPECT_THAT(cut.out, HasSubstr("in none of these runs"));
}

// Results may lie in another run than what they are of.
TEST_F(TwinAcquireTrace, ThroughSeveralRuns) {
  put("a.xdi", xdi());
  put("edge.yaml", "format: twin-recipe/1\nedge: Cu K\n");
  const auto said = bash(
      "twin-acquire a.xdi --into run.nxs | twin-extract --recipe edge.yaml | twin-acquire - --into "
      "results.nxs");
  const std::string id = all<record::Result>(said.out).at(0).header.id;
  EXPECT_EQ(run({"twin-acquire", "--into", "results.nxs", "--trace", id}).status, 1);
  const auto both = run({"twin-acquire", "--into", "results.nxs", "--trace", id, "run.nxs"});
  EXPECT_EQ(both.status, 0) << both.out;
  EXPECT_THAT(both.out, HasSubstr("file a.xdi"));
}

// What the trace names is enough to get the same record again.
TEST_F(TwinAcquireTrace, RunAgainFromTheTraceItIsTheSameRecord) {
  const std::string id = reduced();
  const auto again = bash(
      "twin-acquire a.xdi | twin-extract --recipe edge.yaml | twin-acquire - --into other.nxs");
  EXPECT_EQ(all<record::Result>(again.out).at(0).header.id, id);
}

TEST_F(TwinAcquireTrace, WhatIsNotThereIsNoInput) {
  (void)reduced();
  EXPECT_EQ(trace("ffff").status, 66);
  EXPECT_EQ(run({"twin-acquire", "--trace", "ffff"}).status, 64);
}

TEST_F(TwinAcquireTrace, TheDevicesOfTheInstant) {
  put("before.dat", columns(1));
  put("after.dat", columns(2));
  const auto written = [&](const std::string& name, const std::string& when) {
    EXPECT_EQ(bash("touch -d " + when + " " + name).status, 0);
  };
  written("before.dat", "2026-11-30T07:59:59Z");
  written("after.dat", "2026-11-30T08:00:00Z");
  put("devices.yaml",
      "format: twin-devices/1\ndevices:\n  - {name: monochromator, model: Si(111), serial: '42'}\n"
      "  - {name: detector, serial: A7, until: 2026-11-30T08:00:00Z}\n"
      "  - {name: detector, serial: B2, since: 2026-11-30T08:00:00Z}\n");
  const auto said = run({"twin-acquire", "before.dat", "after.dat", "--into", "run.nxs",
                         "--devices", "devices.yaml"});
  EXPECT_EQ(said.status, 0) << said.error;
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_THAT(scans, SizeIs(2));
  const auto before = trace(scans[0].header.id).out, after = trace(scans[1].header.id).out;
  EXPECT_THAT(before, HasSubstr("device monochromator: Si(111), serial 42"));
  EXPECT_THAT(before, HasSubstr("device detector: serial A7"));
  EXPECT_THAT(before, Not(HasSubstr("B2")));
  EXPECT_THAT(after, HasSubstr("device detector: serial B2"));
  EXPECT_THAT(after, Not(HasSubstr("A7")));
  // Told once, however often it is run.
  (void)run({"twin-acquire", "before.dat", "--into", "run.nxs", "--devices", "devices.yaml"});
  const auto list = run({"twin-acquire", "--into", "run.nxs", "--list"}).out;
  EXPECT_EQ(list.find("event"), list.rfind("event"));
  put("devices.yaml",
      "format: twin-devices/1\ndevices: [{name: a, serial: '1'}, {name: a, serial: '2'}]\n");
  const auto twice = run({"twin-acquire", "before.dat", "--devices", "devices.yaml"});
  EXPECT_EQ(twice.status, 78);
  EXPECT_THAT(twice.error, HasSubstr("devices.yaml:2: "));
}

TEST_F(TwinAcquireTrace, ARunComesOnceMore) {
  put("a.dat", columns(1));
  put("b.dat", columns(2));
  const auto first =
      bash("twin-acquire a.dat --into run.nxs; sleep 0.4; twin-acquire b.dat --into run.nxs");
  const auto at_once =
      run({"twin-acquire", "--replay", "run.nxs", "--speed", "0", "--into", "other.nxs"});
  EXPECT_EQ(at_once.status, 0) << at_once.error;
  const auto were = all<record::Measurement>(first.out),
             are = all<record::Measurement>(at_once.out);
  ASSERT_THAT(are, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(are[i].header.id, were[i].header.id);
  const double begin = monotonic_seconds();
  EXPECT_EQ(run({"twin-acquire", "--replay", "run.nxs"}).status, 0);
  EXPECT_GT(monotonic_seconds() - begin, 0.4);
  EXPECT_THAT(
      all<record::Measurement>(run({"twin-acquire", "--replay", "other.nxs", "--speed", "0"}).out),
      SizeIs(2));
}

TEST_F(TwinAcquireTrace, DocumentsOfBlueskyAreScans) {
  put("docs.jsonl",
      "[\"start\", {\"uid\": \"r\", \"time\": 1, \"scan_id\": 7, \"plan_name\": \"scan\"}]\n"
      "[\"descriptor\", {\"uid\": \"d\", \"run_start\": \"r\", \"name\": \"primary\", "
      "\"data_keys\": "
      "{\"energy\": {\"dtype\": \"number\", \"shape\": [], \"source\": \"x\", \"units\": \"eV\"}, "
      "\"mu\": {\"dtype\": \"number\", \"shape\": [], \"source\": \"x\"}}}]\n"
      "[\"event\", {\"descriptor\": \"d\", \"seq_num\": 1, \"time\": 2, \"data\": {\"energy\": "
      "8900, \"mu\": 1}}]\n"
      "no document\n"
      "[\"event\", {\"descriptor\": \"d\", \"seq_num\": 2, \"time\": 3, \"data\": {\"energy\": "
      "8901, \"mu\": 2}}]\n"
      "[\"stop\", {\"run_start\": \"r\", \"exit_status\": \"success\"}]\n");
  const auto said = bash("twin-acquire --documents - --into run.nxs < docs.jsonl");
  EXPECT_EQ(said.status, 2);
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_THAT(scans, SizeIs(1));
  EXPECT_EQ(scans[0].context.scan, "7");
  EXPECT_THAT(scans[0].arrays.at("energy").data, ElementsAre(8900, 8901));
  EXPECT_THAT(all<record::Failure>(said.out), SizeIs(1));
  EXPECT_THAT(all<record::Failure>(said.out)[0].what, HasSubstr("stdin:4"));
  EXPECT_THAT(trace(scans[0].header.id).out, HasSubstr("from no file"));
}

}  // namespace

}  // namespace acquire_trace_test
