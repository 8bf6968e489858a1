// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/summary.h"

#include <algorithm>
#include <cmath>

namespace twin::steer {

namespace {

using record::Quantity;
using record::Result;

/// What the repeats of one quantity say, in order.
struct Repeats {
  std::vector<double> values;
  double claimed = 0.0, systematic = 0.0;  ///< sums of squares; the largest
  bool all_claim = true;
  std::string unit, method;
};

bool usable(const Quantity& quantity) { return quantity.value && std::isfinite(*quantity.value); }

void add(Repeats& repeats, const Quantity& quantity) {
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

Period summarise_one(const std::string& name, const std::vector<const Result*>& results,
                     const record::Policy& policy) {
  Period out;
  out.name = name;
  out.setup = results.front()->context.setup;
  for (const Result* result : results) {
    out.synthetic = out.synthetic || !result->context.synthetic.empty();
    out.mixed = out.mixed || result->context.setup != out.setup;
    if (!result->header.id.empty()) out.ids.push_back(result->header.id);
  }
  for (const auto& watched : policy.watch) {
    Repeats repeats;
    for (const Result* result : results)
      if (const auto at = result->quantities.find(watched);
          at != result->quantities.end() && usable(at->second))
        add(repeats, at->second);
    if (repeats.values.empty()) continue;
    if (const auto mean = mean_of(repeats, out.synthetic)) out.means[watched] = *mean;
  }
  return out;
}

}  // namespace

std::vector<Period> summarise(const std::vector<Result>& results, const record::Policy& policy) {
  std::vector<std::string> order;
  std::map<std::string, std::vector<const Result*>> grouped;
  for (const auto& result : results) {
    const auto& name = result.context.period;
    if (name.empty()) continue;
    if (!grouped.contains(name)) order.push_back(name);
    grouped[name].push_back(&result);
  }
  std::vector<Period> out;
  for (const auto& name : order) out.push_back(summarise_one(name, grouped.at(name), policy));
  return out;
}

}  // namespace twin::steer
