// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_live.h"

#include <cmath>
#include <utility>

#include "cli/log.h"

namespace twin::app {

bool is_fresh(std::optional<double> time, const record::Policy& policy, double now) {
  return !time || std::abs(now - *time) <= policy.ttl_seconds;
}

Live::Live(Session& session, const record::Policy& policy, Commands& commands, SteerFigure& figure)
    : session_(session),
      policy_(policy),
      commands_(commands),
      figure_(figure),
      follow_(policy),
      dose_(policy.dose_file),
      modes_(policy, dose_.spent_Gy()) {}

void Live::take(const record::Record& record, double now) {
  now_ = now;
  if (const auto* result = std::get_if<record::Result>(&record)) {
    if (result->origin == record::Origin::physical) take(*result);
  } else if (const auto* start = std::get_if<record::Start>(&record)) {
    take(*start);
  } else if (const auto* gap = std::get_if<record::Gap>(&record)) {
    take(*gap);
  }
}

void Live::take(const record::Result& result) {
  if (is_a_scan(result) && dose_.counts(twin::steer::time_of(result))) {
    // Spent before anything is asked for that spends more.
    modes_.spend();
    dose_.keep(modes_.dose_Gy(), twin::steer::time_of(result));
  }
  std::string why, id;
  const auto before = follow_.samples();
  auto all = follow_.add(result);
  if (follow_.samples() > before) figure_.take(result, before, follow_.log_sum());
  for (auto& found : all) {
    const auto* event = std::get_if<record::Event>(&found);
    if (event == nullptr) {
      tell(std::move(found));
      continue;
    }
    cli::note(event->text);
    figure_.take(*event);
    why = event->text;
    id = tell(*event);
  }
  if (!policy_.modes.empty() && (follow_.informed() || !why.empty())) ask(result, why, id);
}

void Live::take(const record::Start& start) {
  if (start.tool != "twin-acquire" && !start.header.id.empty())
    others_.insert(key_of_text(start.header.id));
}

/// Those of tools that pass results by, or find no use for them, are no samples that are missing.
void Live::take(const record::Gap& gap) {
  if (gap.header.by.empty() || !others_.contains(key_of_text(gap.header.by)))
    follow_.skip(gap.count);
}

/// \return  its id
std::string Live::tell(record::Record record) { return session_.out.write(std::move(record)); }

/// Somebody measured for it, and it was not seen before: partial ones are, revisions are not.
bool Live::is_a_scan(const record::Result& result) {
  if (!result.context.synthetic.empty()) return false;
  const std::string& scan = result.context.scan;
  const std::string key = scan.empty() ? result.header.id : result.context.run + '\n' + scan;
  return key.empty() || scans_.insert(key_of_text(key));
}

/// The mode from here on; else the last command for another while.
void Live::ask(const record::Result& result, const std::string& why, const std::string& id) {
  const auto stated = twin::steer::time_of(result);
  const auto now = policy_.modes.find(modes_.mode());
  time_ = stated ? *stated : time_ + (now == policy_.modes.end() ? 0 : now->second.every_seconds);
  const bool newest = is_fresh(stated, policy_, now_) && follow_.informed();
  const auto wish =
      modes_.take({time_, follow_.changing(), follow_.log_threshold() - follow_.log_sum()});
  if (!wish) return commands_.renew(newest);
  record::Command command;
  command.sequence = commands_.next();
  command.mode = wish->mode;
  command.details = policy_.modes.at(wish->mode).details;
  command.ttl_seconds = policy_.ttl_seconds;
  const auto& from = id.empty() ? result.header.id : id;
  if (!from.empty()) command.header.from = {from};
  command.reason = wish->reason + (why.empty() ? "" : ": " + why);
  figure_.take(command);
  commands_.give(std::move(command), newest);
}

}  // namespace twin::app
