// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/far_judge.h"

#include <utility>
#include <variant>
#include <vector>

#include "app/trajectories.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/hash.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

namespace {

record::ModelRecord model_of(FarHost& host, const std::string& job) {
  const std::string path = host.folder() + "/jobs/" + job + "/model.jsonl";
  const std::string text = host.answer_of("cat " + remote::shell_word(path));
  auto record = stream::decode(stream::parse_json(text, host.name_of(job) + "/model.jsonl"));
  if (auto* model = std::get_if<record::ModelRecord>(&record)) return std::move(*model);
  throw Error(Cause::data, host.name_of(job) + "/model.jsonl: no model");
}

}  // namespace

std::optional<FarJudge::Judged> FarJudge::state_of(FarHost& host, const remote::JobStatus& job,
                                                   const std::string& here) {
  auto known = models_.find(job.name);
  if (known == models_.end()) known = models_.emplace(job.name, model_of(host, job.name)).first;
  const record::ModelRecord& model = known->second;
  if (static_cast<int>(job.growing.size()) < model.model.run.replicas) return {};
  std::vector<std::string> files;
  for (const auto& growing : job.growing) files.push_back(here + "/" + growing.first + ".part");
  try {
    auto state = simulator_.observe(model, {sources_of(files), {}, sha256(job.name)}, {});
    if (!state.equilibrated) {
      cli::detail(host.name_of(job.name) + ": not at equilibrium: " + state.missing);
      return {};
    }
    return Judged{model, std::move(state)};
  } catch (const Error& error) {
    if (error.cause() != Cause::data) throw;  // too short yet
    cli::detail(host.name_of(job.name) + ": " + error.what());
    return {};
  }
}

}  // namespace twin::app
