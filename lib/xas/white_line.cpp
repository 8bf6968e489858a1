// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/white_line.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "numeric/statistics.h"
#include "xas/valence.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double top_share = 0.9;  // of the way up from the valley: what the cubic is fitted to
constexpr Index fewest = 5;
constexpr double step_width = 1.0;  // eV, of the arctan

struct Window {
  Index first = 0, last = 0;  // both included
  [[nodiscard]] Index size() const { return last - first + 1; }
};

Window window_of(const VectorXd& energy, double from, double to) {
  Window out{energy.size(), -1};
  for (Index i = 0; i < energy.size(); ++i)
    if (energy[i] >= from && energy[i] <= to) {
      out.first = std::min(out.first, i);
      out.last = i;
    }
  return out;
}

Window around_top(const VectorXd& norm, Index top, const Window& in) {
  const double left = norm.segment(in.first, top - in.first + 1).minCoeff();
  const double right = norm.segment(top, in.last - top + 1).minCoeff();
  // The higher valley is the one that bounds the peak; an end of the range is none.
  const double valley = top == in.last ? left : (top == in.first ? right : std::max(left, right));
  const double limit = valley + top_share * (norm[top] - valley);
  Window out{top, top};
  while (out.first > in.first && norm[out.first - 1] >= limit) --out.first;
  while (out.last < in.last && norm[out.last + 1] >= limit) ++out.last;
  while (out.size() < fewest && out.size() < in.size()) {
    if (out.first > in.first) --out.first;
    if (out.size() < fewest && out.last < in.last) ++out.last;
  }
  return out;
}

// Cubic in (E - E_top)/scale by least squares; its top and the errors there.
void fit_top(WhiteLine& out, const VectorXd& energy, const VectorXd& norm, const Window& at,
             double centre, double noise) {
  const VectorXd e = energy.segment(at.first, at.size()).array() - centre;
  const double scale = std::max(e.cwiseAbs().maxCoeff(), 1e-9);
  const VectorXd x = e / scale;
  MatrixXd powers(x.size(), 4);
  for (int p = 0; p < 4; ++p) powers.col(p) = x.array().pow(p);
  const Eigen::LDLT<MatrixXd> solver(powers.transpose() * powers);
  const VectorXd y = norm.segment(at.first, at.size());
  const VectorXd c = solver.solve(powers.transpose() * y);
  const double rest = (y - powers * c).squaredNorm() / static_cast<double>(x.size() - 4);
  const double variance = x.size() > fewest + 3 ? std::max(noise * noise, rest) : noise * noise;
  const double b = c[2] / (3 * c[3]), inside = c[2] * c[2] - 3 * c[3] * c[1];
  double top = -c[1] / (2 * c[2]);
  if (std::abs(c[3]) > 1e-9 * std::abs(c[2]) && inside >= 0)
    top = (-c[2] - std::sqrt(inside)) / (3 * c[3]);  // where the second derivative is below zero
  else if (!(inside >= 0))
    top = -b;
  const double bend = 2 * c[2] + 6 * c[3] * top;
  if (!(bend < 0) || !(std::abs(top) <= 1)) {
    out.warnings.emplace_back("no rounded top: the highest point stands for it");
    top = 0;
  }
  Eigen::Vector4d value(1, top, top * top, top * top * top), slope(0, 1, 2 * top, 3 * top * top);
  out.energy = centre + scale * top;
  out.height = value.dot(c);
  out.height_sigma = std::sqrt(variance * value.dot(solver.solve(value)));
  out.energy_sigma =
      bend < 0 ? scale * std::sqrt(variance * slope.dot(solver.solve(slope))) / -bend : scale;
}

void find_area(WhiteLine& out, const VectorXd& energy, const VectorXd& norm, double e0,
               const Window& in, double noise) {
  const auto half = edge_at_level(energy, norm, e0, 0.5);
  if (!half) {
    out.warnings.emplace_back("norm does not cross one half: no area");
    return;
  }
  double variance = 0;
  for (Index i = in.first; i <= in.last; ++i) {
    const double width =
        0.5 * (energy[std::min(i + 1, in.last)] - energy[std::max(i - 1, in.first)]);
    const double step = 0.5 + std::atan((energy[i] - half->value) / step_width) / std::numbers::pi;
    out.area += width * (norm[i] - step);
    variance += width * width;
  }
  out.area_sigma = noise * std::sqrt(variance);
}

}  // namespace

WhiteLine find_white_line(const VectorXd& energy, const VectorXd& norm, double e0,
                          const record::WhiteLineSettings& settings, std::optional<double> noise) {
  if (energy.size() != norm.size() || !energy.allFinite() || !norm.allFinite())
    throw Error(Cause::data, "white line: energies and values do not fit, or are not finite");
  const Window in = window_of(energy, e0 + settings.emin, e0 + settings.emax);
  if (in.size() < fewest)
    throw Error(Cause::data, "white line: " + std::to_string(std::max<Index>(0, in.size())) +
                                 " points from " + shortest(settings.emin) + " to " +
                                 shortest(settings.emax) + " eV; five are needed");
  double sigma = noise.value_or(0.0);
  if (!noise && energy.size() >= 10)
    sigma = numeric::noise_by_differences(
        std::span(energy.data(), static_cast<std::size_t>(energy.size())),
        std::span(norm.data(), static_cast<std::size_t>(norm.size())), energy[0],
        energy[energy.size() - 1]);
  Index top = 0;
  norm.segment(in.first, in.size()).maxCoeff(&top);
  top += in.first;
  WhiteLine out;
  if (top == in.first || top == in.last)
    out.warnings.emplace_back("the highest point lies at the end of the range: no peak in it");
  const Window at = around_top(norm, top, in);
  out.points = static_cast<int>(at.size());
  fit_top(out, energy, norm, at, energy[top], sigma);
  find_area(out, energy, norm, e0, in, sigma);
  return out;
}

}  // namespace twin::xas
