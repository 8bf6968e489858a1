// SPDX-License-Identifier: GPL-3.0-or-later
#include <gmock/gmock.h>

#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace pipeline_test {
using ::testing::HasSubstr;

namespace {

struct Pipeline : Tools {
  void SetUp() override {
    SKIP_WITHOUT("feff6l");
    put("recipe.yaml", recipe());
    put("policy.yaml",
        "format: twin-policy/1\nwatch: [edge_step]\nmodes:\n"
        "  quiet: {scan: full, every: 10 min}\n  track: {scan: quick, every: 1 min}\n"
        "quiet: quiet\ntrack: track\nsafe_mode: quiet\n");
    for (int i = 0; i < 4; ++i) put("s" + std::to_string(i) + ".dat", columns(i));
  }
};

TEST_F(Pipeline, FilesToCommandsInOneLine) {
  const auto said = bash(
      "{ twin-acquire --period one s0.dat s1.dat; twin-acquire --period two s2.dat s3.dat; } "
      "| twin-extract --recipe recipe.yaml | twin-steer --policy policy.yaml");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_EQ(all<record::Event>(said.out).size(), 1U);
  ASSERT_EQ(all<record::Command>(said.out).size(), 1U);
  EXPECT_EQ(all<record::Command>(said.out)[0].mode, "quiet");
  EXPECT_EQ(all<record::Start>(said.out).size(), 4U);
}

TEST_F(Pipeline, AClosedPipeEndsQuietly) {
  for (const std::string last : {"", " | twin-extract --recipe recipe.yaml"}) {
    const auto said = bash(
        "files=(); for i in $(seq 300); do files+=(s$((i % 4)).dat); done\n"
        "twin-acquire \"${files[@]}\"" +
        last +
        " | head -1 > /dev/null\n"
        "echo \"${PIPESTATUS[@]}\"");
    EXPECT_EQ(said.error, "") << last;
    EXPECT_TRUE(said.out == "141 0\n" || said.out == "0 0\n" || said.out == "141 141 0\n" ||
                said.out == "0 141 0\n" || said.out == "0 0 0\n")
        << said.out;
  }
}

TEST_F(Pipeline, AFailureUpstreamReachesTheLastStatus) {
  put("bad.dat", "no numbers at all\n");
  const auto said = bash(
      "set +o pipefail\n"
      "twin-acquire --period one s0.dat bad.dat s1.dat | twin-extract --recipe recipe.yaml "
      "| twin-steer --policy policy.yaml");
  EXPECT_GE(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("bad.dat"));
  EXPECT_EQ(all<record::Failure>(said.out).size(), 1U);
}

TEST_F(Pipeline, AWriterThatWasKilledIsNeverASuccessDownstream) {
  const auto said = bash(
      "set +o pipefail\n"
      "twin-acquire --period one s0.dat s1.dat | head -2 | twin-extract --recipe recipe.yaml "
      "| twin-steer --policy policy.yaml");
  EXPECT_GE(said.status, 2);
  EXPECT_THAT(said.error, HasSubstr("without an end"));
}

TEST_F(Pipeline, RecordsOfAllStagesJoinOneRun) {
  const auto said = bash(
      "twin-acquire s0.dat --into run.nxs | twin-extract --recipe recipe.yaml "
      "> results.jsonl && twin-acquire results.jsonl --into run.nxs > /dev/null "
      "&& twin-acquire --into run.nxs --list");
  EXPECT_EQ(said.status, 0) << said.error;
  EXPECT_THAT(said.out, HasSubstr("\tmeasurement\t"));
  EXPECT_THAT(said.out, HasSubstr("\tresult\t"));
}

TEST_F(Pipeline, AFullDiskIs74InEveryStage) {
  put("a.jsonl", run({"twin-acquire", "s0.dat"}).out);
  EXPECT_EQ(bash("twin-extract --recipe recipe.yaml a.jsonl > /dev/full").status, 74);
  EXPECT_EQ(bash("twin-steer --policy policy.yaml a.jsonl > /dev/full").status, 74);
  EXPECT_EQ(bash("twin-match --with a.jsonl a.jsonl > /dev/full").status, 74);
  EXPECT_EQ(bash("twin-simulate a.jsonl > /dev/full").status, 74);
}

TEST_F(Pipeline, EveryToolSaysItsVersionAndRefusesUnknownOptions) {
  for (const std::string tool :
       {"twin-acquire", "twin-extract", "twin-simulate", "twin-match", "twin-steer"}) {
    EXPECT_EQ(run({tool, "--version"}).status, 0) << tool;
    const auto help = run({tool, "--help"});
    EXPECT_EQ(help.status, 0) << tool;
    EXPECT_THAT(help.out, HasSubstr(tool));
    const auto said = run({tool, "--recpie", "x"});
    EXPECT_EQ(said.status, 64) << tool;
    EXPECT_EQ(said.out, "") << tool;
  }
}

}  // namespace

}  // namespace pipeline_test
