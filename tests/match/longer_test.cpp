// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

#include "bond.h"
#include "match/search.h"

using namespace twin;

namespace longer_test {

using record::Answer;

namespace {

struct Ended {
  record::Verdict verdict;
  record::Model model;  ///< with its history
  int longest = 0;      ///< production run, over the one that was asked for first
};

using Samples = std::function<int(int longer)>;

Ended search(const bond::Problem& problem, const Samples& samples) {
  Ended out{{}, problem.model, 1};
  while (true) {
    auto step = match::decide(problem.measured, out.model);
    out.verdict = step.verdict;
    if (!step.next) return out;
    out.model = std::move(*step.next);
    out.longest = out.model.run.produce / problem.model.run.produce;
    auto run = bond::simulate(out.model, samples(out.longest));
    run.confirmation = step.confirmation;
    out.model.history.push_back(std::move(run));
  }
}

}  // namespace

// Samples too few to be sure of the tolerances with: without longer runs one in ten is a MATCH.
TEST(Longer, WhereTheSimulationsErrorIsInTheWay) {
  int matches = 0, longer = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto found = search(bond::draw(seed, 400), [](int times) { return 400 * times; });
    matches += found.verdict.answer == Answer::match;
    longer += found.longest > 1;
  }
  EXPECT_GE(matches, 16);
  EXPECT_GE(longer, 10);
}

TEST(Longer, NotForEverWhereTheEngineDoesNotCare) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto problem = bond::draw(seed, 400);
    const auto found = search(problem, [](int) { return 400; });
    EXPECT_LE(found.model.history.size(), static_cast<std::size_t>(problem.model.budget));
    if (found.verdict.answer == Answer::match) continue;
    EXPECT_EQ(found.verdict.answer, Answer::inconclusive);
    EXPECT_EQ(found.verdict.reason.find("budget"), std::string::npos) << found.verdict.reason;
  }
}

TEST(Longer, NotWhereTheMeasurementIsWhatIsCoarse) {
  auto problem = bond::draw(1, 4000);
  for (auto& element : problem.measured.covariance.matrix) element *= 100;
  for (auto& [name, q] : problem.measured.quantities)
    if (q.sigma) q.sigma = 10 * *q.sigma;
  const auto found = search(problem, [](int times) { return 4000 * times; });
  EXPECT_EQ(found.verdict.answer, Answer::inconclusive) << found.verdict.reason;
  EXPECT_EQ(found.longest, 1);
}

}  // namespace longer_test
