// SPDX-License-Identifier: GPL-3.0-or-later
// examples/virtual-beamline: what it writes is read, and it measures in the mode that it is told.
#include <gmock/gmock.h>

#include <filesystem>

#include "core/time.h"
#include "places.h"
#include "scans.h"
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

}  // namespace

}  // namespace virtual_beamline_test
