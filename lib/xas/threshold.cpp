// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/threshold.h"

#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "xas/pre_edge.h"
#include "xas/reduce.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

std::string edge_at(const atoms::TabulatedEdge& edge) {
  return edge.name() + " at " + significant(edge.energy, 6) + " eV";
}

// Energies that may be our edge: no farther than the window, and than the middle to another edge
// of the sample unless a chemical shift reaches there.
struct Window {
  double from, to;

  [[nodiscard]] bool holds(double energy) const { return energy >= from && energy <= to; }
};

Window window_of(const atoms::TabulatedEdge& ours, const std::vector<std::string>& elements) {
  constexpr double shift = 15.0;
  Window out{ours.energy - threshold_window, ours.energy + threshold_window};
  if (const auto next = atoms::next_edge(elements, ours))
    out.to = std::min(out.to, ours.energy + std::max(shift, (next->energy - ours.energy) / 2));
  if (const auto previous = atoms::previous_edge(elements, ours))
    out.from =
        std::max(out.from, ours.energy - std::max(shift, (ours.energy - previous->energy) / 2));
  return out;
}

double step_at(const VectorXd& energy, double e0) {
  const Index i = std::clamp<Index>(index_nearest(energy, e0), 1, energy.size() - 2);
  return (energy[i + 1] - energy[i - 1]) / 2;
}

// Of the inflection of a cubic through the rise: noise and misfit alike. At most half the width of
// what was fitted, which is all that one knows of a rise without an inflection.
double sigma_of_inflection(const VectorXd& energy, const VectorXd& mu, double e0) {
  const Index n = energy.size(), i = index_nearest(energy, e0);
  Index from = i, to = i;
  while ((to - from < 8 || energy[to] - energy[from] < 3) && (from > 0 || to < n - 1)) {
    from = std::max<Index>(0, from - 1);
    to = std::min(n - 1, to + 1);
  }
  const Index m = to - from + 1;
  const double half = (energy[to] - energy[from]) / 2;
  const VectorXd x = (energy.segment(from, m).array() - e0) / half;
  Eigen::MatrixXd basis(m, 4);
  for (int j = 0; j < 4; ++j) basis.col(j) = x.array().pow(j);
  const auto qr = basis.colPivHouseholderQr();
  const Eigen::Vector4d c = qr.solve(mu.segment(from, m));
  const double variance = (mu.segment(from, m) - basis * c).squaredNorm() /
                          static_cast<double>(std::max<Index>(1, m - 4));
  const Eigen::Matrix4d inverse = (basis.transpose() * basis).inverse();
  const Eigen::Vector4d gradient(0, 0, -1 / (3 * c[3]), c[2] / (3 * c[3] * c[3]));
  const double sigma = half * std::sqrt(variance * gradient.dot(inverse * gradient));
  return c[3] < 0 && sigma < half ? sigma : half;
}

double steepest_within(const VectorXd& energy, const VectorXd& mu, const Window& window,
                       const atoms::TabulatedEdge& ours) {
  const Index from = index_below(energy, window.from);
  const Index count = index_below(energy, window.to) - from + 1;
  if (count < 20) {
    const Index inside = ((energy.array() >= window.from) && (energy.array() <= window.to)).count();
    const std::string where = significant(window.from, 6) + " to " + significant(window.to, 6) +
                              " eV, where " + edge_at(ours) + " is looked for";
    if (inside > 0)
      throw Error(Cause::data, "e0: " + std::to_string(inside) +
                                   (inside == 1 ? " point lies" : " points lie") + " within " +
                                   where + "; 20 are needed");
    throw Error(Cause::data, "e0: no point lies within " + where + ": the energies go from " +
                                 significant(energy[0], 6) + " to " +
                                 significant(energy[energy.size() - 1], 6) +
                                 "; is it another edge, or another unit (columns: energy_unit)?");
  }
  return find_e0(energy.segment(from, count), mu.segment(from, count));
}

Threshold by_derivative(const VectorXd& energy, const VectorXd& mu,
                        const std::optional<atoms::TabulatedEdge>& ours,
                        const std::vector<std::string>& elements) {
  Threshold out;
  out.from = "derivative";
  out.e0 = find_e0(energy, mu);
  if (ours) {
    const Window window = window_of(*ours, elements);
    if (!window.holds(out.e0)) {
      const double far = out.e0;
      out.e0 = steepest_within(energy, mu, window, *ours);
      out.warnings.push_back("the steepest rise, " + significant(far, 6) + " eV, is not " +
                             edge_at(*ours) + "; " + significant(out.e0, 6) + " eV is used");
    }
  }
  out.sigma = std::hypot(sigma_of_inflection(energy, mu, out.e0),
                         step_at(energy, out.e0) / std::sqrt(12.0));
  return out;
}

Threshold by_half_height(const VectorXd& energy, const VectorXd& mu,
                         const record::ReduceSettings& settings, Threshold out) {
  out.from = "half";
  const PreEdge edge = pre_edge(energy, mu, out.e0, settings, out.warnings);
  out.e0 = half_height(energy, edge.norm, out.e0);
  // A line through the five points about it: misfit and noise of the height over the slope.
  const Index from = std::clamp<Index>(index_nearest(energy, out.e0) - 2, 0, energy.size() - 5);
  const auto line = numeric::fit_polynomial(energy.segment(from, 5), edge.norm.segment(from, 5), 2);
  const double rms = std::sqrt(
      (edge.norm.segment(from, 5) - line(VectorXd(energy.segment(from, 5)))).squaredNorm() / 2);
  const double slope = (edge.norm[from + 4] - edge.norm[from]) / (energy[from + 4] - energy[from]);
  out.sigma = rms / std::max(std::abs(slope), 1e-12);
  return out;
}

void warn_if_far(Threshold& threshold, const VectorXd& energy, const VectorXd& mu,
                 const atoms::TabulatedEdge& ours, const std::vector<std::string>& elements) {
  const std::string stated = "e0 " + significant(threshold.e0, 6) + " eV is stated, ";
  if (!window_of(ours, elements).holds(threshold.e0)) {
    threshold.warnings.push_back(stated + "far from " + edge_at(ours) +
                                 " or nearer to another edge");
    return;
  }
  constexpr double most = 15;  // eV: from the foot of a rise to its white line
  try {
    const double steepest = by_derivative(energy, mu, ours, elements).e0;
    if (std::abs(threshold.e0 - steepest) > most)
      threshold.warnings.push_back(stated + significant(std::abs(threshold.e0 - steepest), 2) +
                                   " eV from the steepest rise, " + significant(steepest, 6) +
                                   " eV");
  } catch (const Error&) {  // too few points about it to tell
  }
}

}  // namespace

Threshold find_threshold(const VectorXd& energy, const VectorXd& mu,
                         const record::ReduceSettings& settings,
                         const std::optional<atoms::TabulatedEdge>& ours,
                         const std::vector<std::string>& elements) {
  if (settings.e0) {
    Threshold out{*settings.e0, 0, "stated", {}};
    if (ours) warn_if_far(out, energy, mu, *ours, elements);
    return out;
  }
  const std::string& from = settings.e0_from;
  if (from == "table") {
    if (!ours)
      throw Error(Cause::configuration,
                  "reduce.e0_from: table: no edge is known; state edge, as in Cu K");
    return {ours->energy, 0, "table", {}};
  }
  if (from.empty() || from == "derivative" || from == "reference")
    return by_derivative(energy, mu, ours, elements);
  if (from == "half")
    return by_half_height(energy, mu, settings, by_derivative(energy, mu, ours, elements));
  throw Error(Cause::configuration, "reduce.e0_from: '" + printable(from) +
                                        "'; expected derivative, table, reference or half");
}

double half_height(const VectorXd& energy, const VectorXd& norm, double e0) {
  const Index n = energy.size(), first = index_below(energy, e0 - threshold_window);
  Index i = first;
  while (i < n && !(norm[i] >= 0.9)) ++i;
  while (i < n && i > first && norm[i] >= 0.5) --i;
  if (i >= n - 1 || norm[i] >= 0.5)
    throw Error(Cause::data, "e0: normalised µ does not rise through 1/2 near " +
                                 significant(e0, 6) + " eV; check the normalisation ranges");
  return energy[i] + (0.5 - norm[i]) / (norm[i + 1] - norm[i]) * (energy[i + 1] - energy[i]);
}

std::vector<atoms::TabulatedEdge> guess_edge(double e0, const std::vector<std::string>& elements,
                                             double within) {
  static const std::vector<std::string> all = atoms::elements_between(11, 92);
  auto found = atoms::edges_between(elements.empty() ? all : elements, e0 - within, e0 + within);
  const auto distance = [e0](const atoms::TabulatedEdge& edge) {
    return std::abs(edge.energy - e0) + (edge.level == "K" || edge.level == "L3" ? 0 : 5);
  };
  std::stable_sort(found.begin(), found.end(),
                   [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
  return found;
}

}  // namespace twin::xas
