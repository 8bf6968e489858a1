// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "app/engine_client.h"
#include "app/extract_state.h"
#include "app/load_model.h"
#include "app/match_figure.h"
#include "app/next_model.h"
#include "app/read_all.h"
#include "app/recipe_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "core/units.h"
#include "match/report.h"
#include "match/search.h"
#include "plot/figure.h"
#include "stream/documents.h"

namespace twin::app {

using record::Answer;
using record::Evaluation;
using record::Model;
using record::Result;
using record::State;
using record::Verdict;

namespace {

constexpr int status_not_yet = 1, status_stopped = 3, status_inconclusive = 4;

// The measured result that is asked for: the last one of that scan and recipe.
Result measured_result(const MatchSettings& settings, const std::string& recipe_sha256) {
  stream::Reader reader(settings.with);
  std::optional<Result> found;
  std::vector<std::string> seen;
  while (auto item = reader.next()) {
    auto* result = std::get_if<Result>(&item->record);
    if (result == nullptr || result->origin != record::Origin::physical) continue;
    seen.push_back(result->context.scan + " by " + result->recipe_name);
    if (!settings.scan.empty() && result->context.scan != settings.scan) continue;
    if (!recipe_sha256.empty() && result->recipe_sha256 != recipe_sha256) continue;
    found = std::move(*result);
  }
  if (!found)
    throw Error(Cause::data,
                "--with: no measured result" +
                    (settings.scan.empty() ? "" : " of scan " + printable(settings.scan)) +
                    " by the model's recipe; there are: " + join(seen, ", "));
  if (const auto trouble = reader.trouble()) cli::warning("--with: " + *trouble);
  return std::move(*found);
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

// The measured temperature enters the model where the model asks for it.
void take_inputs(Model& model, const Result& measured) {
  const auto t = measured.context.environment.find("temperature");
  if (t == measured.context.environment.end() || !t->second.value) return;
  if (!model.temperature_from_measurement) return;
  const auto& unit = t->second.unit;
  model.temperature = convert(*t->second.value, unit, "K");
  model.temperature_sigma = t->second.sigma_total();  // a kelvin is as large as a degree
}

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

// Before the first run: what the command line asks of the model.
void apply(const MatchSettings& settings, Model& model) {
  if (!model.history.empty()) return;
  if (settings.free_temperature) free_temperature(model);
  if (!settings.potential.empty()) model.potentials = {settings.potential};
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

// A search that drives an engine by itself.
class Iteration {
 public:
  Iteration(Session& session, const MatchSettings& settings)
      : session_(session),
        settings_(settings),
        model_(load_model(settings.model)),
        recipe_(checked_recipe(model_.measure_with)),
        extraction_(recipe_),
        engine_(settings.engine) {
    picture_.measured = measured_result(settings, recipe_.sha256);
    take_inputs(model_, picture_.measured);
    apply(settings, model_);
    if (model_.potential.empty()) model_.potential = model_.potentials.front();
  }

  void run() {
    auto step = match::decide(picture_.measured, model_);
    while (step.next && !interrupted()) {
      model_ = std::move(*step.next);
      simulate(step.confirmation);
      step = match::decide(picture_.measured, model_);
      finish(step.verdict);
    }
    cli::end_progress();
    cli::block(match::table(step.verdict));
    picture_.verdict = step.verdict;
    picture_.model = model_;
    if (!settings_.figure.empty()) draw_match(picture_, settings_.figure);
    if (!settings_.next.empty()) write_next(settings_.next, model_);
    session_.status = status_of(step.verdict, false);
  }

 private:
  void simulate(bool confirmation) {
    auto state = engine_.simulate(model_, [&](const record::Progress& p) {
      cli::progress(record::alternative_name(model_.alternative, model_.potential) + ": " +
                    p.stage + " " + std::to_string(static_cast<int>(100 * p.fraction)) + " %");
    });
    state.header = {};
    record::ModelRecord record;
    record.model = model_;
    record.model.history.clear();
    model_id_ = session_.out.write(record);
    state.model = model_id_;
    state.header.from = {state.model};
    if (state.simulated.empty())
      throw Error(Cause::data,
                  "engine " + settings_.engine + ": its state has no simulated measurement");
    const auto simulated = state.simulated.front();
    state.header.id = session_.out.write(state);
    auto digital = extract_state(extraction_, state, simulated);
    digital.header.from = {state.header.id};
    digital_id_ = session_.out.write(digital);
    model_.history.push_back(evaluation_of(model_, state, digital, confirmation));
    picture_.simulated[model_.history.back().alternative] = std::move(digital);
  }

  void finish(Verdict verdict) {
    tell(verdict);
    verdict.header.from = {picture_.measured.header.id, digital_id_};
    verdict.model = model_id_;
    session_.out.write(std::move(verdict));
  }

  Session& session_;
  const MatchSettings& settings_;
  Model model_;
  record::Recipe recipe_;
  XasExtraction extraction_;
  EngineClient engine_;
  MatchPicture picture_;
  std::string digital_id_, model_id_;  // of the newest run
};

// Results come on stdin, from twin-simulate through twin-extract: one step of the search.
class OneStep {
 public:
  OneStep(Session& session, const MatchSettings& settings)
      : session_(session), settings_(settings) {}

  void take(stream::Item item) {
    if (auto* m = std::get_if<record::ModelRecord>(&item.record)) model_ = *m;
    if (auto* s = std::get_if<State>(&item.record)) state_ = *s;
    auto* result = std::get_if<Result>(&item.record);
    std::optional<Result> digital;
    if (result != nullptr && result->origin == record::Origin::digital) digital = *result;
    session_.out.write(std::move(item.record));
    if (digital) compare(*digital);
  }

  [[nodiscard]] bool compared() const { return compared_; }

 private:
  void compare(const Result& digital) {
    if (!model_ || !state_)
      throw Error(Cause::data,
                  "a digital result without its model and state; give twin-match the "
                  "stream of twin-simulate through twin-extract");
    compared_ = true;
    auto model = model_->model;
    const auto measured = measured_result(settings_, digital.recipe_sha256);
    apply(settings_, model);
    const auto asked = model.temperature;
    take_inputs(model, measured);
    if (asked && model.temperature && std::abs(*asked - *model.temperature) > 1e-6 * *asked)
      return other_temperature(measured, digital, std::move(model), *asked);
    model.history.push_back(evaluation_of(model, *state_, digital, false));
    auto step = match::decide(measured, model);
    if (step.next && !settings_.next.empty())
      step.verdict.next = write_next(settings_.next, *step.next);
    tell(step.verdict);
    cli::block(match::table(step.verdict));
    session_.status = status_of(step.verdict, step.next.has_value());
    step.verdict.header.from = {measured.header.id, digital.header.id};
    step.verdict.model = model_->header.id;
    if (!settings_.figure.empty())
      draw_match({measured, {{alternative(model), digital}}, model, step.verdict},
                 settings_.figure);
    session_.out.write(std::move(step.verdict));
  }

  [[nodiscard]] std::string alternative(const Model& model) const {
    return record::alternative_name(model.alternative, state_->potential);
  }

  // The twin ran at another temperature than the sample had: nothing to compare. The next model is
  // the same at the measured one.
  void other_temperature(const Result& measured, const Result& digital, Model model, double ran) {
    Verdict verdict;
    verdict.scan = measured.context.scan;
    verdict.alternative = alternative(model);
    verdict.model = model_->header.id;
    verdict.header.from = {measured.header.id, digital.header.id};
    verdict.budget = model.budget;
    verdict.reason = "the twin ran at " + shortest(ran) + " K, the sample was at " +
                     with_uncertainty(*model.temperature, model.temperature_sigma) +
                     " K: to be run again at the measured temperature";
    model.written_by = "twin-match";
    if (!settings_.next.empty()) verdict.next = write_next(settings_.next, model);
    tell(verdict);
    session_.status = status_not_yet;
    session_.out.write(std::move(verdict));
  }

  Session& session_;
  const MatchSettings& settings_;
  std::optional<record::ModelRecord> model_;
  std::optional<State> state_;
  bool compared_ = false;
};

}  // namespace

void match(Session& session, const MatchSettings& settings) {
  if (settings.with.empty())
    throw Error(Cause::usage, "--with: nothing to compare with; give a file of measured results");
  if (!settings.figure.empty()) plot::check_target(settings.figure);
  if (!settings.engine.empty()) {
    if (settings.model.empty()) throw Error(Cause::usage, "--engine needs --model FILE");
    Iteration(session, settings).run();
    return;
  }
  OneStep step(session, settings);
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) { step.take(std::move(item)); });
  if (!step.compared()) {
    cli::error("nothing was compared: no digital result came in");
    if (session.status == 0) session.status = static_cast<int>(Cause::data);
  }
}

}  // namespace twin::app
