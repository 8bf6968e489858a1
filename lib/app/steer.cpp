// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/time.h"
#include "steer/periods.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/yaml.h"

namespace twin::app {

void steer(Session& session, const SteerSettings& settings) {
  const auto policy = stream::read_policy(settings.policy);
  const auto file = settings.commands.empty() ? policy.command_file : settings.commands;
  std::vector<record::Result> results;
  stream::Reader reader(session.inputs);
  for_each_record(session, reader, [&](stream::Item item) {
    if (auto* r = std::get_if<record::Result>(&item.record)) {
      if (r->origin == record::Origin::physical) results.push_back(std::move(*r));
    } else if (record::is_control(item.record)) {
      session.out.write(std::move(item.record));
    }
  });
  std::vector<std::string> periods;
  for (const auto& r : results)
    if (std::ranges::find(periods, r.context.period) == periods.end())
      periods.push_back(r.context.period);
  std::int64_t sequence = 0;
  for (const auto& event : twin::steer::compare_periods(results, policy)) {
    cli::note(event.text);
    auto command = twin::steer::command_for(event, policy, ++sequence);
    command.header.from = {session.out.write(event)};
    // The file holds what the newest period asks for, not the comparison of the whole run.
    const bool newest = periods.size() > 1 && event.second == periods.back() &&
                        event.first == periods[periods.size() - 2];
    command.header.by = session.start_id;
    command.header.id = session.out.write(command);
    command.header.time = utc_now();
    if (!file.empty() && newest)
      write_file_atomically(file, stream::dump_yaml(stream::encode(record::Record(command))));
  }
  if (results.empty()) throw Error(Cause::data, "no measured results came in: nothing to compare");
}

}  // namespace twin::app
