// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/valence.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double below = 20.0, above = 40.0;  // eV from e0: where an edge is looked for

// i such that norm crosses the level between i and i + 1 and stays above it to the end of the
// window; -1 where it does not.
Index last_crossing(const VectorXd& energy, const VectorXd& norm, double e0, double level) {
  Index found = -1;
  for (Index i = 0; i + 1 < energy.size(); ++i)
    if (energy[i] >= e0 - below && energy[i + 1] <= e0 + above && norm[i] < level &&
        norm[i + 1] >= level)
      found = i;
  return found;
}

double crossing(const VectorXd& energy, const VectorXd& norm, Index i, double level) {
  return energy[i] + (level - norm[i]) / (norm[i + 1] - norm[i]) * (energy[i + 1] - energy[i]);
}

struct Sums {
  double weight = 0, x = 0, y = 0, xx = 0, xy = 0;
};

// Points with weights 1/(σ_v² + b² σ_e² + scatter²), shifted by mean_edge.
void solve(ValenceLine& line, const std::vector<ValencePoint>& points) {
  Sums s;
  for (const ValencePoint& p : points) {
    const double variance = std::pow(p.valence.sigma, 2) + std::pow(line.b * p.edge.sigma, 2) +
                            line.scatter * line.scatter;
    const double weight = 1 / std::max(variance, 1e-12), x = p.edge.value - line.mean_edge;
    s.weight += weight;
    s.x += weight * x;
    s.y += weight * p.valence.value;
    s.xx += weight * x * x;
    s.xy += weight * x * p.valence.value;
  }
  const double determinant = s.weight * s.xx - s.x * s.x;
  line.b = (s.weight * s.xy - s.x * s.y) / determinant;
  line.a = (s.y - line.b * s.x) / s.weight;
  line.a_variance = s.xx / determinant;
  line.b_variance = s.weight / determinant;
  line.covariance = -s.x / determinant;
}

double chi2_of(const ValenceLine& line, const std::vector<ValencePoint>& points) {
  double sum = 0;
  for (const ValencePoint& p : points) {
    const double variance = std::pow(p.valence.sigma, 2) + std::pow(line.b * p.edge.sigma, 2) +
                            line.scatter * line.scatter;
    const double rest = p.valence.value - line.a - line.b * (p.edge.value - line.mean_edge);
    sum += rest * rest / std::max(variance, 1e-12);
  }
  return sum;
}

void solve_repeatedly(ValenceLine& line, const std::vector<ValencePoint>& points) {
  for (int i = 0; i < 20; ++i) solve(line, points);  // the weights know b
}

// The scatter that brings χ² down to the degrees of freedom, by halving.
void find_scatter(ValenceLine& line, const std::vector<ValencePoint>& points) {
  const double freedom = static_cast<double>(points.size()) - 2;
  solve_repeatedly(line, points);
  line.reduced_chi2 = chi2_of(line, points) / freedom;
  if (line.reduced_chi2 <= 1) return;
  double low = 0, high = 0;
  for (const ValencePoint& p : points) high = std::max(high, 10 * std::abs(p.valence.value) + 1);
  for (int i = 0; i < 60; ++i) {
    line.scatter = 0.5 * (low + high);
    solve_repeatedly(line, points);
    (chi2_of(line, points) > freedom ? low : high) = line.scatter;
  }
}

}  // namespace

std::optional<Estimate> edge_at_level(const VectorXd& energy, const VectorXd& norm, double e0,
                                      double level, double noise) {
  if (energy.size() != norm.size()) return {};
  const Index i = last_crossing(energy, norm, e0, level);
  if (i < 0) return {};
  const double at = crossing(energy, norm, i, level);
  // Both points share the error: the nearer one has more of it.
  const double t = (at - energy[i]) / (energy[i + 1] - energy[i]);
  const double slope = (norm[i + 1] - norm[i]) / (energy[i + 1] - energy[i]);
  return Estimate{at, noise * std::hypot(t, 1 - t) / slope};
}

// (1/(b-a)) ∫ E dn by parts: with E_a, E_b where the levels are reached,
// (E_b b - E_a a - ∫ n dE)/(b-a), n held between a and b: dips count for nothing.
std::optional<Estimate> edge_by_integral(const VectorXd& energy, const VectorXd& norm, double e0,
                                         double low, double high, double noise) {
  if (energy.size() != norm.size() || !(low < high)) return {};
  const auto at_low = edge_at_level(energy, norm, e0, low, 0);
  const Index first = at_low ? last_crossing(energy, norm, e0, low) : -1;
  Index last = -1;
  for (Index i = std::max<Index>(first, 0); first >= 0 && i + 1 < energy.size() && last < 0; ++i)
    if (energy[i + 1] <= e0 + above && norm[i + 1] >= high) last = i;
  if (last < 0) return {};
  const double from = at_low->value, to = crossing(energy, norm, last, high);
  double area = 0, variance = 0, e = from, n = low;
  for (Index i = first + 1; i <= last; ++i) {
    const double next = std::clamp(norm[i], low, high);
    area += 0.5 * (n + next) * (energy[i] - e);
    variance += std::pow(0.5 * (energy[i + 1] - energy[i - 1]), 2);
    e = energy[i];
    n = next;
  }
  area += 0.5 * (n + high) * (to - e);
  return Estimate{(to * high - from * low - area) / (high - low),
                  noise * std::sqrt(variance) / (high - low)};
}

ValenceLine calibrate_valence(const std::vector<ValencePoint>& standards) {
  if (standards.size() < 2)
    throw Error(Cause::data, "valence: " + std::to_string(standards.size()) +
                                 " standard; two or more of known valence are needed");
  ValenceLine line;
  line.lowest = line.highest = standards[0].edge.value;
  for (const ValencePoint& p : standards) {
    if (!std::isfinite(p.edge.value) || !std::isfinite(p.valence.value))
      throw Error(Cause::data, "valence: standard " + p.name + " is not finite");
    line.mean_edge += p.edge.value / static_cast<double>(standards.size());
    line.lowest = std::min(line.lowest, p.edge.value);
    line.highest = std::max(line.highest, p.edge.value);
  }
  if (!(line.highest - line.lowest > 1e-6))
    throw Error(Cause::data, "valence: all standards have one edge; no line goes through them");
  if (standards.size() > 2)
    find_scatter(line, standards);
  else
    solve_repeatedly(line, standards);
  return line;
}

Estimate valence_of(const ValenceLine& line, const Estimate& edge,
                    std::vector<std::string>* warnings) {
  const double x = edge.value - line.mean_edge;
  if (warnings && (edge.value < line.lowest || edge.value > line.highest))
    warnings->push_back("the edge at " + shortest(edge.value) +
                        " eV lies outside of those of the " + "standards, " +
                        shortest(line.lowest) + " to " + shortest(line.highest) +
                        " eV: the valence is extrapolated");
  const double variance = line.a_variance + 2 * x * line.covariance + x * x * line.b_variance +
                          std::pow(line.b * edge.sigma, 2) + line.scatter * line.scatter;
  return {line.a + line.b * x, std::sqrt(std::max(0.0, variance))};
}

Estimate mean_valence(const LcfFit& fit, const std::vector<Estimate>& valences) {
  const auto n = static_cast<Index>(valences.size());
  if (n != fit.fractions.size() || n == 0)
    throw Error(Cause::data, "valence: " + std::to_string(valences.size()) + " valences for " +
                                 std::to_string(fit.fractions.size()) + " fractions");
  const double total = fit.fractions.sum();
  if (!(total > 0)) throw Error(Cause::data, "valence: the fractions add to nothing");
  Estimate out;
  for (Index j = 0; j < n; ++j)
    out.value += fit.fractions[j] * valences[static_cast<std::size_t>(j)].value / total;
  VectorXd change(n);  // by fraction j: (v_j - mean)/total
  double own = 0;
  for (Index j = 0; j < n; ++j) {
    const Estimate& v = valences[static_cast<std::size_t>(j)];
    change[j] = (v.value - out.value) / total;
    own += std::pow(fit.fractions[j] * v.sigma / total, 2);
  }
  out.sigma = std::sqrt(std::max(0.0, change.dot(fit.covariance * change)));
  out.sigma_sys = std::sqrt(std::max(0.0, own + change.dot(fit.covariance_sys * change)));
  return out;
}

}  // namespace twin::xas
