// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "app/read_all.h"
#include "app/spent_dose.h"
#include "cli/log.h"
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
    // numbers go on.
    if (file_.empty()) return;
    try {
      const auto old = stream::parse_yaml(read_regular_file(file_, 65536), file_);
      if (const auto* number = old.find("sequence"); number && number->is_integer())
        before_ = std::clamp<std::int64_t>(number->integer(), 0, std::int64_t{1} << 52);
    } catch (const Error&) {
      // There is none, or it is no command.
    }
  }

  /// \param newest  the file holds it from now on
  void give(record::Command command, bool newest) {
    command.header.by = session_.start_id;
    command.header.id = session_.out.write(command);
    if (newest) put(std::move(command));
  }

  [[nodiscard]] std::int64_t next() { return ++sequence_; }

  /// The same mode for another while.
  void renew() {
    if (!last_) return;
    last_->sequence = next();
    put(*last_);
  }

 private:
  void put(record::Command command) {
    last_ = command;
    if (file_.empty()) return;
    command.sequence += before_;
    command.header.id.clear();
    command.header.id = stream::content_id(stream::encode(record::Record(command)));
    command.header.time = utc_now();
    write_file_atomically(file_, stream::dump_yaml(stream::encode(record::Record(command))));
  }

  Session& session_;
  std::string file_;
  std::int64_t sequence_ = 0, before_ = 0;
  std::optional<record::Command> last_;
};

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
    const bool newest = !live && periods.size() > 1 && event.second == periods.back() &&
                        event.first == periods[periods.size() - 2];
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
    std::string why, id;
    bool sample = result.status == record::Completeness::final;
    for (auto& found : follow_.add(result)) {
      auto* event = std::get_if<Event>(&found);
      if (!event) {
        sample = false;
        session_.out.write(std::move(found));
        continue;
      }
      cli::note(event->text);
      id = session_.out.write(*event);
      why = event->text;
    }
    if (policy_.modes.empty() || !sample) return;
    ask(result, why, id);
  }

  void skip(std::int64_t count) { follow_.skip(count); }

 private:
  /// The mode from here on; else the last command for another while.
  void ask(const record::Result& result, const std::string& why, const std::string& id) {
    const auto stated = parse_utc(result.header.time);
    const auto now = policy_.modes.find(modes_.mode());
    time_ = stated ? *stated : time_ + (now == policy_.modes.end() ? 0 : now->second.every_seconds);
    const bool counts = dose_.counts(time_);
    const auto wish = modes_.take(
        {time_, follow_.changing(), follow_.log_threshold() - follow_.log_sum()}, counts);
    // Spent before anything is asked for that spends more.
    if (counts) dose_.keep(modes_.dose_Gy(), time_);
    if (!wish) return commands_.renew();
    record::Command command;
    command.sequence = commands_.next();
    command.mode = wish->mode;
    command.details = policy_.modes.at(wish->mode).details;
    command.ttl_seconds = policy_.ttl_seconds;
    const auto& from = id.empty() ? result.header.id : id;
    if (!from.empty()) command.header.from = {from};
    command.reason = wish->reason + (why.empty() ? "" : ": " + why);
    commands_.give(std::move(command), true);
  }

  Session& session_;
  const record::Policy& policy_;
  Commands& commands_;
  twin::steer::Follow follow_;
  SpentDose dose_;
  twin::steer::Modes modes_;
  double time_ = 0.0;
};

}  // namespace

void steer(Session& session, const SteerSettings& settings) {
  const auto policy = stream::read_policy(settings.policy);
  Commands commands(session, settings.commands.empty() ? policy.command_file : settings.commands);
  std::optional<Live> live;
  if (policy.baseline) live.emplace(session, policy, commands);
  std::vector<record::Result> results;
  bool any = false;
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) {
    if (auto* r = std::get_if<record::Result>(&item.record)) {
      if (r->origin != record::Origin::physical) return;
      any = true;
      if (live) live->take(*r);
      // What is watched as it comes may never end: only periods are kept to be compared.
      r->arrays.clear();
      if (!live || !r->context.period.empty()) results.push_back(std::move(*r));
    } else if (record::is_control(item.record) ||
               std::holds_alternative<record::Verdict>(item.record)) {
      if (const auto* gap = std::get_if<record::Gap>(&item.record); gap && live)
        live->skip(gap->count);
      session.out.write(std::move(item.record));
    }
  });
  compare(session, results, policy, commands, live.has_value());
  if (!any) throw Error(Cause::data, "no measured results came in: nothing to compare");
}

}  // namespace twin::app
