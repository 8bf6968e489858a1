// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: show_search METHOD FIRST COUNT SAMPLES
// Searches for hidden truths (tests/match/bond.h), seeds FIRST to FIRST + COUNT - 1. A line each:
//     seed  answer  simulations  χ²/5 of an endless simulation at what was found  reason  times as
//     long as the first the last run was
// Or, for METHOD calibration, lines of NAME p: of a model that is the truth, nothing fitted and
// three parameters fitted by twin-match; and "off by its tolerance" answer, where r is.
// METHOD: match: what twin-match decides, its jacobians from fluctuations; secants: the same
// without any jacobian; or one of search_peers.h.
#include "match/search.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <utility>

#include "match/bond.h"
#include "match/compare.h"
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

struct Ended {
  record::Verdict verdict;
  record::Model model;  ///< with its history
  double longer = 1;    ///< the last run, times as long as the first
};

Ended search(const bond::Problem& problem, int samples, bool with_jacobian) {
  record::Model model = problem.model;
  record::Verdict verdict;
  double longer = 1;
  while (true) {
    auto step = match::decide(problem.measured, model);
    verdict = step.verdict;
    if (!step.next) break;
    model = std::move(*step.next);
    longer = static_cast<double>(model.run.produce) / problem.model.run.produce;
    auto run = bond::simulate(model, static_cast<int>(samples * longer), with_jacobian);
    run.confirmation = step.confirmation;
    model.history.push_back(std::move(run));
  }
  return {verdict, model, longer};
}

void search(std::uint64_t seed, int samples, bool with_jacobian) {
  const bond::Problem problem = bond::draw(seed, samples);
  const auto [verdict, model, longer] = search(problem, samples, with_jacobian);
  std::map<std::string, double> found;
  for (const auto& [name, value] : verdict.parameters) found[name] = value.value.value();
  std::cout << seed << '\t' << word(verdict.answer) << '\t' << model.history.size() << '\t'
            << bond::misfit(problem.measured, bond::parameters_of(found),
                            static_cast<int>(samples * longer))
            << '\t' << verdict.reason << '\t' << longer << '\n';
}

/// Nothing is fitted: a run at the truth, or beside it.
record::Verdict compared(const bond::Problem& problem, int samples, double off) {
  record::Model model = problem.model;
  for (std::size_t k = 0; k < model.free.size(); ++k)
    model.free[k].value = problem.truth[static_cast<Eigen::Index>(k)];
  model.free[0].value += off;
  auto run = bond::simulate(model, samples);
  run.confirmation = true;
  model.hold_back = std::exchange(model.fit_to, {});
  model.free.clear();
  return match::compare(problem.measured, run, model);
}

void calibrate(std::uint64_t seed, int samples) {
  const bond::Problem problem = bond::draw_any(seed);
  std::cout << "held-back data\t" << compared(problem, samples, 0).p_held_back.value() << '\n';
  if (const auto p = search(problem, samples, true).verdict.p)
    std::cout << "data that three parameters were fitted to\t" << *p << '\n';
  const double tolerance = problem.model.tolerance.at("r:Pb-I.1").value;
  std::cout << "off by its tolerance\t" << word(compared(problem, samples, tolerance).answer)
            << '\n';
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
    else if (method == "calibration")
      calibrate(seed, samples);
    else
      search_by(method, seed, samples);
}
