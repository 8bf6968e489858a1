// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_search.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "app/engine_client.h"
#include "app/load_model.h"
#include "app/match_figure.h"
#include "app/match_mixture.h"
#include "app/match_report.h"
#include "app/match_resume.h"
#include "app/match_sides.h"
#include "app/next_model.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
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
    if (!model_.measure_with.empty()) {
      extraction_.emplace(model_.measure_with);
      recipe_sha256_ = extraction_->sha256();
    }
    check_phases(model_);
    picture_.measured = extraction_ ? measured_result(settings, *extraction_)
                                    : measured_result(settings, recipe_sha256_);
    take_inputs(model_, picture_.measured);
    apply_to_search(settings, model_);
    engine_.emplace(settings.engine, settings.patience_s);
  }

  void run() {
    step_ = match::decide(picture_.measured, model_);
    resume();
    try {
      go_on();
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
      if (settings_.time_s > 0 && monotonic_seconds() - started_ >= settings_.time_s)
        return stop_for_time();
      model_ = std::move(*step_.next);
      simulate(step_.confirmation, step_.as_asked);
      step_ = match::decide(picture_.measured, model_);
      tell(step_.verdict);
      write(step_.verdict);
    }
    session_.status = status_of(step_.verdict, false);
  }

  void stop_for_time() {
    auto& verdict = step_.verdict;
    verdict.answer = record::Answer::inconclusive;
    verdict.reason = "time of " + shortest(settings_.time_s) + " s used after " +
                     std::to_string(verdict.run) + " simulations; last: " + verdict.reason;
    model_ = std::move(*step_.next);  // where --next goes on
    tell(verdict);
    write(verdict);
    session_.status = status_stopped;
  }

  // What earlier searches simulated becomes the history, step by step: the search that they were
  // part of is gone through again, and goes on where it was.
  void resume() {
    const auto before =
        settings_.resume.empty() ? std::vector<Simulated>{} : read_simulated(settings_.resume);
    int taken = 0;
    for (const auto& one : before) {
      const auto key = difference_of(one.model.model, model_);
      if (!key.empty())
        throw Error(Cause::data, "--resume: " + printable(one.source) + ": its model has another " +
                                     key + " than " + printable(settings_.model) +
                                     "; expected simulations of the same model");
      if (std::ranges::find(model_.history, one.state.header.id, &record::Evaluation::state) !=
          model_.history.end())
        continue;
      take(one);
      ++taken;
    }
    if (!settings_.resume.empty())
      cli::note("resumed with " + std::to_string(taken) + " simulations");
  }

  void take(const Simulated& one) {
    const auto& ran = one.model.model;
    const bool asked = step_.next && is_same_run(ran, *step_.next);
    const bool confirmation = asked && step_.confirmation;
    if (asked) {
      model_ = std::move(*step_.next);
    } else {
      for (auto& free : model_.free)
        free.value = std::ranges::find(ran.free, free.name, &record::FreeParameter::name)->value;
      model_.seed = ran.seed;
      model_.potential = ran.potential;
      model_.alternative = ran.alternative;
    }
    model_id_ = session_.out.write(one.model);
    session_.out.write(one.state);
    learn(one.state, one.digital, confirmation);
    step_ = match::decide(picture_.measured, model_);
    write(step_.verdict);
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

  void simulate(bool confirmation, bool as_asked) {
    auto state = engine_->simulate(model_, [&](const record::Progress& p) {
      cli::progress(record::alternative_name(model_.alternative, model_.potential) + ": " +
                    p.stage + " " + std::to_string(static_cast<int>(100 * p.fraction)) + " %");
    });
    if (!as_asked) find_fractions(state, model_, picture_.measured, extraction_);
    write_run([&](record::Record record) { return session_.out.write(std::move(record)); }, model_,
              state);
    model_id_ = state.model;
    learn(state, {}, confirmation);
  }

  void learn(const record::State& state, const std::optional<Result>& known, bool confirmation) {
    auto digital = found(state, known);
    digital_id_ = digital.header.id;
    ids_[state.header.id] = {model_id_, digital_id_};
    model_.history.push_back(evaluation_of(model_, state, digital, confirmation));
    picture_.simulated[model_.history.back().alternative] = std::move(digital);
  }

  Result found(const record::State& state, const std::optional<Result>& known) {
    if (extraction_ && known && known->recipe_sha256 == recipe_sha256_) {
      session_.out.write(*known);
      return *known;
    }
    auto digital = found_in(state, extraction_, settings_.engine);
    if (extraction_) digital.header.id = session_.out.write(digital);
    return digital;
  }

  void write(Verdict verdict) {
    // Of the run that it judges, which need not be the newest.
    const auto judged = ids_.find(verdict.header.from.empty() ? "" : verdict.header.from.back());
    verdict.header.from = {picture_.measured.header.id};
    const std::string& digital = judged == ids_.end() ? digital_id_ : judged->second.second;
    if (!digital.empty()) verdict.header.from.push_back(digital);
    verdict.model = judged == ids_.end() ? model_id_ : judged->second.first;
    session_.out.write(std::move(verdict));
  }

  Session& session_;
  const MatchSettings& settings_;
  Model model_;
  std::string recipe_sha256_;
  std::optional<JointExtraction> extraction_;
  std::optional<EngineClient> engine_;
  match::Step step_;
  MatchPicture picture_;
  std::string digital_id_, model_id_;                               // of the newest run
  std::map<std::string, std::pair<std::string, std::string>> ids_;  // these, by the id of the state
  double started_ = monotonic_seconds();
  std::string trouble_;  // why the search ended before its time
};

}  // namespace

void search(Session& session, const MatchSettings& settings) { Search(session, settings).run(); }

}  // namespace twin::app
