// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_live.h"

#include <cmath>
#include <utility>

namespace twin::app {

bool is_fresh(std::optional<double> time, const record::Policy& policy, double now) {
  return !time || std::abs(now - *time) <= policy.ttl_seconds;
}

Live::Live(const record::Policy& policy, const SteerBeginning& beginning, Commands& commands)
    : policy_(policy),
      commands_(commands),
      follow_(policy),
      counted_until_(beginning.counted_until),
      modes_(policy, beginning.spent_Gy) {
  if (policy.forecast) forecast_.emplace(policy);
}

void Live::take(const record::Record& record, double now) {
  now_ = now;
  if (const auto* result = std::get_if<record::Result>(&record)) {
    if (result->origin == record::Origin::physical)
      take(*result);
    else if (forecast_)
      forecast_->take_digital(*result);
  } else if (const auto* start = std::get_if<record::Start>(&record)) {
    take(*start);
  } else if (const auto* gap = std::get_if<record::Gap>(&record)) {
    take(*gap);
  } else if (const auto* event = std::get_if<record::Event>(&record)) {
    follow_.take(*event);
  } else if (forecast_) {
    if (const auto* model = std::get_if<record::ModelRecord>(&record)) forecast_->take(*model);
    if (const auto* state = std::get_if<record::State>(&record)) forecast_->take(*state);
    if (const auto* verdict = std::get_if<record::Verdict>(&record)) forecast_->take(*verdict);
  }
}

void Live::take(const record::Result& result) {
  const auto stated = steer::time_of(result);
  const auto mode = policy_.modes.find(modes_.mode());
  time_ = stated ? *stated : time_ + (mode == policy_.modes.end() ? 0 : mode->second.every_seconds);
  if (is_a_scan(result)) spend(result);
  std::string why, id;
  const auto before = follow_.samples();
  auto all = follow_.add(result);
  tell_of_learning();
  if (follow_.samples() > before) commands_.answer().sample = {before, follow_.log_sum()};
  for (auto& found : all) {
    const auto* event = std::get_if<record::Event>(&found);
    if (event == nullptr) {
      commands_.tell(std::move(found));
      continue;
    }
    const std::string told = commands_.tell(*event);
    if (event->what == "early-warning") continue;  // for people alone
    why = event->text;
    id = told;
  }
  if (forecast_ && follow_.informed()) foresee(result, id);
  if (!policy_.modes.empty() && (follow_.informed() || !why.empty())) ask(result, why, id);
}

/// While results say nothing but what a basis is learnt from, what was asked for runs out.
void Live::tell_of_learning() {
  auto& note = commands_.answer().note;
  if (!follow_.informed() && commands_.asked() && policy_.scores) {
    if (!std::exchange(unrenewed_, true))
      note = (follow_.learns() ? "a basis is being learnt from " +
                                     std::to_string(policy_.scores->learn) + " results"
                               : std::string("a result says nothing of what is watched")) +
             ": no command is renewed";
  } else if (follow_.informed() && std::exchange(unrenewed_, false)) {
    note = "scores are there again: so are commands";
  }
}

void Live::take(const record::Start& start) {
  if (start.tool == "twin-acquire")
    follow_.begin_anew();
  else if (!start.header.id.empty())
    others_.insert(key_of_text(start.header.id));
}

/// Those of tools that pass results by, or find no use for them, are no samples that are missing.
void Live::take(const record::Gap& gap) {
  if (gap.header.by.empty() || !others_.contains(key_of_text(gap.header.by)))
    follow_.skip(gap.count);
}

/// Kept before anything is asked for that spends more. One without a time is not known to be in the
/// dose that was spent before: it counts.
void Live::spend(const record::Result& result) {
  const auto time = steer::time_of(result);
  if (time && counted_until_ && *time <= *counted_until_) return;
  modes_.spend();
  commands_.answer().dose = SteerDose{modes_.dose_Gy(), time};
}

/// Somebody measured for it, and it was not seen before: partial ones are, revisions are not.
bool Live::is_a_scan(const record::Result& result) {
  if (!result.context.synthetic.empty()) return false;
  const std::string& scan = result.context.scan;
  const std::string key = scan.empty() ? result.header.id : result.context.run + '\n' + scan;
  return key.empty() || scans_.insert(key_of_text(key));
}

/// \param id  of an event of this result; becomes that of the forecast, where there is none
void Live::foresee(const record::Result& result, std::string& id) {
  forecast_->take(result, time_, follow_.newest(), follow_.inflation());
  auto news = forecast_->news();
  if (!news) return;
  if (!result.header.id.empty()) news->header.from = {result.header.id};
  foreseen_ = news->text;
  const std::string told = commands_.tell(std::move(*news));
  if (id.empty()) id = told;
}

/// The mode from here on; else the last command for another while.
void Live::ask(const record::Result& result, const std::string& why, const std::string& id) {
  auto& answer = commands_.answer();
  const std::string before = modes_.mode();
  const bool newest = is_fresh(steer::time_of(result), policy_, now_) && follow_.informed();
  const auto wish =
      modes_.take({time_, follow_.changing(), follow_.log_threshold() - follow_.log_sum(),
                   forecast_ && forecast_->expected(), foreseen_});
  answer.log_sum = follow_.log_sum();
  answer.state = modes_.state();
  if (!wish) return commands_.renew(newest);
  answer.mode_before = before;
  record::Command command;
  command.sequence = commands_.next();
  command.mode = wish->mode;
  command.details = policy_.modes.at(wish->mode).details;
  command.ttl_seconds = policy_.ttl_seconds;
  const auto& from = id.empty() ? result.header.id : id;
  if (!from.empty()) command.header.from = {from};
  command.reason = wish->reason + (why.empty() ? "" : ": " + why);
  commands_.give(std::move(command), newest);
}

}  // namespace twin::app
