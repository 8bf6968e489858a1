// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: show_search METHOD FIRST COUNT SAMPLES
// Searches for hidden truths (tests/match/bond.h), seeds FIRST to FIRST + COUNT - 1. A line each:
//     seed  answer  simulations  χ²/5 of an endless simulation at what was found
// METHOD: match: what twin-match decides, its jacobians from fluctuations; secants: the same
// without any jacobian; or one of search_peers.h.
#include "match/search.h"

#include <cstdlib>
#include <iostream>

#include "match/bond.h"
#include "search_peers.h"

using namespace twin;

namespace {

const char* word(record::Answer answer) {
  switch (answer) {
    case record::Answer::match:
      return "match";
    case record::Answer::no_match:
      return "no_match";
    default:
      return "inconclusive";
  }
}

void search(std::uint64_t seed, int samples, bool with_jacobian) {
  bond::Problem problem = bond::draw(seed, samples);
  record::Model model = problem.model;
  record::Verdict verdict;
  while (true) {
    auto step = match::decide(problem.measured, model);
    verdict = step.verdict;
    if (!step.next) break;
    model = std::move(*step.next);
    auto run = bond::simulate(model, samples, with_jacobian);
    run.confirmation = step.confirmation;
    model.history.push_back(std::move(run));
  }
  std::map<std::string, double> found;
  for (const auto& [name, value] : verdict.parameters) found[name] = value.value.value();
  const auto at = bond::parameters_of(found);
  std::cout << seed << '\t' << word(verdict.answer) << '\t' << model.history.size() << '\t'
            << bond::misfit(problem.measured, at, samples) << '\t' << verdict.reason << '\n';
}

void search_by(const std::string& method, std::uint64_t seed, int samples) {
  constexpr int most = 300;
  const bond::Problem problem = bond::draw(seed, samples);
  const peers::Found found = peers::search(method, problem, samples, most);
  std::cout << seed << '\t' << (found.claimed ? "match" : "inconclusive") << '\t'
            << found.simulations << '\t'
            << (found.claimed ? bond::misfit(problem.measured, found.at, samples) : 0.0) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  const std::string method = argv[1];
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10),
                      count = std::strtoull(argv[3], nullptr, 10);
  const int samples = std::atoi(argv[4]);
  for (std::uint64_t seed = first; seed < first + count; ++seed)
    if (method == "match" || method == "secants")
      search(seed, samples, method == "match");
    else
      search_by(method, seed, samples);
}
