// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/summary.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace twin::steer {

namespace {

using record::Quantity;
using record::Result;

bool usable(const Quantity& quantity) { return quantity.value && std::isfinite(*quantity.value); }

void add_repeat(Repeats& repeats, const Quantity& quantity) {
  if (repeats.values.empty()) {
    repeats.unit = quantity.unit;
    repeats.method = quantity.method;
  }
  if (quantity.unit != repeats.unit || quantity.method != repeats.method) return;
  repeats.values.push_back(*quantity.value);
  repeats.claimed += std::pow(quantity.sigma.value_or(0), 2);
  repeats.all_claim = repeats.all_claim && quantity.sigma.has_value();
  repeats.systematic = std::max(repeats.systematic, quantity.sigma_sys.value_or(0));
}

/// Nothing when neither claims nor scatter tell the error.
std::optional<Mean> mean_of(const Repeats& repeats, bool synthetic) {
  const auto n = static_cast<double>(repeats.values.size());
  if (n < 2 && !repeats.all_claim) return std::nullopt;
  Mean out;
  for (const double value : repeats.values) out.value += value / n;
  double scatter = 0.0;
  for (const double value : repeats.values) scatter += std::pow(value - out.value, 2);
  const double shown = n > 1 ? std::sqrt(scatter / (n - 1)) : 0.0;
  const double claimed = std::sqrt(repeats.claimed / n);
  const double single = std::max(shown, claimed);
  if (shown > claimed) out.dof = n - 1;
  out.sigma_random = synthetic ? single : single / std::sqrt(n);
  out.sigma_systematic = repeats.systematic;
  out.repeats = static_cast<int>(n);
  out.unit = repeats.unit;
  out.method = repeats.method;
  return out;
}

}  // namespace

void Periods::add(const Result& result) {
  const auto& context = result.context;
  if (context.period.empty()) return;
  auto at = std::ranges::find(periods_, context.period, [](const One& o) { return o.period.name; });
  if (at == periods_.end()) {
    One one;
    one.period.name = context.period;
    one.period.setup = context.setup;
    at = periods_.insert(periods_.end(), std::move(one));
  }
  Period& period = at->period;
  period.synthetic = period.synthetic || !context.synthetic.empty();
  period.mixed = period.mixed || context.setup != period.setup;
  if (!result.header.id.empty()) period.ids.push_back(result.header.id);
  for (const auto& [name, quantity] : result.quantities)
    if (usable(quantity) && std::ranges::find(policy_.watch, name) != policy_.watch.end())
      add_repeat(at->repeats[name], quantity);
}

std::vector<Period> Periods::summarise() const {
  std::vector<Period> out;
  for (const auto& one : periods_) {
    out.push_back(one.period);
    for (const auto& [name, repeats] : one.repeats)
      if (const auto mean = mean_of(repeats, one.period.synthetic)) out.back().means[name] = *mean;
  }
  return out;
}

}  // namespace twin::steer
