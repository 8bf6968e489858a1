// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match.h"

#include <cmath>
#include <optional>
#include <utility>

#include "app/follow.h"
#include "app/match_figure.h"
#include "app/match_report.h"
#include "app/match_search.h"
#include "app/match_sides.h"
#include "app/next_model.h"
#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "match/report.h"
#include "match/search.h"
#include "plot/figure.h"

namespace twin::app {

using record::Model;
using record::Result;
using record::State;
using record::Verdict;

namespace {

// Results come on stdin, from twin-simulate through twin-extract: one step of the search.
class OneStep {
 public:
  OneStep(Session& session, const MatchSettings& settings)
      : session_(session), settings_(settings) {}

  void take(stream::Item item) {
    if (auto* m = std::get_if<record::ModelRecord>(&item.record)) {
      compare_state();
      model_ = *m;
    }
    if (auto* s = std::get_if<State>(&item.record)) {
      state_ = *s;
      waits_ = true;
    }
    auto* result = std::get_if<Result>(&item.record);
    std::optional<Result> digital;
    if (result != nullptr && result->origin == record::Origin::digital) digital = *result;
    session_.out.write(std::move(item.record));
    if (digital) compare(*digital);
  }

  // A state that nobody extracted anything from, of a model that wants no extraction: by its own
  // quantities.
  void compare_state() {
    if (waits_ && model_ && state_ && model_->model.measure_with.empty())
      compare(own_result(*state_));
  }

  [[nodiscard]] bool compared() const { return compared_; }

 private:
  void compare(const Result& digital) {
    if (!model_ || !state_)
      throw Error(Cause::data,
                  "a digital result without its model and state; give twin-match the "
                  "stream of twin-simulate through twin-extract");
    if (model_->model.measure_with.size() > 1)
      throw Error(Cause::configuration,
                  "measure_with: several recipes are compared by a search alone; expected one, or "
                  "--engine");
    compared_ = true;
    waits_ = false;
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
    const MatchPicture picture{measured, {{alternative(model), digital}}, model, step.verdict};
    if (!settings_.figure.empty()) draw_or_say(picture, settings_.figure);
    if (!settings_.report.empty()) write_report(picture, session_.start, "", settings_.report);
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
    session_.status = status_of(verdict, true);
    session_.out.write(std::move(verdict));
  }

  Session& session_;
  const MatchSettings& settings_;
  std::optional<record::ModelRecord> model_;
  std::optional<State> state_;
  bool compared_ = false;
  bool waits_ = false;  // the newest state has not been compared
};

}  // namespace

void match(Session& session, const MatchSettings& settings) {
  if (settings.follow) {
    if (settings.model.empty() || settings.engine.empty())
      throw Error(Cause::usage, "--follow needs --model FILE and --engine COMMAND");
    const bool more = !settings.with.empty() || !settings.scan.empty() || !settings.next.empty() ||
                      !settings.figure.empty() || !settings.report.empty() ||
                      !settings.resume.empty() || settings.time_s > 0;
    if (more)
      throw Error(Cause::usage,
                  "--follow takes results as they come: without --with, --scan, --next, --plot, "
                  "--report, --resume and --time");
    return follow(session, settings);
  }
  if (settings.with.empty())
    throw Error(Cause::usage, "--with: nothing to compare with; give a file of measured results");
  if (!settings.report.empty()) check_report(settings.report);
  if (!settings.figure.empty()) plot::check_target(settings.figure);
  if (!settings.engine.empty()) {
    if (settings.model.empty()) throw Error(Cause::usage, "--engine needs --model FILE");
    return search(session, settings);
  }
  if (!settings.resume.empty() || settings.budget > 0 || settings.time_s > 0)
    throw Error(Cause::usage, "--resume, --budget and --time are of a search: they need --engine");
  OneStep step(session, settings);
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) { step.take(std::move(item)); });
  step.compare_state();
  if (!step.compared()) {
    cli::error("nothing was compared: no digital result came in");
    if (session.status == 0) session.status = static_cast<int>(Cause::data);
  }
}

}  // namespace twin::app
