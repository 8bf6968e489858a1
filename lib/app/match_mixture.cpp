// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/match_mixture.h"

#include <algorithm>

#include "app/match_sides.h"
#include "app/mixture.h"
#include "core/error.h"
#include "match/fractions.h"

namespace twin::app {

using record::Model;

namespace {

Model at_fractions(Model model, const match::Fractions& fractions) {
  for (auto& free : model.free)
    if (const auto at = fractions.find(free.name); at != fractions.end()) free.value = at->second;
  return model;
}

}  // namespace

void check_phases(const Model& model) {
  if (!model.phases.empty() && model.measure_with.empty())
    throw Error(Cause::configuration,
                "phases: are told apart by what is measured; expected measure_with too");
}

void find_fractions(record::State& state, const Model& model, const record::Result& measured,
                    const std::optional<JointExtraction>& extraction) {
  const bool any = std::ranges::any_of(
      model.free, [](const auto& free) { return record::is_phase_fraction(free.name); });
  if (!any || !extraction || !can_be_mixed(state, model)) return;
  const auto found = match::best_fractions(measured, model, [&](const match::Fractions& fractions) {
    const Model at = at_fractions(model, fractions);
    mix(state, at);
    return evaluation_of(at, state, found_in(state, extraction, ""), false);
  });
  mix(state, at_fractions(model, found));
}

}  // namespace twin::app
