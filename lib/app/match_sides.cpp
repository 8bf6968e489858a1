// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_sides.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "app/state_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "core/units.h"
#include "match/report.h"
#include "stream/reader.h"

namespace twin::app {

using record::Answer;
using record::Evaluation;
using record::Model;
using record::Result;
using record::State;
using record::Verdict;

namespace {

void free_temperature(Model& model) {
  if (std::ranges::find(model.free, "temperature", &record::FreeParameter::name) !=
      model.free.end())
    return;
  const double start = model.temperature.value_or(300.0);
  record::FreeParameter t;
  t.name = "temperature";
  t.unit = "K";
  t.value = start;
  t.lower = 1.0;
  t.upper = std::max(1200.0, 2 * start);
  model.free.push_back(t);
}

/// The last measured results by a recipe (by any when ""): of the scan that is asked for, which may
/// be any, and of the others.
struct Last {
  std::string recipe;
  std::optional<Result> of_scan{}, of_others{};
};

/// Reads --with once: it may be a pipe.
/// \return  which measured results there are, for people
std::string read_last(const MatchSettings& settings, std::vector<Last>& last) {
  stream::Reader reader(settings.with);
  std::vector<std::string> seen;
  while (auto item = reader.next()) {
    auto* result = std::get_if<Result>(&item->record);
    if (result == nullptr || result->origin != record::Origin::physical) continue;
    seen.push_back(result->context.scan + " by " + result->recipe_name);
    const auto own = std::ranges::find_if(last, [&](const Last& each) {
      return each.recipe.empty() || each.recipe == result->recipe_sha256;
    });
    if (own == last.end()) continue;
    const bool asked = settings.scan.empty() || result->context.scan == settings.scan;
    (asked ? own->of_scan : own->of_others) = std::move(*result);
  }
  if (const auto trouble = reader.trouble()) cli::warning("--with: " + *trouble);
  return seen.empty() ? "none at all" : printable(join(seen, ", "));
}

Result the_one(const std::optional<Result>& found, const MatchSettings& settings,
               const std::string& recipe_sha256, const std::string& seen) {
  if (!found)
    throw Error(Cause::data,
                "--with: no measured result" +
                    (settings.scan.empty() ? "" : " of scan " + printable(settings.scan)) +
                    (recipe_sha256.empty() ? "" : " by the model's recipe") +
                    "; there are: " + seen);
  check_covariances(*found);
  return *found;
}

}  // namespace

Result measured_result(const MatchSettings& settings, const std::string& recipe_sha256) {
  std::vector<Last> last{{recipe_sha256}};
  const std::string seen = read_last(settings, last);
  return the_one(last.front().of_scan, settings, recipe_sha256, seen);
}

Result measured_result(const MatchSettings& settings, const JointExtraction& extraction) {
  const auto recipes = extraction.recipes();
  if (recipes.size() == 1) return measured_result(settings, recipes.front());
  std::vector<Last> last;
  for (const auto& recipe : recipes) last.push_back({recipe});
  const std::string seen = read_last(settings, last);
  std::vector<Result> results;
  auto any = settings;  // of an edge without a result of that scan
  any.scan.clear();
  for (auto& each : last)
    results.push_back(each.of_scan ? the_one(each.of_scan, settings, each.recipe, seen)
                                   : the_one(each.of_others, any, each.recipe, seen));
  if (std::ranges::none_of(last, [](const Last& each) { return each.of_scan.has_value(); }))
    throw Error(Cause::data, "--with: no measured result of scan " + printable(settings.scan) +
                                 " by one of the model's recipes");
  return extraction.joined(std::move(results));
}

void check_covariances(const Result& measured) {
  for (const auto* covariance : {&measured.covariance, &measured.covariance_sys})
    if (const auto fault = fault_of(*covariance); !fault.empty())
      throw Error(Cause::data, "scan " + printable(measured.context.scan) + ": " + fault);
}

Evaluation evaluation_of(const Model& model, const State& state, const Result& digital,
                         bool confirmation) {
  Evaluation out;
  out.alternative = record::alternative_name(model.alternative, state.potential);
  for (const auto& free : model.free) {
    const auto ran = state.parameters.find(free.name);
    const bool told = ran != state.parameters.end() && ran->second.value;
    out.parameters[free.name] = told ? *ran->second.value : free.value;
  }
  out.quantities = digital.quantities;
  out.covariance = digital.covariance;
  out.jacobian = digital.jacobian;
  out.seed = state.seed.value_or(model.seed);
  out.confirmation = confirmation;
  out.equilibrated = state.equilibrated && digital.converged;
  out.state = state.header.id;
  out.ensemble = state.ensemble;
  return out;
}

Result own_result(const State& state) {
  Result out;
  out.header.id = state.header.id;
  out.header.from = state.header.from;
  out.origin = record::Origin::digital;
  out.context = state.context;
  out.quantities = state.quantities;
  out.covariance = state.covariance;
  out.jacobian = state.jacobian;
  out.arrays = state.arrays;
  return out;
}

Result found_in(const State& state, const std::optional<JointExtraction>& extraction,
                const std::string& engine) {
  if (!extraction) return own_result(state);
  auto digital = extraction->extract(state, engine);
  digital.header.from = {state.header.id};
  return digital;
}

void write_run(const std::function<std::string(record::Record)>& write, const Model& model,
               State& state) {
  record::ModelRecord asked;
  asked.model = model;
  asked.model.history.clear();
  state.header = {};
  state.model = write(std::move(asked));
  state.header.from = {state.model};
  if (state.potential.empty()) state.potential = model.potential;
  state.header.id = write(state);
}

void take_inputs(Model& model, const Result& measured) {
  const auto t = measured.context.environment.find("temperature");
  if (t == measured.context.environment.end() || !t->second.value) return;
  if (!model.temperature_from_measurement) return;
  const auto& unit = t->second.unit;
  model.temperature = convert(*t->second.value, unit, "K");
  model.temperature_sigma = t->second.sigma_total();  // a kelvin is as large as a degree
}

void apply(const MatchSettings& settings, Model& model) {
  if (!model.history.empty()) return;
  if (settings.free_temperature) free_temperature(model);
  if (!settings.potential.empty()) model.potentials = {settings.potential};
}

void apply_to_search(const MatchSettings& settings, Model& model) {
  apply(settings, model);
  if (settings.budget > 0) model.budget = static_cast<int>(settings.budget);
  if (model.potential.empty()) model.potential = model.potentials.front();
}

int status_of(const Verdict& verdict, bool more) {
  if (more) return status_not_yet;
  switch (verdict.answer) {
    case Answer::match:
      return 0;
    case Answer::no_match:
      return status_stopped;
    default:
      return verdict.run >= verdict.budget ? status_stopped : status_inconclusive;
  }
}

void tell(const Verdict& verdict) { cli::note(match::one_line(verdict, utc_now().substr(11, 8))); }

}  // namespace twin::app
