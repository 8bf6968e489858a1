// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/companion.h"

#include <algorithm>
#include <utility>

#include "app/match_mixture.h"
#include "app/match_sides.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "match/answer.h"
#include "match/carry.h"
#include "match/outlook.h"
#include "match/report.h"

namespace twin::app {

using record::Answer;
using record::Evaluation;
using record::Model;
using record::Result;
using record::Verdict;

std::string SharedOutput::write(record::Record record) {
  const std::lock_guard lock(mutex_);
  return session_.out.write(std::move(record));
}

void SharedOutput::fail(const Error& error, const std::string& source) {
  const std::lock_guard lock(mutex_);
  session_.fail(error, source);
}

DigitalSide::DigitalSide(SharedOutput& out, const MatchSettings& settings,
                         const std::vector<std::string>& recipes)
    : out_(out), settings_(settings) {
  if (!recipes.empty()) extraction_.emplace(recipes);
}

Evaluation DigitalSide::simulate(const Model& model, bool confirmation, const Result* fitted_to) {
  if (!engine_) engine_ = std::make_unique<EngineClient>(settings_.engine, settings_.patience_s);
  record::State state;
  try {
    state = engine_->simulate(model, [](const record::Progress&) {});
  } catch (const Error& error) {
    if (error.cause() == Cause::unavailable) engine_.reset();
    throw;
  }
  (state.how == "reweighted" ? reweighted : run) += 1;
  cpu_seconds += state.cpu_seconds;
  if (fitted_to) find_fractions(state, model, *fitted_to, extraction_);
  write_run([&](record::Record record) { return out_.write(std::move(record)); }, model, state);
  auto digital = found_in(state, extraction_, settings_.engine);
  const std::string id = extraction_ ? out_.write(digital) : state.header.id;
  written[state.header.id] = {state.model, id};
  return evaluation_of(model, state, digital, confirmation);
}

Companion::Companion(SharedOutput& out, DigitalSide& digital, Model model)
    : out_(out), digital_(digital), model_(std::move(model)) {
  current_ = record::alternatives_of(model_).front();
  seed_ = model_.seed;
}

Verdict Companion::take(const Result& measured) {
  take_inputs(model_, measured);
  Model predicted = match::carried(record::with_alternative(model_, current_), beliefs_[current_]);
  predicted.seed = seed_;  // kept: the engine may answer from the ensemble that it has
  Evaluation run = digital_.simulate(predicted, true);
  Verdict verdict = match::predicted(measured, run, predicted);
  verdict.run = 1;
  verdict.budget = model_.budget;
  if (!measured.converged) return verdict;  // of which nothing is learned
  if (verdict.answer != Answer::no_match && run.equilibrated) {
    beliefs_[current_] = match::learned(measured, predicted, run);
    patience_ = rest_ = 0;
    return verdict;
  }
  if (rest_ > 0) {
    --rest_;
    return verdict;
  }
  return search(measured, std::move(run));
}

/// Led to its best within the model's own priors and budget.
Companion::Found Companion::best_of(const Result& measured, const std::string& alternative,
                                    std::optional<Evaluation> first) {
  Model model = record::with_alternative(model_, alternative);
  model.seed = next_seed();
  std::map<std::string, double> start;
  for (const auto& parameter : model.free) start[parameter.name] = parameter.value;
  if (first) {
    first->confirmation = false;  // from here on it is fitted to
    model.history = {*first};
  }
  auto now = match::outlook(measured, model, alternative, start);
  while (now.next && !interrupted()) {
    model = std::move(*now.next);
    model.history.push_back(
        digital_.simulate(model, now.confirmation, now.as_asked ? nullptr : &measured));
    now = match::outlook(measured, model, alternative, start);
  }
  if (model.history.empty())
    throw Error(Cause::configuration, "budget: no simulation is allowed: nothing can be followed");
  now.verdict.standings = {now.standing};
  return {std::move(now.verdict), model.history.back()};
}

/// What another alternative's simulations bring; where they fail it is passed over, and told.
template <class Call>
auto Companion::tried(const std::string& alternative, const Call& call)
    -> std::optional<decltype(call())> {
  try {
    return call();
  } catch (const Error& error) {
    const Cause cause = error.cause();
    if (interrupted() || cause == Cause::closed_pipe || cause == Cause::output) throw;
    out_.fail(error, alternative);
    return std::nullopt;
  }
}

/// What is searched, the likeliest first. As long as its own priors may explain the record that is
/// the alternative that held so far; else each of the others is run once.
std::vector<Companion::Candidate> Companion::candidates(const Result& measured,
                                                        Evaluation predicted) {
  const auto others_first = [&] {
    if (!predicted.equilibrated) return false;
    const Model own = record::with_alternative(model_, current_);
    return match::is_excluded(match::predicted(measured, predicted, own));
  };
  std::vector<Candidate> out;
  const bool to_be_ranked = others_first();
  const auto add = [&](const std::string& name, std::optional<Evaluation> run) {
    const Model own = record::with_alternative(model_, name);
    const double chi2 = run ? match::predicted(measured, *run, own).chi2 : 0;
    out.push_back({name, std::move(run), chi2});
  };
  add(current_, std::move(predicted));
  for (const auto& other : record::alternatives_of(model_)) {
    if (other == current_ || interrupted()) continue;
    if (!to_be_ranked) {
      add(other, std::nullopt);
      continue;
    }
    Model first = record::with_alternative(model_, other);
    first.seed = next_seed();
    if (auto run = tried(other, [&] { return digital_.simulate(first, false, &measured); }))
      add(other, std::move(run));
  }
  if (to_be_ranked) std::ranges::stable_sort(out, {}, &Candidate::chi2);
  return out;
}

Verdict Companion::search(const Result& measured, Evaluation predicted) {
  const bool expected = predicted.equilibrated;  // else there was nothing to be wrong
  std::vector<record::Standing> standings;
  std::optional<Found> here;
  for (auto& candidate : candidates(measured, std::move(predicted))) {
    if (interrupted() && here) break;
    const bool other = candidate.name != current_;
    const auto searched = [&] {
      return best_of(measured, candidate.name, std::move(candidate.run));
    };
    std::optional<Found> tried_one = other ? tried(candidate.name, searched) : searched();
    if (!tried_one) continue;
    Found& found = *tried_one;
    standings.push_back(found.verdict.standings.front());
    // Open for the size of the errors alone: this is the best that is known.
    const bool fits = found.verdict.answer != Answer::no_match &&
                      !match::is_excluded(found.verdict) && !match::is_doubtful(found.verdict);
    if (found.verdict.answer == Answer::match || (fits && found.last.equilibrated)) {
      const std::string left = std::exchange(current_, candidate.name);
      if (left != current_)
        tell_change("alternative-changed", left, left + " fits no longer, " + current_ + " does",
                    measured);
      else if (expected)
        tell_change("model-moved", current_,
                    "the model had to be searched anew: " +
                        match::parameters_text(found.verdict.parameters),
                    measured);
      found.verdict.standings = std::move(standings);
      return keep(measured, found);
    }
    if (!other || !here) here = std::move(found);
  }
  here->verdict.standings = std::move(standings);
  beliefs_.erase(current_);  // what was believed led to nothing
  patience_ = std::clamp(2 * patience_, 1, 16);
  rest_ = patience_;
  return std::move(here->verdict);
}

Verdict Companion::keep(const Result& measured, const Found& found) {
  const Model model = record::with_alternative(model_, current_);
  beliefs_[current_] = match::learned(measured, model, found.last);
  patience_ = rest_ = 0;
  seed_ = found.last.seed;
  return found.verdict;
}

void Companion::foretell() {
  const std::string here = record::structure_of(current_);
  for (const auto& one : model_.transitions) {
    const std::string& there = here == one.from ? one.to : one.from;
    if ((here != one.from && here != one.to) || foretold_[there] >= foretold_at_most) continue;
    const Model now = record::with_alternative(model_, current_);
    const std::string name = record::alternative_name(
        there == record::own_structure ? std::string() : there, now.potential);
    Model next = record::with_alternative(model_, name);
    next.seed = next_seed();
    const bool done = tried(name, [&] { return digital_.simulate(next, false); }).has_value();
    foretold_[there] = done ? foretold_at_most : foretold_[there] + 1;
  }
}

void Companion::tell_change(const std::string& what, const std::string& from, std::string text,
                            const Result& measured) {
  record::Event event;
  event.what = what;
  event.first = from;
  event.second = current_;
  event.text = std::move(text);
  event.header.from = {measured.header.id};
  cli::note("scan " + printable(measured.context.scan) + ": " + printable(event.text));
  out_.write(std::move(event));
}

}  // namespace twin::app
