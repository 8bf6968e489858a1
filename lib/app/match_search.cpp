// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_search.h"

#include <utility>

#include "app/engine_client.h"
#include "app/extract_state.h"
#include "app/load_model.h"
#include "app/match_figure.h"
#include "app/match_sides.h"
#include "app/next_model.h"
#include "app/recipe_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "match/report.h"
#include "match/search.h"

namespace twin::app {

using record::Model;
using record::Verdict;

namespace {

class Search {
 public:
  Search(Session& session, const MatchSettings& settings)
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

}  // namespace

void search(Session& session, const MatchSettings& settings) { Search(session, settings).run(); }

}  // namespace twin::app
