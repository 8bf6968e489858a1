// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "app/alone.h"
#include "app/read_all.h"
#include "app/spent_dose.h"
#include "cli/log.h"
#include "core/descriptor.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "steer/follow.h"
#include "steer/modes.h"
#include "steer/periods.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::app {

namespace {

using record::Event;

/// Writes commands: records, and the newest in a file.
class Commands {
 public:
  Commands(Session& session, std::string file) : session_(session), file_(std::move(file)) {
    // Whoever obeys knows us by our start, which is the same when we are started anew: the file's
    // numbers go on, and where the file is gone they are above those that it can have had.
    if (file_.empty()) return;
    lock_ = alone_with(file_);
    before_ = static_cast<std::int64_t>(seconds_now());
    try {
      const auto old = stream::parse_yaml(read_regular_file(file_, 65536), file_);
      if (const auto* number = old.find("sequence"); number && number->is_integer())
        before_ = std::max(before_, std::min(number->integer(), std::int64_t{1} << 52));
    } catch (const Error&) {
      // There is none, or it is no command.
    }
  }

  /// \param newest  the file holds it from now on
  void give(record::Command command, bool newest) {
    command.header.by = session_.start_id;
    command.header.id = session_.out.write(command);
    last_ = std::move(command);
    if (newest) put();
  }

  [[nodiscard]] std::int64_t next() { return ++sequence_; }

  /// The same mode for another while, \p newest as above.
  void renew(bool newest) {
    if (!last_) return;
    last_->sequence = next();
    if (newest) put();
  }

  /// Nothing is watched any more: whatever the file asks for, it is the safe mode from now on.
  void rest(const record::Policy& policy, const std::string& reason) {
    if (file_.empty() || !put_ || !last_) return;
    last_->sequence = next();
    last_->mode = policy.safe_mode;
    last_->details = policy.modes.at(policy.safe_mode).details;
    last_->reason = reason;
    last_->header.from.clear();
    put();
  }

 private:
  void put() {
    if (file_.empty()) return;
    record::Command command = *last_;
    command.sequence = ++before_;
    command.header.id.clear();
    command.header.id = stream::content_id(stream::encode(record::Record(command)));
    command.header.time = utc_now();
    write_file_atomically(file_, stream::dump_yaml(stream::encode(record::Record(command))));
    put_ = true;
  }

  Session& session_;
  std::string file_;
  Descriptor lock_;
  std::int64_t sequence_ = 0, before_ = 0;
  bool put_ = false;
  std::optional<record::Command> last_;
};

/// What was measured so long ago, or is to come, asks for nothing now.
bool is_fresh(std::optional<double> time, const record::Policy& policy) {
  return !time || std::abs(seconds_now() - *time) <= policy.ttl_seconds;
}

/// Compares the periods of the whole run, at its end.
void compare(Session& session, const std::vector<record::Result>& results,
             const record::Policy& policy, Commands& commands, bool live) {
  std::vector<std::string> periods;
  for (const auto& r : results)
    if (std::ranges::find(periods, r.context.period) == periods.end())
      periods.push_back(r.context.period);
  for (const auto& event : twin::steer::compare_periods(results, policy)) {
    cli::note(event.text);
    const std::string id = session.out.write(event);
    if (policy.modes.empty()) continue;
    auto command = twin::steer::command_for(event, policy, commands.next());
    command.header.from = {id};
    // The file holds what the newest period asks for, not the comparison of the whole run; of a
    // stream that was watched, what its newest sample asks for.
    const bool last = !live && periods.size() > 1 && event.second == periods.back() &&
                      event.first == periods[periods.size() - 2];
    const bool fresh = is_fresh(twin::steer::time_of(results.back()), policy);
    if (last && !fresh)
      cli::note("the last result was measured longer ago than a command holds: to no file");
    const bool newest = last && fresh;
    commands.give(std::move(command), newest);
  }
}

/// The stream as it comes: events at once, and the mode that they ask for.
class Live {
 public:
  Live(Session& session, const record::Policy& policy, Commands& commands)
      : session_(session),
        policy_(policy),
        commands_(commands),
        follow_(policy),
        dose_(policy.dose_file),
        modes_(policy, dose_.spent_Gy()) {}

  void take(const record::Result& result) {
    const bool costs = is_a_scan(result) && dose_.counts(twin::steer::time_of(result));
    if (costs) {
      // Spent before anything is asked for that spends more.
      modes_.spend();
      dose_.keep(modes_.dose_Gy(), twin::steer::time_of(result));
    }
    std::string why, id;
    for (auto& found : follow_.add(result)) {
      auto* event = std::get_if<Event>(&found);
      if (!event) {
        session_.out.write(std::move(found));
        continue;
      }
      cli::note(event->text);
      id = session_.out.write(*event);
      why = event->text;
    }
    if (!policy_.modes.empty() && (follow_.informed() || !why.empty())) ask(result, why, id);
  }

  void take(const record::Start& start) {
    if (start.tool != "twin-acquire" && !start.header.id.empty()) others_.insert(start.header.id);
  }

  void take(const Event& event) { follow_.take(event); }

  /// Those of tools that pass results by, or find no use for them, are no samples that are missing.
  void take(const record::Gap& gap) {
    if (gap.header.by.empty() || !others_.contains(gap.header.by)) follow_.skip(gap.count);
  }

 private:
  /// Somebody measured for it, and it was not seen before: partial ones are, revisions are not.
  bool is_a_scan(const record::Result& result) {
    if (!result.context.synthetic.empty()) return false;
    const std::string& scan = result.context.scan;
    const std::string key = scan.empty() ? result.header.id : result.context.run + '\n' + scan;
    if (key.empty()) return true;
    if (!scans_.insert(key).second) return false;
    order_.push_back(key);
    if (order_.size() > 5000) {
      scans_.erase(order_.front());
      order_.pop_front();
    }
    return true;
  }

  /// The mode from here on; else the last command for another while.
  void ask(const record::Result& result, const std::string& why, const std::string& id) {
    const auto stated = twin::steer::time_of(result);
    const auto now = policy_.modes.find(modes_.mode());
    time_ = stated ? *stated : time_ + (now == policy_.modes.end() ? 0 : now->second.every_seconds);
    const bool newest = is_fresh(stated, policy_) && follow_.informed();
    const auto wish = modes_.take(
        {time_, follow_.changing(), follow_.log_threshold() - follow_.log_sum()}, false);
    if (!wish) return commands_.renew(newest);
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

  Session& session_;
  const record::Policy& policy_;
  Commands& commands_;
  twin::steer::Follow follow_;
  SpentDose dose_;
  twin::steer::Modes modes_;
  double time_ = 0.0;
  std::set<std::string> others_;  // starts of tools whose gaps are no missing samples
  std::set<std::string> scans_;
  std::deque<std::string> order_;
};

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
  Commands commands(session, settings.commands.empty() ? policy.command_file : settings.commands);
  std::optional<Live> live;
  if (policy.baseline) live.emplace(session, policy, commands);
  std::vector<record::Result> results;
  bool any = false;
  stream::Reader reader(session.inputs);
  const auto take = [&](stream::Item item) {
    if (auto* r = std::get_if<record::Result>(&item.record)) {
      if (r->origin != record::Origin::physical) return;
      any = true;
      if (live) live->take(*r);
      // What is watched as it comes may never end: only periods are kept to be compared.
      if (!live || !r->context.period.empty()) results.push_back(summary_of(std::move(*r), policy));
    } else if (record::is_control(item.record) ||
               std::holds_alternative<record::Verdict>(item.record)) {
      if (const auto* gap = std::get_if<record::Gap>(&item.record); gap && live) live->take(*gap);
      if (const auto* start = std::get_if<record::Start>(&item.record); start && live)
        live->take(*start);
      if (const auto* event = std::get_if<Event>(&item.record); event && live) live->take(*event);
      session.out.write(std::move(item.record));
    }
  };
  try {
    for_each_record(session, reader, take);
    // Of a run that was read by half nothing is compared.
    if (!interrupted()) compare(session, results, policy, commands, live.has_value());
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
