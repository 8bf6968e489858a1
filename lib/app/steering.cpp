// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steering.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "steer/follow.h"
#include "steer/periods.h"

namespace twin::app {

namespace {

record::Covariance part_of(const record::Covariance& whole, const record::Quantities& of) {
  record::Covariance out;
  for (const auto& name : whole.names)
    if (of.contains(name)) out.names.push_back(name);
  for (const auto& row : out.names)
    for (const auto& column : out.names) out.matrix.push_back(*whole.at(row, column));
  return out;
}

record::Result matter_of(const record::Result& result, const record::Policy& policy) {
  record::Result out;
  out.header = result.header;
  out.header.extra = {};
  out.origin = result.origin;
  out.technique = result.technique;
  out.edge = result.edge;
  out.recipe_sha256 = result.recipe_sha256;
  out.recipe_name = result.recipe_name;
  out.context = result.context;
  out.measured_at = result.measured_at;
  for (const auto& name : policy.watch)
    if (const auto found = result.quantities.find(name); found != result.quantities.end())
      out.quantities.insert(*found).first->second.extra = {};
  out.covariance = part_of(result.covariance, out.quantities);
  out.converged = result.converged;
  out.status = result.status;
  out.revision = result.revision;
  return out;
}

/// What periods compare: not residuals about a mean that follows.
record::Result of_periods(record::Result result) {
  std::erase_if(result.quantities, [](const auto& one) {
    return twin::steer::is_running_score(one.first, one.second);
  });
  return result;
}

/// What a state says of the structure that it was run with.
record::State matter_of(const record::State& state) {
  record::State out;
  out.header.id = state.header.id;
  out.header.by = state.header.by;
  out.model = state.model;
  return out;
}

}  // namespace

Steering::Steering(const record::Policy& policy, const SteerBeginning& beginning,
                   std::unique_ptr<steer::CurveScores> scores)
    : policy_(policy), commands_(beginning), scores_(std::move(scores)), periods_(policy) {
  if (policy.baseline) live_.emplace(policy, beginning, commands_);
}

std::optional<record::Record> Steering::matter_of(const record::Record& record) {
  const bool foresees = live_ && policy_.forecast;
  scored_ = {};
  if (const auto* result = std::get_if<record::Result>(&record)) {
    const bool measured = result->origin == record::Origin::physical;
    if (!measured && !foresees) return std::nullopt;
    auto matter = twin::app::matter_of(*result, policy_);
    if (!scores_ || (!measured && policy_.scores->basis.empty())) return matter;
    auto scored = scores_->add_to(matter, *result, live_ ? &live_->follow() : nullptr);
    if (measured) scored_ = std::move(scored);
    return matter;
  }
  if (const auto* state = std::get_if<record::State>(&record); state && foresees)
    return twin::app::matter_of(*state);
  const bool of_twin = std::holds_alternative<record::Verdict>(record) ||
                       std::holds_alternative<record::ModelRecord>(record);
  const auto* event = std::get_if<record::Event>(&record);
  const bool of_stream = std::holds_alternative<record::Start>(record) ||
                         std::holds_alternative<record::Gap>(record) ||
                         (event != nullptr && steer::is_of_beam(*event));
  if (!(of_twin && foresees) && !(of_stream && live_)) return std::nullopt;
  return record;
}

SteerAnswer Steering::answer_to(const SteerInput& input) {
  const auto now = parse_utc(input.time);
  if (!now) throw Error(Cause::data, "time: '" + printable(input.time) + "' is none");
  commands_.begin(input.time);
  switch (input.kind) {
    case SteerInput::Kind::record:
      if (input.record) take(*input.record, *now);
      break;
    case SteerInput::Kind::end:
      compare(*now);
      break;
    case SteerInput::Kind::rest:
      if (live_) commands_.rest(policy_, input.reason);
      break;
  }
  if (scores_ && live_) scores_->hear(live_->follow());
  return commands_.end();
}

void Steering::take(const record::Record& record, double now) {
  if (live_) live_->take(record, now);
  const auto* result = std::get_if<record::Result>(&record);
  if (result == nullptr || result->origin != record::Origin::physical) return;
  if (!live_) commands_.answer().sample = {results_++, NAN};
  const auto& period = result->context.period;
  if (std::ranges::find(names_, period) == names_.end()) names_.push_back(period);
  measured_ = twin::steer::time_of(*result);
  periods_.add(of_periods(*result));
}

/// Compares the periods of the whole run, at its end.
void Steering::compare(double now) {
  for (const auto& event : twin::steer::compare_periods(periods_, policy_)) {
    const std::string id = commands_.tell(event);
    if (policy_.modes.empty()) continue;
    auto command = twin::steer::command_for(event, policy_, commands_.next());
    command.header.from = {id};
    // The file holds what the newest period asks for, not the comparison of the whole run; of a
    // stream that was watched, what its newest sample asks for.
    const bool last = !live_ && names_.size() > 1 && event.second == names_.back() &&
                      event.first == names_[names_.size() - 2];
    const bool fresh = is_fresh(measured_, policy_, now);
    if (last && !fresh)
      commands_.answer().note =
          "the last result was measured longer ago than a command holds: to no file";
    commands_.give(std::move(command), last && fresh);
  }
}

}  // namespace twin::app
