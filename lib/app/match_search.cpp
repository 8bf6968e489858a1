// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_search.h"

#include <optional>
#include <utility>

#include "app/engine_client.h"
#include "app/extract_state.h"
#include "app/load_model.h"
#include "app/match_figure.h"
#include "app/match_report.h"
#include "app/match_sides.h"
#include "app/next_model.h"
#include "app/recipe_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "match/report.h"
#include "match/search.h"

namespace twin::app {

using record::Model;
using record::Result;
using record::Verdict;

namespace {

class Search {
 public:
  Search(Session& session, const MatchSettings& settings)
      : session_(session), settings_(settings), model_(load_model(settings.model)) {
    std::string recipe_sha256;
    if (!model_.measure_with.empty()) {
      const auto recipe = checked_recipe(model_.measure_with);
      recipe_sha256 = recipe.sha256;
      extraction_.emplace(recipe);
    }
    picture_.measured = measured_result(settings, recipe_sha256);
    take_inputs(model_, picture_.measured);
    apply(settings, model_);
    if (model_.potential.empty()) model_.potential = model_.potentials.front();
    engine_.emplace(settings.engine, settings.patience_s);
  }

  void run() {
    step_ = match::decide(picture_.measured, model_);
    try {
      go_on();
      session_.status = status_of(step_.verdict, false);
    } catch (const Error& error) {
      give_up(error);
    }
    cli::end_progress();
    cli::block(match::table(step_.verdict));
    picture_.verdict = step_.verdict;
    picture_.model = model_;
    picture_.verdict.model = model_id_;
    if (!settings_.next.empty()) write_next(settings_.next, model_);
    if (!settings_.figure.empty()) draw_or_say(picture_, settings_.figure);
    if (!settings_.report.empty())
      write_report(picture_, session_.start, trouble_, settings_.report);
  }

 private:
  void go_on() {
    while (step_.next && !interrupted()) {
      model_ = std::move(*step_.next);
      simulate(step_.confirmation);
      step_ = match::decide(picture_.measured, model_);
      finish(step_.verdict);
    }
  }

  // What was simulated before is not lost with the engine: the verdict on it stands, and --next
  // has it.
  void give_up(const Error& error) {
    const bool closed = error.cause() == Cause::closed_pipe || error.cause() == Cause::output;
    if (interrupted() || closed) {
      if (!settings_.next.empty()) write_next(settings_.next, model_);
      throw error;
    }
    session_.status = static_cast<int>(error.cause());
    session_.fail(error, "");
    trouble_ = error.what();
  }

  void simulate(bool confirmation) {
    auto state = engine_->simulate(model_, [&](const record::Progress& p) {
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
    if (state.potential.empty()) state.potential = model_.potential;
    state.header.id = session_.out.write(state);
    auto digital = found_in(state);
    digital_id_ = digital.header.id;
    model_.history.push_back(evaluation_of(model_, state, digital, confirmation));
    picture_.simulated[model_.history.back().alternative] = std::move(digital);
  }

  // By the model's recipe; without one, what the state says itself.
  Result found_in(const record::State& state) {
    if (!extraction_) return own_result(state);
    if (state.simulated.empty())
      throw Error(Cause::data, "engine " + settings_.engine +
                                   ": its state has no simulated measurement; expected one, or a "
                                   "model without measure_with");
    auto digital = extract_state(*extraction_, state, state.simulated.front());
    digital.header.from = {state.header.id};
    digital.header.id = session_.out.write(digital);
    return digital;
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
  std::optional<XasExtraction> extraction_;
  std::optional<EngineClient> engine_;
  match::Step step_;
  MatchPicture picture_;
  std::string digital_id_, model_id_;  // of the newest run
  std::string trouble_;                // why the search ended before its time
};

}  // namespace

void search(Session& session, const MatchSettings& settings) { Search(session, settings).run(); }

}  // namespace twin::app
