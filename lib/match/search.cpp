// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/search.h"

#include <algorithm>
#include <tuple>

#include "core/text.h"
#include "match/outlook.h"

namespace twin::match {

namespace {

using record::Answer;
using record::Standing;

/// The values that the search began from: of its first run, else of the model.
std::map<std::string, double> start_of(const record::Model& model) {
  if (!model.history.empty()) return model.history.front().parameters;
  std::map<std::string, double> out;
  for (const auto& parameter : model.free) out[parameter.name] = parameter.value;
  return out;
}

void make_relative(std::vector<Standing>& standings) {
  const auto best = std::ranges::max_element(standings, {}, &Standing::log_odds)->log_odds;
  for (auto& standing : standings) standing.log_odds -= best;
}

/// A MATCH before what is open, that before what is excluded; the greater odds within each.
std::size_t best_of(const std::vector<Standing>& standings) {
  const auto rank = [](const Standing& s) {
    const int answer = s.answer == Answer::match ? 2 : s.answer == Answer::inconclusive ? 1 : 0;
    return std::tuple(answer, s.log_odds);
  };
  return static_cast<std::size_t>(std::ranges::max_element(standings, {}, rank) -
                                  standings.begin());
}

}  // namespace

Step decide(const record::Result& measured, const record::Model& model) {
  std::vector<Standing> standings;
  std::vector<record::Verdict> verdicts;
  auto start = start_of(model);
  for (const auto& alternative : record::alternatives_of(model)) {
    Outlook now = outlook(measured, model, alternative, start);
    start = now.best;
    if (now.next) {
      // An alternative that has not run yet leaves the word to the one before it.
      Step step{std::move(now.next), now.confirmation, now.as_asked,
                now.verdict.run == 0 && !verdicts.empty() ? verdicts.back() : now.verdict};
      if (!standings.empty()) make_relative(standings);
      step.verdict.standings = std::move(standings);
      return step;
    }
    standings.push_back(now.standing);
    verdicts.push_back(now.verdict);
  }
  make_relative(standings);
  Step last{std::nullopt, false, false, verdicts[best_of(standings)]};
  last.verdict.standings = std::move(standings);
  return last;
}

}  // namespace twin::match
