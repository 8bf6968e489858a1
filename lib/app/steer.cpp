// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "steer/follow.h"
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
  Commands(Session& session, std::string file) : session_(session), file_(std::move(file)) {}

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
    command.header.time = utc_now();
    write_file_atomically(file_, stream::dump_yaml(stream::encode(record::Record(command))));
  }

  Session& session_;
  std::string file_;
  std::int64_t sequence_ = 0;
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
      : session_(session), policy_(policy), commands_(commands), follow_(policy) {}

  void take(const record::Result& result) {
    for (auto& found : follow_.add(result)) {
      auto* event = std::get_if<Event>(&found);
      if (!event) {
        session_.out.write(std::move(found));
        continue;
      }
      cli::note(event->text);
      const std::string id = session_.out.write(*event);
      if (event->what == "baseline" || event->what == "change" || event->what == "change-end" ||
          event->what == "change-goes-on")
        ask(*event, id);
    }
    if (!std::exchange(asked_, false)) commands_.renew();
  }

  void skip(std::int64_t count) { follow_.skip(count); }

 private:
  void ask(const Event& event, const std::string& id) {
    if (policy_.modes.empty()) return;
    const std::string mode = event.what == "change" ? policy_.track : policy_.quiet;
    if (mode == mode_) return;
    mode_ = mode;
    asked_ = true;
    record::Command command;
    command.sequence = commands_.next();
    command.mode = mode;
    command.details = policy_.modes.at(mode).details;
    command.ttl_seconds = policy_.ttl_seconds;
    command.header.from = {id};
    command.reason = event.text;
    commands_.give(std::move(command), true);
  }

  Session& session_;
  const record::Policy& policy_;
  Commands& commands_;
  twin::steer::Follow follow_;
  std::string mode_;
  bool asked_ = false;  ///< by this sample
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
