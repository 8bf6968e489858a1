// SPDX-License-Identifier: GPL-3.0-or-later
// Column files that grow, row by row: one record when a scan is over, never half a scan as whole.
#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "scans.h"
#include "watching.h"

using namespace twin;
using namespace tools;

namespace acquire_growing_test {
using record::Completeness;
using record::Measurement;
using ::testing::ElementsAre;

namespace {

/// By events, and by looking.
class TwinAcquireGrowing : public Watching, public testing::WithParamInterface<const char*> {
 protected:
  void follow(const Words& more = {}) {
    Words options{"--into", "run.nxs", "--watch-by", GetParam()};
    options.insert(options.end(), more.begin(), more.end());
    start(options);
    EXPECT_EQ(next<record::Start>().tool, "twin-acquire");
  }

  /// Rows from \p first on, below a header where it is 0.
  static std::string rows(int first, int count) {
    std::string out = first == 0 ? "# energy mu\n" : "";
    for (int i = first; i < first + count; ++i)
      out += std::to_string(8900 + i) + " " + std::to_string(i) + "\n";
    return out;
  }

  std::unique_ptr<std::ofstream> writer(const std::string& name) const {
    return std::make_unique<std::ofstream>(path("spool/" + name), std::ios::app);
  }
};

TEST_P(TwinAcquireGrowing, HeldOpenItIsTakenWhenItIsClosed) {
  follow();
  const auto file = writer("a.dat");
  for (int i = 0; i < 10; ++i) {
    *file << rows(5 * i, 5) << std::flush;
    ::usleep(50000);
  }
  EXPECT_TRUE(silent(2.5));  // longer than it takes to be still
  *file << rows(50, 5);
  file->close();
  const auto m = next<Measurement>();
  EXPECT_EQ(m.status, Completeness::final);
  EXPECT_EQ(m.arrays.at("mu").data.size(), 55U);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a"));
}

TEST_P(TwinAcquireGrowing, BegunBeforeAcquisitionItIsTakenWhenItIsClosed) {
  const auto file = writer("a.dat");
  *file << rows(0, 20) << std::flush;
  ::usleep(200000);
  follow();
  EXPECT_TRUE(silent(3.0));
  *file << rows(20, 20);
  file->close();
  EXPECT_EQ(next<Measurement>().arrays.at("mu").data.size(), 40U);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a"));
}

TEST_P(TwinAcquireGrowing, ClosedAfterEachRowItIsTakenWhenItHasSettled) {
  follow({"--settle", "1.5"});
  for (int i = 0; i < 20; ++i) {
    add("a.dat", rows(i, 1));
    ::usleep(50000);
  }
  EXPECT_EQ(next<Measurement>().arrays.at("mu").data.size(), 20U);
  add("a.dat", rows(20, 3));  // it goes on after all
  const auto more = next<Measurement>();
  EXPECT_EQ(more.arrays.at("mu").data.size(), 23U);
  EXPECT_EQ(more.revision, 1);
  EXPECT_EQ(end(), 143);
  EXPECT_THAT(stored(), ElementsAre("a", "a/1"));
}

TEST_P(TwinAcquireGrowing, CutInARowItIsPartial) {
  follow();
  add("a.dat", rows(0, 20) + "8920 ");
  const auto m = next<Measurement>();
  EXPECT_EQ(m.arrays.at("mu").data.size(), 20U);
  EXPECT_EQ(m.status, Completeness::partial);
  EXPECT_EQ(end(), 143);
}

INSTANTIATE_TEST_SUITE_P(By, TwinAcquireGrowing, testing::Values("events", "polling"));

}  // namespace

}  // namespace acquire_growing_test
