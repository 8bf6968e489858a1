// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <string>
#include <utility>

#include "app/arrays.h"
#include "app/extract_series.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/merge.h"

namespace twin::app {

using record::Measurement;

struct Merging::State {
  struct Group {
    std::string key;
    std::vector<Measurement> members;  // without their arrays
    std::vector<xas::Repeat> repeats;
  };
  const XasExtraction& extraction;
  std::vector<Group> groups;

  Measurement merge(Group& group) const;
};

namespace {

std::string key_of(const Measurement& m, const std::string& by) {
  if (by == "period") return m.context.period;
  return by == "sample" ? m.context.sample : "";
}

}  // namespace

Measurement Merging::State::merge(Group& group) const {
  const auto& settings = *extraction.plan().recipe.merge;
  const auto found = xas::merge(group.repeats, settings.reject);
  std::vector<bool> used(group.members.size(), true);
  for (const auto& scan : found.left_out) used[scan.index] = false;
  // Named after the first that went in, whose context it has.
  Measurement out =
      group.members[static_cast<std::size_t>(std::ranges::find(used, true) - used.begin())];
  out.header = {};
  for (std::size_t i = 0; i < used.size(); ++i)
    if (used[i] && !group.members[i].header.id.empty())
      out.header.from.push_back(group.members[i].header.id);
  out.source_sha256.clear();
  // All of them in one way of writing: the last one's.
  for (std::size_t i = 0; i < used.size(); ++i)
    if (used[i]) out.measured_at = std::max(out.measured_at, group.members[i].measured_at);
  out.context.scan = group.key.empty() ? out.context.scan + "+merged" : group.key;
  out.columns = {"energy", "mu", "mu_sigma"};
  out.arrays = {{"energy", inline_array(found.energy, "eV")},
                {"mu", inline_array(found.mu, "")},
                {"mu_sigma", inline_array(found.sigma, "")}};
  out.warnings = found.warnings;
  for (const auto& scan : found.left_out)
    out.warnings.push_back("merge: " + group.members[scan.index].context.scan +
                           " left out: " + scan.why);
  out.warnings.push_back("merged from " + std::to_string(std::ranges::count(used, true)) + " of " +
                         std::to_string(used.size()) + " scans; noise of one " +
                         significant(found.sigma_one, 3) + ", of their mean " +
                         significant(found.sigma_mean, 3));
  return out;
}

Merging::Merging(const XasExtraction& extraction)
    : state_(std::make_unique<State>(State{extraction, {}})) {}

Merging::~Merging() = default;

std::optional<Measurement> Merging::take(const Measurement& m) {
  const auto& settings = *state_->extraction.plan().recipe.merge;
  const auto absorption = state_->extraction.absorption(m);
  const std::string key = key_of(m, settings.by);
  if (key.empty() && settings.by != "all")
    throw Error(Cause::data, "merge by " + settings.by + ": the scan names none; say --" +
                                 settings.by + " when it is acquired, or by: all");
  auto& groups = state_->groups;
  auto at = std::ranges::find(groups, key, &State::Group::key);
  if (at == groups.end()) at = groups.insert(at, {key, {}, {}});
  at->members.push_back(m);
  at->members.back().arrays.clear();
  at->repeats.push_back({absorption.energy, absorption.mu});
  if (settings.expect == 0 || static_cast<int>(at->members.size()) < settings.expect)
    return std::nullopt;
  auto group = std::move(*at);
  groups.erase(at);
  return state_->merge(group);
}

std::vector<Measurement> Merging::finish() {
  std::vector<Measurement> out;
  for (auto& group : std::exchange(state_->groups, {})) out.push_back(state_->merge(group));
  return out;
}

}  // namespace twin::app
