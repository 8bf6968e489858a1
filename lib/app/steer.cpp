// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <optional>
#include <utility>
#include <variant>

#include "app/command_file.h"
#include "app/read_all.h"
#include "app/spent_dose.h"
#include "app/steer_figure.h"
#include "app/steer_log.h"
#include "app/steer_replay.h"
#include "app/steer_scores.h"
#include "app/steering.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/time.h"
#include "steer/threshold.h"
#include "stream/documents.h"

namespace twin::app {

namespace {

/// Of log R; none where nothing is watched as it comes.
std::optional<double> threshold_of(const record::Policy& policy) {
  if (!policy.baseline) return std::nullopt;
  return twin::steer::log_threshold({policy.false_alarms, policy.per_samples, policy.calibrated});
}

/// Hands what comes to Steering, with the clock, and does what that says.
class Steerer {
 public:
  Steerer(Session& session, const SteerSettings& settings)
      : session_(session),
        policy_(settings.read ? *settings.read : stream::read_policy(settings.policy)),
        figure_(session.common.plot, policy_, threshold_of(policy_)),
        file_(settings.commands.empty() ? policy_.command_file : settings.commands, seconds_now()),
        dose_(policy_.baseline ? policy_.dose_file : "", seconds_now()),
        steering_(policy_, beginning(), scores_of(policy_, settings.basis)) {
    if (!settings.log.empty())
      log_.emplace(settings.log, SteerLogBeginning{utc_now(), session.start, policy_, beginning()});
  }

  void take(stream::Item item) {
    const auto* result = std::get_if<record::Result>(&item.record);
    const bool measured = result && result->origin == record::Origin::physical;
    any_ = any_ || measured;
    auto matter = steering_.matter_of(item.record);
    if (measured && policy_.scores) scores_told_.take(result->context.scan, steering_.scored());
    if (matter) carry_out({SteerInput::Kind::record, utc_now(), std::move(matter)});
    if (record::is_control(item.record) || std::holds_alternative<record::Verdict>(item.record))
      session_.out.write(std::move(item.record));
  }

  void end() { carry_out({SteerInput::Kind::end, utc_now()}); }

  /// \throws Error{data}  no measured results came, or none that could be watched
  void check() const {
    if (!any_) throw Error(Cause::data, "no measured results came in: nothing to compare");
    scores_told_.end(policy_);
  }

  /// The safe mode is asked for also where that can't be logged.
  void rest(const std::string& reason) {
    const SteerInput input{SteerInput::Kind::rest, utc_now(), {}, reason};
    const auto answer = steering_.answer_to(input);
    try {
      log(input, answer);
    } catch (const Error&) {
      if (answer.put) file_.put(*answer.put);
      throw;
    }
    if (answer.put) file_.put(*answer.put);
  }

 private:
  [[nodiscard]] SteerBeginning beginning() const {
    return {session_.start_id, file_.number(), dose_.spent_Gy(), dose_.counted_until()};
  }

  void carry_out(const SteerInput& input) {
    const auto answer = steering_.answer_to(input);
    log(input, answer);
    if (answer.dose)
      dose_.keep(answer.dose->spent_Gy, answer.dose->until, parse_utc(input.time).value());
    draw(input, answer);
    for (const auto& record : answer.records) {
      if (const auto* event = std::get_if<record::Event>(&record)) cli::note(event->text);
      session_.out.write(record);
    }
    if (!answer.note.empty()) cli::note(answer.note);
    if (answer.put) file_.put(*answer.put);
  }

  /// What was not logged once can't be replayed from there on: nothing more is.
  void log(const SteerInput& input, const SteerAnswer& answer) {
    if (!log_) return;
    try {
      log_->write(input, answer);
    } catch (const Error&) {
      log_.reset();
      throw;
    }
  }

  void draw(const SteerInput& input, const SteerAnswer& answer) {
    if (answer.sample)
      figure_.take(std::get<record::Result>(*input.record), answer.sample->number,
                   answer.sample->log_sum);
    for (const auto& record : answer.records) {
      if (const auto* event = std::get_if<record::Event>(&record)) figure_.take(*event);
      if (const auto* command = std::get_if<record::Command>(&record)) figure_.take(*command);
    }
  }

  Session& session_;
  record::Policy policy_;
  SteerFigure figure_;  // drawn last: what is asked for in the end does not wait for it
  CommandFile file_;
  SpentDose dose_;
  Steering steering_;
  std::optional<SteerLog> log_;
  ScoresTold scores_told_;
  bool any_ = false;
};

/// While another error is on its way: what else goes wrong is told.
void rest_after_all(Steerer& steerer) {
  try {
    steerer.rest("twin-steer failed");
  } catch (const Error& error) {
    cli::error(error.what());
  }
}

}  // namespace

StartInfo read_policy(SteerSettings& settings) {
  settings.read = stream::read_policy(settings.policy);
  const auto& scores = settings.read->scores;
  StartInfo out{.files = {settings.policy}};
  if (!scores || scores->basis.empty()) return out;
  settings.basis = read_file(scores->basis);
  out.read.push_back({scores->basis, sha256(*settings.basis)});
  return out;
}

void steer(Session& session, const SteerSettings& settings) {
  if (!settings.replay.empty()) return replay_steering(session, settings.replay);
  Steerer steerer(session, settings);
  stream::Reader reader(session.inputs);
  try {
    for_each_record(session, reader, [&](stream::Item item) { steerer.take(std::move(item)); });
    // Of a run that was read by half nothing is compared.
    if (!interrupted()) steerer.end();
  } catch (...) {
    // A closed pipe, a full disk: that nothing is asked for any more comes first.
    rest_after_all(steerer);
    throw;
  }
  steerer.rest(interrupted() ? "twin-steer was stopped" : "the stream is over");
  if (!interrupted()) steerer.check();
}

}  // namespace twin::app
