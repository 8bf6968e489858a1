// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/periods.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "numeric/statistics.h"

namespace twin::steer {

namespace {

using record::Event;

/// One quantity between two periods.
struct Difference {
  std::string name;
  double value = 0.0, random = 0.0, systematic = 0.0;
  std::string unit, method;
  double p = 1.0, adjusted = 1.0;
};

struct Contrast {
  const Period* first;
  const Period* second;
  bool setup_changed = false;
  std::vector<Difference> differences;
};

/// Welch and Satterthwaite's degrees of freedom of the sum of both variances and an exact one.
double degrees_of_freedom(const Mean& a, const Mean& b, double variance) {
  const double spread = std::pow(a.sigma_random, 4) / a.dof + std::pow(b.sigma_random, 4) / b.dof;
  return variance * variance / spread;  // infinite where both errors are known
}

/// Two set-ups err independently: in quadrature. One set-up errs the same way twice: it drops out.
Difference between(const std::string& name, const Mean& a, const Mean& b, bool setup_changed) {
  Difference out{.name = name,
                 .value = b.value - a.value,
                 .random = std::hypot(a.sigma_random, b.sigma_random),
                 .unit = a.unit,
                 .method = a.method};
  if (setup_changed) out.systematic = std::hypot(a.sigma_systematic, b.sigma_systematic);
  const double sigma = std::hypot(out.random, out.systematic);
  // Without any error stated or shown nothing can be said to differ.
  if (sigma <= 0) return out;
  const double z = out.value / sigma, dof = degrees_of_freedom(a, b, sigma * sigma);
  out.p = std::isfinite(dof) ? numeric::student_two_sided(z, dof) : numeric::normal_two_sided(z);
  return out;
}

Contrast contrast_of(const Period& first, const Period& second, const record::Policy& policy) {
  Contrast out{&first, &second, first.setup != second.setup || first.mixed || second.mixed, {}};
  for (const auto& name : policy.watch) {
    const auto a = first.means.find(name), b = second.means.find(name);
    if (a == first.means.end() || b == second.means.end()) continue;
    if (a->second.unit != b->second.unit || a->second.method != b->second.method) continue;
    if (std::ranges::count(out.differences, name, &Difference::name)) continue;
    out.differences.push_back(between(name, a->second, b->second, out.setup_changed));
  }
  return out;
}

/// Each period with the one before it; the first with the last when that is another pair.
std::vector<Contrast> contrasts_of(const std::vector<Period>& periods,
                                   const record::Policy& policy) {
  std::vector<Contrast> out;
  for (std::size_t i = 1; i < periods.size(); ++i)
    out.push_back(contrast_of(periods[i - 1], periods[i], policy));
  if (periods.size() > 2) out.push_back(contrast_of(periods.front(), periods.back(), policy));
  return out;
}

void adjust(std::vector<Contrast>& contrasts) {
  std::vector<double> p;
  for (const auto& contrast : contrasts)
    for (const auto& difference : contrast.differences) p.push_back(difference.p);
  const auto adjusted = numeric::holm(p);
  std::size_t next = 0;
  for (auto& contrast : contrasts)
    for (auto& difference : contrast.differences) difference.adjusted = adjusted[next++];
}

std::string p_text(double p) { return p < 1e-3 ? "p < 0.001" : "p " + significant(p, 2); }

std::string change_text(const Difference& d) {
  return printable(d.name) + " by " +
         with_uncertainty(d.value, std::hypot(d.random, d.systematic)) +
         (d.unit.empty() ? "" : " " + printable(d.unit));
}

std::string joined(const std::vector<Difference>& differences, bool significant_ones,
                   double false_alarms) {
  std::vector<std::string> parts;
  for (const auto& d : differences)
    if ((d.adjusted < false_alarms) == significant_ones)
      parts.push_back(significant_ones ? change_text(d) : printable(d.name));
  return join(parts, ", ");
}

std::string text_of(const Contrast& contrast, double p, double false_alarms) {
  const std::string pair =
      printable(contrast.first->name) + " and " + printable(contrast.second->name);
  const std::string changed = joined(contrast.differences, true, false_alarms);
  const std::string rest = joined(contrast.differences, false, false_alarms);
  std::string out = contrast.differences.empty() ? pair + " have no watched quantity in common"
                    : changed.empty()            ? pair + " do not differ in " + rest
                                                 : pair + " differ: " + changed;
  if (!contrast.differences.empty()) out += " (" + p_text(p) + " after Holm)";
  if (!changed.empty() && !rest.empty()) out += "; not in " + rest;
  if (contrast.setup_changed) out += "; the set-up changed, systematic errors included";
  if (contrast.first->synthetic || contrast.second->synthetic)
    out += "; repeats were made from one measurement and count as one";
  return out;
}

Event event_of(const Contrast& contrast, double false_alarms) {
  Event out;
  out.what = "period-difference";
  out.first = contrast.first->name;
  out.second = contrast.second->name;
  for (const Period* period : {contrast.first, contrast.second})
    out.header.from.insert(out.header.from.end(), period->ids.begin(), period->ids.end());
  for (const auto& d : contrast.differences) {
    auto& quantity = out.quantities[d.name];
    quantity.value = d.value;
    quantity.sigma = d.random;
    quantity.sigma_sys = d.systematic;
    quantity.unit = d.unit;
    quantity.method = d.method;
    out.p = std::min(out.p, d.adjusted);
    if (d.adjusted < false_alarms) out.significant.push_back(d.name);
  }
  out.text = text_of(contrast, out.p, false_alarms);
  return out;
}

}  // namespace

std::vector<Event> compare_periods(const Periods& results, const record::Policy& policy) {
  const auto periods = results.summarise();
  auto contrasts = contrasts_of(periods, policy);
  adjust(contrasts);
  std::vector<Event> out;
  for (const auto& contrast : contrasts) out.push_back(event_of(contrast, policy.false_alarms));
  return out;
}

record::Command command_for(const Event& event, const record::Policy& policy,
                            std::int64_t sequence) {
  record::Command out;
  out.sequence = sequence;
  out.mode = event.significant.empty() ? policy.quiet : policy.track;
  const auto mode = policy.modes.find(out.mode);
  if (mode == policy.modes.end())
    throw Error(Cause::configuration,
                "policy: mode '" + printable(out.mode) + "' is not among its modes");
  out.details = mode->second.details;
  out.ttl_seconds = policy.ttl_seconds;
  if (!event.header.id.empty()) out.header.from.push_back(event.header.id);
  std::vector<std::string> names;
  for (const auto& name : event.significant) names.push_back(printable(name));
  const std::string between = printable(event.first) + " and " + printable(event.second);
  out.reason = names.empty()
                   ? "no significant difference between " + between
                   : join(names, ", ") + " changed between " + between + ", " + p_text(event.p);
  return out;
}

}  // namespace twin::steer
