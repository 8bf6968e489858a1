// SPDX-License-Identifier: GPL-3.0-or-later
// twin-policy(5): scores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "core/error.h"
#include "core/file.h"
#include "places.h"
#include "stream/documents.h"
#include "stream/yaml.h"

using namespace twin;
using namespace twin::stream;

namespace policy_scores_test {
using ::testing::HasSubstr;

namespace {

record::Policy policy(const std::string& scores, const std::string& watch = "[score:1, score:rest]",
                      const std::string& baseline = "baseline: {samples: 30}\n") {
  const std::string text = "format: twin-policy/1\nwatch: " + watch + "\n" + baseline +
                           "modes:\n  quiet: {scan: full, every: 30 s}\n"
                           "quiet: quiet\ntrack: quiet\nsafe_mode: quiet\n" +
                           (scores.empty() ? "" : "scores: {" + scores + "}\n");
  return decode_policy(parse_yaml(text, "x.yaml"), "x.yaml");
}

template <class... Texts>
std::string refusal(const Texts&... texts) {
  try {
    (void)policy(texts...);
  } catch (const Error& error) {
    EXPECT_EQ(error.cause(), Cause::configuration);
    return error.what();
  }
  return "no error";
}

TEST(PolicyScores, OfARunningBasisAreReadWithTheirRangeInTheUnitOfTheAxis) {
  const auto one = policy("curve: norm, range: [13.02 keV, 13100 eV], basis: running").scores;
  ASSERT_TRUE(one);
  EXPECT_EQ(one->axis, "energy");
  EXPECT_EQ(one->range, std::pair(13020.0, 13100.0));
  EXPECT_EQ(one->components, 2);
  EXPECT_EQ(one->learn, 20);
  EXPECT_EQ(one->basis, "");
  const auto other =
      policy("curve: chi, range: [3 1/Å, 10 1/Å], components: 3, basis: running, learn: 30 samples")
          .scores;
  EXPECT_EQ(other->axis, "k");
  EXPECT_EQ(other->components, 3);
  EXPECT_EQ(other->learn, 30);
  EXPECT_EQ(policy("curve: chi_r, basis: running").scores->axis, "r");
}

TEST(PolicyScores, OfAFileNeedNoBaselineAndHaveAllOfItsComponents) {
  const auto one = policy("curve: flat, basis: trained.jsonl", "[score:7]", "").scores;
  EXPECT_EQ(one->basis, "trained.jsonl");
  EXPECT_EQ(one->components, 0);
  EXPECT_FALSE(one->range);
}

TEST(PolicyScores, AreReadAsTheManualHasThem) {
  const auto page = read_file(source_dir() + "/man/man5/twin-policy.5");
  const auto from = page.find("format: twin\\-policy/1\nwatch: [score:1");
  ASSERT_NE(from, page.npos);
  auto text = page.substr(from, page.find(".Ed", from) - from);
  std::erase(text, '\\');
  const auto shown = decode_policy(parse_yaml(text, "page"), "page");
  EXPECT_EQ(shown.scores->range, std::pair(13020.0, 13100.0));
}

TEST(PolicyScores, SayWhatTheyDoNotMean) {
  EXPECT_THAT(refusal("basis: running"), HasSubstr("curve"));
  EXPECT_THAT(refusal("curve: norm"), HasSubstr("basis"));
  EXPECT_THAT(refusal("curve: normm, basis: running"), HasSubstr("perhaps norm"));
  EXPECT_THAT(refusal("curve: norm, basis: running, range: [3, 4]"), HasSubstr("range"));
  EXPECT_THAT(refusal("curve: norm, basis: running, range: [4 1/Å, 5 1/Å]"), HasSubstr("range"));
  EXPECT_THAT(refusal("curve: norm, basis: running, range: [5 eV, 4 eV]"), HasSubstr("range"));
  EXPECT_THAT(refusal("curve: norm, basis: x.jsonl, range: [4 eV, 5 eV]"),
              HasSubstr("range: a basis of a file has its own"));
  EXPECT_THAT(refusal("curve: norm, basis: x.jsonl, learn: 20"), HasSubstr("learn: a basis"));
  EXPECT_THAT(refusal("curve: norm, basis: running, learn: 9"), HasSubstr("10 to 500 samples"));
  EXPECT_THAT(refusal("curve: norm, basis: running, learn: 20.5"), HasSubstr("10 to 500 samples"));
  EXPECT_THAT(refusal("curve: norm, basis: running, components: 0"), HasSubstr("components"));
  EXPECT_THAT(refusal("curve: norm, basis: x.jsonl, components: 0"), HasSubstr("components"));
  EXPECT_THAT(refusal("curve: norm, basis: running, window: 3"), HasSubstr("window"));
  EXPECT_THAT(refusal("curve: norm, basis: running", "[score:1]", ""),
              HasSubstr("expected baseline too"));
}

TEST(PolicyScores, ThatAreWatchedAreOnesThatThereAre) {
  EXPECT_THAT(refusal("", "[score:1]"), HasSubstr("x.yaml:2: watch: score:1 is a score"));
  const std::string running = "curve: norm, basis: running";
  for (const char* none : {"[score:3]", "[score:0]", "[score:01]", "[score:all]"})
    EXPECT_THAT(refusal(running, none), HasSubstr("expected score:1 to score:2, or score:rest"));
  EXPECT_THAT(refusal("curve: norm, basis: x.jsonl", "[score:x]"),
              HasSubstr("expected score:1, score:2 ..., or score:rest"));
  EXPECT_THAT(refusal(running, "[e0]"), HasSubstr("scores: none of them is watched"));
  EXPECT_EQ(policy(running, "[e0, score:2]").watch.size(), 2U);
}

}  // namespace
}  // namespace policy_scores_test
