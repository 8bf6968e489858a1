// SPDX-License-Identifier: GPL-3.0-or-later
// Raw curves are watched by their scores: spectra through twin-acquire and twin-extract into
// twin-steer, on a basis that was trained on others, and on a running one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>

#include "core/text.h"
#include "tool.h"

using namespace twin;
using namespace tools;
using testing::HasSubstr;
using testing::Not;

namespace steer_scores_test {

namespace {

constexpr double e0 = 8979.0;

/// An edge, and \p share of a peak above it that the baseline has nothing of.
std::string spectrum(double share, double noise, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<> normal;
  std::string out = "# energy mu\n";
  const auto point = [&](double e) {
    const double above = e - e0;
    const double mu = 0.5 - 1e-4 * above + 0.5 + std::atan(above / 2) / std::numbers::pi +
                      share * std::exp(-std::pow((above - 12) / 4, 2));
    out += shortest(e) + " " + shortest(mu + noise * normal(random)) + "\n";
  };
  for (double e = e0 - 200; e < e0 - 20; e += 5) point(e);
  for (double e = e0 - 20; e < e0 + 60; e += 0.5) point(e);
  for (double e = e0 + 60; e < e0 + 700; e += 10) point(e);
  return out;
}

const std::string recipe =
    "format: twin-recipe/1\ntechnique: xas\nedge: Cu K\ncolumns: {energy: energy, mu: mu}\n"
    "reduce: {e0: 8980, pre1: -150, pre2: -30, norm1: 100, norm2: 600, nnorm: 1}\n";
const std::string running =
    "scores: {curve: norm, range: [8965 eV, 9035 eV], basis: running, learn: 15 samples}\n";
const std::string trained = "scores: {curve: norm, basis: basis.jsonl}\n";

struct SteerScores : Tools {
  void put_policy(const std::string& scores, const std::string& more = "") {
    put("policy.yaml",
        "format: twin-policy/1\nwatch: [score:1, score:2, score:rest" + more +
            "]\nbaseline: {samples: 25}\nfalse_alarms: {at_most: 5 %, per: 200 samples}\n"
            "modes:\n  quiet: {scan: full, every: 10 s}\n  track: {scan: quick, every: 3 s}\n"
            "safe_mode: quiet\ncommands: {file: rate.yaml, ttl: 60 s}\n" +
            scores);
  }

  /// Scans of which those from \p at have \p share of the peak, reduced.
  std::string reduced(int count, int at, double share, const Words& options = {"--arrays", "all"}) {
    Words files;
    for (int k = 0; k < count; ++k) {
      files.push_back("s" + std::to_string(100 + k) + ".dat");
      put(files.back(), spectrum(k < at ? 0 : share, 0.003, static_cast<unsigned>(k + 1)));
    }
    const auto results = extracted_by(recipe, files, options);
    EXPECT_EQ(results.status, 0) << results.error;
    return results.out;
  }

  /// The components of an edge with more and more of the peak.
  void put_basis() {
    Words files;
    for (int k = 0; k < 6; ++k) {
      files.push_back("known" + std::to_string(k) + ".dat");
      put(files.back(), spectrum(0.1 * k, 0, 0));
    }
    const auto results =
        extracted_by(recipe + "xanes: {series: {range: [-15, 50], components: 2}}\n", files);
    EXPECT_EQ(results.status, 0) << results.error;
    put("basis.jsonl", results.out);
  }

  /// The results with a \p key of their context: \p first, from the one at \p from on \p then.
  static std::string with(const std::string& results, const std::string& key,
                          const std::string& first, const std::string& then, int from) {
    std::string out = results;
    std::size_t at = 0;
    for (int k = 0; (at = out.find("\"scan\":\"s", at)) != out.npos; ++k) {
      const std::string more = "\"" + key + "\":\"" + (k < from ? first : then) + "\",";
      out.insert(at, more);
      at += more.size() + 1;
    }
    EXPECT_GT(out.size(), results.size());
    return out;
  }

  Said steer(const std::string& results, const Words& more = {}) {
    Words words{"twin-steer", "--policy", "policy.yaml"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, results);
  }

  /// The first change that was found has s155, or one of the two before, in its set: a few curves
  /// tell no more. Nothing else was before it but a baseline.
  static void expect_change(const Said& said) {
    ASSERT_EQ(said.status, 0) << said.error;
    const auto events = all<record::Event>(said.out);
    ASSERT_GE(events.size(), 2U) << said.error;
    EXPECT_EQ(events[0].what, "baseline");
    EXPECT_EQ(events[1].what, "change");
    EXPECT_LE(events[1].first, "s155");
    EXPECT_GE(events[1].second, "s153");
    bool tracked = false;
    for (const auto& command : all<record::Command>(said.out)) tracked |= command.mode == "track";
    EXPECT_TRUE(tracked);
  }

  /// What was logged is decided again from the log alone.
  void expect_same_again() {
    const auto log = get("log.jsonl");
    EXPECT_THAT(log, HasSubstr("\"score:rest\""));
    EXPECT_THAT(log, Not(HasSubstr("\"arrays\"")));
    const auto said = bash(
        "mkdir there; cp log.jsonl there; cd there; twin-steer --replay log.jsonl > out; "
        "echo status $?; ls");
    EXPECT_THAT(said.out, HasSubstr("status 0\nlog.jsonl\nout\n")) << said.error;
    EXPECT_THAT(said.error, HasSubstr("all the same"));
  }
};

}  // namespace

TEST_F(SteerScores, OfARunningBasisFindAPeakThatWasNeverSeenAndAreReplayed) {
  put_policy(running);
  const auto said = steer(reduced(80, 55, 0.03), {"--log", "log.jsonl"});
  expect_change(said);
  EXPECT_THAT(get("log.jsonl"), HasSubstr("\"method\":\"running basis 1\""));
  expect_same_again();
}

TEST_F(SteerScores, OfATrainedBasisFindItByItsComponentsAndAreReplayedWithoutIt) {
  put_basis();
  put_policy(trained);
  const auto said = steer(reduced(80, 55, 0.03), {"--log", "log.jsonl"});
  expect_change(said);
  EXPECT_THAT(get("log.jsonl"), HasSubstr("\"method\":\"basis "));
  expect_same_again();
  // The basis is one of its inputs, by its hash.
  EXPECT_THAT(said.out, HasSubstr("{\"name\":\"basis.jsonl\",\"sha256\":\""));
}

TEST_F(SteerScores, WithoutAChangeFindNone) {
  put_policy(running);
  const auto said = steer(reduced(80, 80, 0));
  EXPECT_EQ(said.status, 0) << said.error;
  for (const auto& event : all<record::Event>(said.out)) EXPECT_EQ(event.what, "baseline");
}

TEST_F(SteerScores, ResultsWithoutTheirCurveSaySoAndWhatToDo) {
  put_policy(running);
  const auto results = reduced(3, 3, 0, {});
  const auto said = steer(results);
  EXPECT_EQ(said.status, 65);
  EXPECT_THAT(said.error, HasSubstr("s100: no scores: no array norm; twin-extract gives it with "
                                    "--arrays all (of others for the same reason"));
  EXPECT_THAT(said.error, Not(HasSubstr("s101: no scores")));
  EXPECT_THAT(said.error, HasSubstr("3 of 3 results have none"));
  // Where something else is watched too it goes on.
  put_policy(running, ", edge_step");
  const auto other = steer(results);
  EXPECT_EQ(other.status, 0);
  EXPECT_THAT(other.error, HasSubstr("3 of 3 results have none"));
}

TEST_F(SteerScores, ResultsThatABasisIsLearntFromHaveNoneAndAStreamOfThemAlone65) {
  put_policy(running);
  const auto said = steer(reduced(5, 5, 0));
  EXPECT_EQ(said.status, 65);
  EXPECT_THAT(said.error, HasSubstr("scores: 0 of 5 results have none; from the other 5 their "
                                    "basis was still being learnt"));
}

TEST_F(SteerScores, ThatCommandsRunOutWhileABasisIsLearntAnewIsTold) {
  put_policy(running);
  const auto said = steer(with(reduced(80, 80, 0), "setup", "A", "B", 50));
  ASSERT_EQ(said.status, 0) << said.error;
  const std::string told = "a basis is being learnt from 15 results: no command is renewed";
  const auto first = said.error.find(told);
  ASSERT_NE(first, said.error.npos) << said.error;
  EXPECT_EQ(said.error.find(told, first + 1), said.error.npos);
  EXPECT_NE(said.error.find("scores are there again: so are commands", first), said.error.npos);
}

TEST_F(SteerScores, OfARunningBasisAreNotComparedBetweenPeriods) {
  put_policy(running, ", edge_step");
  const auto said = steer(with(reduced(60, 30, 0.3), "period", "a", "b", 30));
  ASSERT_EQ(said.status, 0) << said.error;
  bool compared = false;
  for (const auto& event : all<record::Event>(said.out)) {
    if (event.what != "period-difference") continue;
    compared = true;
    EXPECT_TRUE(event.quantities.contains("edge_step"));
    EXPECT_FALSE(event.quantities.contains("score:1"));
    EXPECT_FALSE(event.quantities.contains("score:rest"));
  }
  EXPECT_TRUE(compared);
}

TEST_F(SteerScores, ABasisIsReadOnceSoThatItMayBeAPipe) {
  put_basis();
  put_policy("scores: {curve: norm, basis: pipe}\n");
  put("results.jsonl", reduced(2, 2, 0));
  const auto said = bash(
      "mkfifo pipe; cat basis.jsonl > pipe & timeout 20 twin-steer --policy policy.yaml "
      "results.jsonl > out; echo status $?; sha256sum < basis.jsonl");
  ASSERT_THAT(said.out, HasSubstr("status 0\n")) << said.error;
  const auto hash = said.out.substr(said.out.find("status 0\n") + 9, 64);
  EXPECT_THAT(get("out"), HasSubstr("pipe\",\"sha256\":\"" + hash));
}

TEST_F(SteerScores, ARangeThatNoCurveReachesIsTold) {
  put_policy("scores: {curve: norm, range: [8000 eV, 9035 eV], basis: running}\n");
  const auto said = steer(reduced(2, 2, 0));
  EXPECT_EQ(said.status, 65);
  EXPECT_THAT(said.error, HasSubstr("s100: no scores: norm: it does not reach over the range"));
}

TEST_F(SteerScores, ABasisThatIsNoneIsRefusedWithItsFile) {
  const std::string results = reduced(2, 2, 0);
  put_policy(trained);
  const auto refused = [&](int status, const std::string& what) {
    const auto said = steer(results);
    EXPECT_EQ(said.status, status) << said.error;
    EXPECT_THAT(said.error, HasSubstr("basis.jsonl"));
    EXPECT_THAT(said.error, HasSubstr(what));
  };
  refused(66, "basis.jsonl");
  put("basis.jsonl", results);
  refused(65, "of 2 results none has components; twin-extract by a recipe with xanes: {series");
  put("basis.jsonl", "no stream\n");
  refused(65, "basis.jsonl");
  put_basis();
  const auto whole = get("basis.jsonl");
  put("basis.jsonl", whole.substr(0, whole.size() - 100));
  refused(65, "basis.jsonl");
  put("basis.jsonl", whole.substr(0, whole.rfind("{", whole.size() - 3)));
  refused(65, "without an end");
  put("basis.jsonl", whole + whole);
  refused(65, "two results have components");
  put("basis.jsonl", whole);
  put("basis.jsonl", "");
  refused(65, "of 0 results none has components");
  // Its axis turned back, or a number missing: the first of its energies.
  const auto from = whole.find("\"energy\"", whole.find("\"components\""));
  const auto spoil = [&](const std::string& number) {
    auto text = whole;
    const auto at = text.find('[', text.find("\"data\"", from)) + 1;
    put("basis.jsonl", text.replace(at, text.find(',', at) - at, number));
  };
  ASSERT_NE(from, whole.npos);
  spoil("1e9");
  refused(65, "its axis does not increase");
  spoil("null");
  refused(65, "not finite");
  ASSERT_EQ(bash("rm basis.jsonl; mkdir basis.jsonl").status, 0);
  refused(66, "basis.jsonl");
  ASSERT_EQ(bash("rmdir basis.jsonl").status, 0);
  put("basis.jsonl", whole);
  put_policy("scores: {curve: chi, basis: basis.jsonl}\n");
  refused(65, "its components have no k");
  put_policy("scores: {curve: norm, basis: basis.jsonl, components: 3}\n");
  refused(78, "it has 2 components; the policy asks for 3");
}

}  // namespace steer_scores_test
