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
    Measurement first;
    std::vector<std::string> ids, scans;
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
  Measurement out = group.first;
  out.header = {};
  out.header.from = group.ids;
  out.source_sha256.clear();
  out.context.scan = group.key.empty() ? group.scans.front() + "+merged" : group.key;
  out.columns = {"energy", "mu", "mu_sigma"};
  out.arrays = {{"energy", inline_array(found.energy, "eV")},
                {"mu", inline_array(found.mu, "")},
                {"mu_sigma", inline_array(found.sigma, "")}};
  out.warnings = found.warnings;
  for (const auto& scan : found.left_out)
    out.warnings.push_back("merge: " + group.scans[scan.index] + " left out: " + scan.why);
  out.warnings.push_back("merged from " +
                         std::to_string(group.scans.size() - found.left_out.size()) + " of " +
                         std::to_string(group.scans.size()) + " scans; noise of one " +
                         significant(found.sigma_one, 3));
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
  if (at == groups.end()) at = groups.insert(at, {key, m, {}, {}, {}});
  if (!m.header.id.empty()) at->ids.push_back(m.header.id);
  at->scans.push_back(m.context.scan);
  at->repeats.push_back({absorption.energy, absorption.mu});
  if (settings.expect == 0 || static_cast<int>(at->scans.size()) < settings.expect)
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
