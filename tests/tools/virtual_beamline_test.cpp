// SPDX-License-Identifier: GPL-3.0-or-later
// examples/virtual-beamline: what it writes is read, and it measures in the mode that it is told.
#include <gmock/gmock.h>

#include <filesystem>

#include "core/time.h"
#include "epics.h"
#include "places.h"
#include "scans.h"
#include "stream/codec.h"
#include "stream/yaml.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace virtual_beamline_test {
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace {

class VirtualBeamline : public Tools {
 protected:
  void SetUp() override {
    put("a.xdi", xdi(0));
    put("b.xdi", xdi(900));
  }

  Said beamline(const std::string& scenario, const Words& more) {
    Words argv{source_dir() + "/examples/virtual-beamline",
               scenario,
               "--states",
               "a.xdi",
               "b.xdi",
               "--edge",
               "Cu K"};
    argv.insert(argv.end(), more.begin(), more.end());
    return run(argv);
  }

  [[nodiscard]] static std::size_t files_in(const std::string& folder) {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(VirtualBeamline, ItsScansAreRead) {
  const auto said = beamline("heating", {"--seed", "3", "--truth", "truth.json"});
  ASSERT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.out, HasSubstr("\"scans\": 5"));
  EXPECT_THAT(get("truth.json"), HasSubstr("\"t0_K\""));
  const auto taken =
      run({"twin-acquire", "--watch", "spool", "--until-idle", "1", "--into", "run.nxs"});
  const auto scans = all<record::Measurement>(taken.out);
  ASSERT_THAT(scans, SizeIs(5));
  EXPECT_EQ(scans[0].edge, "Cu K");
  EXPECT_NEAR(*scans[0].context.environment.at("temperature").value, 560, 5);
  EXPECT_GT(*scans[4].context.environment.at("temperature").value, 600);
  // The same seed, the same story, to the last count.
  const std::string first = get("spool/scan_00002.xdi");
  ASSERT_EQ(beamline("heating", {"--seed", "3", "--spool", "again"}).status, 0);
  EXPECT_EQ(get("again/scan_00002.xdi"), first);
  ASSERT_EQ(beamline("heating", {"--seed", "4", "--spool", "other"}).status, 0);
  EXPECT_NE(get("other/scan_00002.xdi"), first);
}

TEST_F(VirtualBeamline, ItMeasuresInTheModeThatItIsTold) {
  const auto told = [&](double holds) {
    put("mode.yaml", "mode: track\nscan: xanes-quick\nevery: 60 s\nuntil: \"" +
                         utc_of(seconds_now() + holds) + "\"\n");
  };
  told(3600);
  ASSERT_EQ(beamline("discharge", {"--mode", "mode.yaml", "--spool", "track"}).status, 0);
  told(-1);  // whoever said so is dead
  ASSERT_EQ(beamline("discharge", {"--mode", "mode.yaml", "--spool", "quiet"}).status, 0);
  EXPECT_EQ(files_in(path("track")), 240U);
  EXPECT_EQ(files_in(path("quiet")), 24U);
}

class VirtualBeamlineIoc : public VirtualBeamline {
 protected:
  Ioc ioc_;  // its port
};

TEST_F(VirtualBeamlineIoc, TrainsWhoeverListensAndPuts) {
  SKIP_WITHOUT_IOC();
  put("epics.yaml",
      "format: twin-epics/1\nconnect_within: 30 s\n"
      "channels: {temperature: {pv: 'VB:temperature', unit: K, over: end}}\n");
  put("bounds.yaml",
      "format: twin-bounds/1\nevery: {least: 10 s, most: 1 h}\nmodes:\n"
      "  quiet: {scan: exafs-full, every: 10 min}\n  track: {scan: xanes-quick, every: 20 s}\n"
      "safe_mode: quiet\nslew: {factor: 1000, per: 1e-3 s}\ndwell: 1e-3 s\n"
      "token: token\naudit: audit.jsonl\n"
      "actuator: {pv: 'VB:mode', unit: '', values: {quiet: 0, track: 2}, within: 30 s}\n"
      "read_back: {pv: 'VB:mode:is'}\nsimulated: true\n");
  put("token", utc_of(seconds_now() + 3600) + "\n");
  record::Command track;
  track.header.id = "1";
  track.header.time = utc_of(seconds_now());
  track.sequence = 1;
  track.mode = "track";
  track.ttl_seconds = 110;
  put("rate.yaml", stream::dump_yaml(stream::encode(record::Record(track))));
  std::filesystem::create_directory(path("spool"));
  const auto said = bash(
      "set -eu\n\"$EPICS_PYTHON\" " + source_dir() +
      "/examples/virtual-beamline heating --states a.xdi b.xdi --edge 'Cu K' --ioc VB --speed 500 "
      "--duration 2000 > story.json 2> ioc.txt &\n"
      "twin-acquire --watch spool --until-idle 8 --epics epics.yaml --obey rate.yaml "
      "--bounds bounds.yaml --arm\nwait\n");
  ASSERT_EQ(said.status, 0) << said.error << get("ioc.txt");
  EXPECT_THAT(get("story.json"), HasSubstr("\"scenario\": \"heating\""));
  const auto scans = all<record::Measurement>(said.out);
  ASSERT_GT(scans.size(), 3U) << said.error;  // 20 s apart; four in the safe mode would take longer
  const auto& last = scans.back().context.environment.at("temperature");
  ASSERT_TRUE(last.value) << said.out;
  EXPECT_EQ(last.unit, "K");
  EXPECT_GT(*last.value, 560);
  EXPECT_LT(*last.value, 640);
  EXPECT_THAT(said.error, HasSubstr("mode-confirmed: track"));
}

TEST_F(VirtualBeamline, WithoutSoftiocThatIsSaid) {
  put("softioc.py", "raise ImportError('none')\n");
  const auto said = run({source_dir() + "/examples/virtual-beamline", "heating", "--states",
                         "a.xdi", "b.xdi", "--ioc", "VB", "--speed", "1"},
                        "", {{"PYTHONPATH", path("")}});
  EXPECT_EQ(said.status, 1);
  EXPECT_THAT(said.error, HasSubstr("--ioc needs softioc"));
}

}  // namespace

}  // namespace virtual_beamline_test
