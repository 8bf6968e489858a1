// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "app/read_all.h"
#include "app/steer_commands.h"
#include "app/steer_figure.h"
#include "app/steer_live.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/time.h"
#include "steer/follow.h"
#include "steer/periods.h"
#include "steer/threshold.h"
#include "stream/documents.h"

namespace twin::app {

namespace {

/// Compares the periods of the whole run, at its end.
void compare(Session& session, const std::vector<record::Result>& results,
             const record::Policy& policy, Commands& commands, SteerFigure& figure, bool live) {
  std::vector<std::string> periods;
  for (const auto& r : results)
    if (std::ranges::find(periods, r.context.period) == periods.end())
      periods.push_back(r.context.period);
  for (const auto& event : twin::steer::compare_periods(results, policy)) {
    cli::note(event.text);
    figure.take(event);
    const std::string id = session.out.write(event);
    if (policy.modes.empty()) continue;
    auto command = twin::steer::command_for(event, policy, commands.next());
    command.header.from = {id};
    // The file holds what the newest period asks for, not the comparison of the whole run; of a
    // stream that was watched, what its newest sample asks for.
    const bool last = !live && periods.size() > 1 && event.second == periods.back() &&
                      event.first == periods[periods.size() - 2];
    const bool fresh = is_fresh(twin::steer::time_of(results.back()), policy, seconds_now());
    if (last && !fresh)
      cli::note("the last result was measured longer ago than a command holds: to no file");
    const bool newest = last && fresh;
    commands.give(std::move(command), newest);
  }
}

/// What a comparison of periods needs.
record::Result summary_of(record::Result result, const record::Policy& policy) {
  result.arrays.clear();
  result.covariance = result.covariance_sys = {};
  result.jacobian = {};
  result.parameters = {};
  result.warnings.clear();
  result.header.extra = {};
  std::erase_if(result.quantities, [&](const auto& named) {
    return std::ranges::find(policy.watch, named.first) == policy.watch.end();
  });
  return result;
}

/// Of log R; none where nothing is watched as it comes.
std::optional<double> threshold_of(const record::Policy& policy) {
  if (!policy.baseline) return std::nullopt;
  return twin::steer::log_threshold({policy.false_alarms, policy.per_samples, policy.calibrated});
}

/// While another error is on its way: what else goes wrong is told.
void rest(Commands& commands, const record::Policy& policy, const std::string& reason) {
  try {
    commands.rest(policy, reason);
  } catch (const Error& error) {
    cli::error(error.what());
  }
}

}  // namespace

void steer(Session& session, const SteerSettings& settings) {
  const auto policy = stream::read_policy(settings.policy);
  // Goes last: what is asked for in the end does not wait for it.
  SteerFigure figure(session.common.plot, policy, threshold_of(policy));
  Commands commands(session, settings.commands.empty() ? policy.command_file : settings.commands);
  std::optional<Live> live;
  if (policy.baseline) live.emplace(session, policy, commands, figure);
  std::vector<record::Result> results;
  bool any = false;
  stream::Reader reader(session.inputs);
  const auto take = [&](stream::Item item) {
    if (auto* r = std::get_if<record::Result>(&item.record)) {
      if (r->origin != record::Origin::physical) return;
      any = true;
      if (live) live->take(item.record, seconds_now());
      if (!live) figure.take(*r, static_cast<long long>(results.size()), NAN);
      // What is watched as it comes may never end: only periods are kept to be compared.
      if (!live || !r->context.period.empty()) results.push_back(summary_of(std::move(*r), policy));
    } else if (record::is_control(item.record) ||
               std::holds_alternative<record::Verdict>(item.record)) {
      if (live) live->take(item.record, seconds_now());
      session.out.write(std::move(item.record));
    }
  };
  try {
    for_each_record(session, reader, take);
    // Of a run that was read by half nothing is compared.
    if (!interrupted()) compare(session, results, policy, commands, figure, live.has_value());
  } catch (...) {
    // A closed pipe, a full disk: that nothing is asked for any more comes first.
    if (live) rest(commands, policy, "twin-steer failed");
    throw;
  }
  if (live) commands.rest(policy, interrupted() ? "twin-steer was stopped" : "the stream is over");
  if (!any && !interrupted())
    throw Error(Cause::data, "no measured results came in: nothing to compare");
}

}  // namespace twin::app
