// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/far.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "app/far_host.h"
#include "app/far_potential.h"
#include "app/load_model.h"
#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "remote/job.h"
#include "remote/ledger.h"
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
    if (record.model.structure.unread())
      throw Error(Cause::configuration, "model " + printable(record.model.name) +
                                            ": a record has cell and sites, not a file of them");
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
  remote::JobSettings how = job_settings(settings, run);
  FarHost host(settings);
  const std::vector<ModelRecord> records = models_of(session, run);
  std::vector<remote::Job> jobs;
  std::map<std::string, const ModelRecord*> asked;  // by job
  for (const ModelRecord& record : records) {
    how.tasks = std::max(how.tasks, how.ranks * record.model.run.replicas);
    remote::Job job =
        remote::job_of(record.header.id, stream::dump_json(stream::encode(record)) + "\n", how,
                       own_potential(record.model));
    if (asked.emplace(job.name, &record).second) jobs.push_back(std::move(job));
  }
  if (jobs.empty()) return;
  const auto submitted = host.submit(jobs, settings.again, how);
  std::vector<remote::Entry> entries;
  bool background = false;
  for (const remote::Job& job : jobs) {
    const auto found = submitted.find(job.name);
    if (found == submitted.end())
      throw Error(Cause::unavailable, host.name_of(job.name) +
                                          ": the host does not say what became "
                                          "of it");
    const std::string& id = found->second;
    const ModelRecord& record = *asked.at(job.name);
    auto event = event_of(id.empty() ? "job-known" : "job-submitted", host.name_of(job.name), id);
    event.header.from = {record.header.id};
    event.text = record.model.name;
    session.out.write(std::move(event));
    if (!id.empty()) entries.push_back({settings.submit, job.name, record.model.name, id});
    if (id.starts_with("process")) background = true;
  }
  cli::note(settings.submit + ": " + std::to_string(entries.size()) + " of " +
            std::to_string(jobs.size()) + " jobs submitted" +
            (entries.size() < jobs.size() ? "; the others were before" : ""));
  if (background)
    cli::warning(settings.submit + ": no sbatch there: jobs run in the background of that machine");
  if (entries.empty()) return;
  try {
    remote::remember(entries);
  } catch (const Error& error) {
    cli::warning(std::string("not noted here, which loses nothing: ") + error.what());
  }
}

}  // namespace twin::app
