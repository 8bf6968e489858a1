// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/far.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "app/far_host.h"
#include "app/load_model.h"
#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "remote/job.h"
#include "remote/ledger.h"
#include "remote/pace.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

using record::ModelRecord;

namespace {

remote::JobSettings job_settings(const FarSettings& settings, const SimulateSettings& run) {
  remote::JobSettings out;
  out.ranks = static_cast<int>(run.ranks);
  out.minutes = std::max(1, static_cast<int>(settings.hours * 60 + 0.5));
  out.job_template = read_file(settings.job_template.empty() ? shared_file("remote/job.sh")
                                                             : settings.job_template);
  if (!run.write_trajectory.empty()) out.options = "--write-trajectory trajectory.xyz";
  return out;
}

record::Event event_of(const std::string& what, const std::string& job, const std::string& id) {
  record::Event out;
  out.what = what;
  out.first = job;
  out.second = id;
  return out;
}

/// The models of the command line and of the streams, as they are to be run; each has gone out.
std::vector<ModelRecord> models_of(Session& session, const SimulateSettings& run) {
  std::vector<ModelRecord> out;
  const auto take = [&](record::Model model) {
    ModelRecord record;
    record.model = with_settings(std::move(model), run);
    record.header.id = session.out.write(record);
    out.push_back(std::move(record));
  };
  std::vector<std::string> streams;
  for (const auto& input : session.inputs) {
    if (is_model_file(input))
      take(load_model(input));
    else
      streams.push_back(input);
  }
  if (streams.empty()) return out;
  stream::Reader reader(streams);
  for_each_record(session, reader, [&](stream::Item item) {
    if (auto* record = std::get_if<ModelRecord>(&item.record)) take(std::move(record->model));
  });
  return out;
}

}  // namespace

void submit(Session& session, const FarSettings& settings, const SimulateSettings& run) {
  const remote::JobSettings how = job_settings(settings, run);
  FarHost host(settings);
  std::vector<remote::Job> jobs;
  std::map<std::string, std::string> models;  // names, by job
  for (const ModelRecord& record : models_of(session, run)) {
    remote::Job job =
        remote::job_of(record.header.id, stream::dump_json(stream::encode(record)) + "\n", how);
    if (models.emplace(job.name, record.model.name).second) jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return;
  const auto submitted = host.submit(jobs, settings.again, how);
  std::vector<remote::Entry> entries;
  for (const remote::Job& job : jobs) {
    const auto found = submitted.find(job.name);
    const std::string id = found == submitted.end() ? "" : found->second;
    session.out.write(
        event_of(id.empty() ? "job-known" : "job-submitted", host.name_of(job.name), id));
    if (!id.empty()) entries.push_back({settings.submit, job.name, models[job.name], id});
  }
  cli::note(settings.submit + ": " + std::to_string(entries.size()) + " of " +
            std::to_string(jobs.size()) + " jobs submitted, the others were known");
  if (entries.empty()) return;
  try {
    remote::remember(entries);
  } catch (const Error& error) {
    cli::warning(std::string("not noted here, which loses nothing: ") + error.what());
  }
}

}  // namespace twin::app
