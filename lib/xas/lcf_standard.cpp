// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_standard.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

#include "core/error.h"
#include "numeric/spline.h"
#include "numeric/statistics.h"
#include "xas/pre_edge.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double from_the_edge = 15.0;  // eV: the edge itself is too steep for differences

// What white noise of one per point does to a polynomial's value at \p at: the root of
// v (VᵀV)⁻¹ vᵀ, v = 1, x, x² ... scaled to the range.
double leverage(const VectorXd& energy, double from, double to, int order, double at) {
  const Index begin = index_below(energy, from), end = index_nearest(energy, to);
  if (end - begin < order + 1) return 1.0;
  const double middle = 0.5 * (from + to), half = std::max(0.5 * (to - from), 1.0);
  MatrixXd powers(end - begin, order + 1);
  VectorXd here(order + 1);
  for (int p = 0; p <= order; ++p) {
    powers.col(p) = ((energy.segment(begin, end - begin).array() - middle) / half).pow(p);
    here[p] = std::pow((at - middle) / half, p);
  }
  const VectorXd solved = (powers.transpose() * powers).ldlt().solve(here);
  return std::sqrt(std::max(0.0, here.dot(solved)));
}

std::optional<double> step_with(const VectorXd& energy, const VectorXd& mu,
                                const record::ReduceSettings& settings) {
  std::vector<std::string> ignored;
  try {
    return pre_edge(energy, mu, *settings.e0, settings, ignored).edge_step;
  } catch (const Error&) {
    return {};  // a range that the data do not allow
  }
}

std::vector<record::ReduceSettings> other_ranges(const record::ReduceSettings& used) {
  std::vector<record::ReduceSettings> out;
  const double norm1 = *used.norm1, norm2 = *used.norm2;
  for (const double later : {25.0, 50.0})
    if (norm1 + later < 0.75 * norm2) (out.emplace_back(used)).norm1 = norm1 + later;
  if (0.75 * norm2 > norm1 + 30) (out.emplace_back(used)).norm2 = 0.75 * norm2;
  if (used.nnorm.value_or(0) > 0) (out.emplace_back(used)).nnorm = *used.nnorm - 1;
  return out;
}

}  // namespace

Eigen::MatrixXd spread_of_repeats(const std::vector<LcfStandard>& repeats) {
  if (repeats.size() < 2)
    throw Error(Cause::data, "spread of repeats: two or more scans of one standard are needed");
  const VectorXd& grid = repeats[0].energy;
  MatrixXd all(grid.size(), static_cast<Index>(repeats.size()));
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    const VectorXd& e = repeats[i].energy;
    const VectorXd at = grid.cwiseMax(e[0]).cwiseMin(e[e.size() - 1]);
    all.col(static_cast<Index>(i)) = numeric::CubicInterpolator(e, at)(repeats[i].norm);
  }
  const VectorXd mean = all.rowwise().mean();
  return (all.colwise() - mean) / std::sqrt(static_cast<double>(repeats.size()) - 1);
}

double noise_beside_edge(const VectorXd& energy, const VectorXd& y, double e0) {
  constexpr Index enough = 10;
  const std::span at(energy.data(), static_cast<std::size_t>(energy.size()));
  const std::span values(y.data(), static_cast<std::size_t>(y.size()));
  const double first = energy[0], last = energy[energy.size() - 1];
  if ((energy.array() > e0 + from_the_edge).count() >= enough)
    return numeric::noise_by_differences(at, values, e0 + from_the_edge, last);
  if ((energy.array() < e0 - from_the_edge).count() >= enough)
    return numeric::noise_by_differences(at, values, first, e0 - from_the_edge);
  return numeric::noise_by_differences(at, values, first, last);
}

StepUncertainty step_uncertainty(const VectorXd& energy, const VectorXd& mu,
                                 const record::ReduceSettings& settings) {
  StepUncertainty out;
  if (!settings.e0) throw Error(Cause::internal, "edge step: settings without e0");
  const double e0 = *settings.e0;
  const auto step =
      settings.normalised ? std::optional<double>(1.0) : step_with(energy, mu, settings);
  if (!step) throw Error(Cause::data, "edge step: the ranges do not fit the data");
  out.noise = noise_beside_edge(energy, mu, e0) / *step;
  if (settings.normalised || !settings.pre1 || !settings.norm1 || !settings.norm2) return out;
  out.step_sigma =
      out.noise * std::hypot(leverage(energy, e0 + *settings.norm1, e0 + *settings.norm2,
                                      settings.nnorm.value_or(0), e0),
                             leverage(energy, e0 + *settings.pre1, e0 + *settings.pre2, 1, e0));
  double sum = 0;
  int count = 0;
  for (const auto& other : other_ranges(settings))
    if (const auto moved = step_with(energy, mu, other)) {
      sum += std::pow(*moved / *step - 1, 2);
      ++count;
    }
  if (count > 0) out.step_sys = std::sqrt(sum / count);
  return out;
}

}  // namespace twin::xas
