// SPDX-License-Identifier: GPL-3.0-or-later
// Published runs before the validators of the NeXus people. Both end with status 0 whatever they
// find: their totals are read.
#include <gmock/gmock.h>

#include <cstdlib>

#include "core/text.h"
#include "process/child.h"
#include "scans.h"
#include "tool.h"

using namespace twin;
using namespace tools;

namespace nexus_peer_test {
using ::testing::HasSubstr;

namespace {

class NexusInTheFlesh : public Tools {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("NEXUS_BIN");
    if (folder == nullptr) GTEST_SKIP() << "skipped: no nexusformat and punx ($NEXUS_BIN)";
    bin_ = folder;
    const std::string reduce =
        "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\n"
        "columns: {energy: energy, mu: mu}\n"
        "reduce: {pre1: -150, pre2: -30, norm1: 150, norm2: 700, nnorm: 2}\n"
        "autobk: {rbkg: 1.0, kweight: 2}\n";
    put("recipe.yaml", reduce);
    put("a.dat", columns(1));
    put("b.dat", columns(2));
    put("c.xdi", xdi(3));
    record::Verdict verdict;
    verdict.chi2 = 2.5;
    record::Event event;
    event.what = "onset";
    put("more.jsonl", whole_stream(line(verdict) + line(event) + line(result("warm", 2.6, 0.02))));
    const auto said = bash(
        "set -e; acquire='twin-acquire --quiet --into run.nxs'\n"
        "$acquire --context 'temperature=295±3 K' --edge 'Cu K' --period cold a.dat b.dat c.xdi > "
        "scans\n"
        "twin-extract --quiet --recipe recipe.yaml --arrays all < scans | $acquire - > results\n"
        "$acquire more.jsonl > rest");
    ASSERT_EQ(said.status, 0) << said.error;
    ASSERT_EQ(all<record::Result>(get("results")).size(), 3U);
  }

  /// What a validator says, without its colours.
  std::string said_by(Words argv) {
    argv.front() = bin_ + "/" + argv.front();
    process::Launch launch{.argv = argv, .folder = path(".")};
    launch.environment["HOME"] = path(".");
    const auto said = process::run(launch, process::Seconds(200));
    EXPECT_EQ(said.ending.status, 0) << said.error;
    return said.out + said.error;
  }

  std::string bin_;
};

/// nxvalidate looks at application definitions, of which we state none; nxcheck, which comes with
/// it, at base classes.
TEST_F(NexusInTheFlesh, NexusformatFindsNoError) {
  const std::string said = said_by({"nxcheck", "--warning", "run.nxs"});
  EXPECT_THAT(said, HasSubstr("Total number of errors: 0")) << said;
  // Our two attributes of the root, by which the journal is told from the file.
  EXPECT_THAT(said, HasSubstr("Total number of warnings: 2")) << said;
  EXPECT_THAT(said, HasSubstr("twinline_sequence"));
  EXPECT_THAT(said, HasSubstr("twinline_sha256"));
  EXPECT_THAT(said_by({"nxvalidate", "run.nxs"}), HasSubstr("No application definition"));
}

TEST_F(NexusInTheFlesh, PunxFindsNoError) {
  const std::string said = said_by({"punx", "validate", "run.nxs"});
  bool totals = false;
  for (const auto one : split(said, '\n')) {
    const auto fields = words(one);
    if (fields.size() > 2 && fields[0] == "ERROR" &&
        fields[1].find_first_not_of("0123456789") == fields[1].npos) {
      totals = true;
      EXPECT_EQ(fields[1], "0") << said;
    }
    // The warnings are all of one kind, of what NXcollection is for.
    const bool warns = fields.size() > 2 && fields[0].starts_with("/") && fields[1] == "WARN";
    EXPECT_TRUE(!warns || one.find("NXcollection contains non-NeXus content") != one.npos) << one;
  }
  EXPECT_TRUE(totals) << said;
}

}  // namespace

}  // namespace nexus_peer_test
