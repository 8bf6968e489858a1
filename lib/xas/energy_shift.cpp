// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/energy_shift.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double farthest_shift = 10.0;  // eV, of the shifts that are tried first
constexpr double resolving = 4000.0;     // energy over the width by which derivatives are smoothed

// dµ/dx at each point by a line through the points within \p width, weighted by (1 - u²)²: what
// noise does to it, and to the derivative of it, falls with the width. Two neighbours at least.
class Slope {
 public:
  Slope(const VectorXd& x, double width) {
    const Index n = x.size();
    Index from = 0, to = 0;
    for (Index i = 0; i < n; ++i) {
      while (x[i] - x[from] >= width) ++from;
      while (to + 1 < n && x[to + 1] - x[i] < width) ++to;
      const Index first = std::max<Index>(0, std::min(from, i - 1));
      const Index last = std::min(n - 1, std::max(to, i + 1));
      rows_.push_back({first, weights(x.segment(first, last - first + 1), x[i], width)});
    }
  }

  [[nodiscard]] VectorXd operator()(const VectorXd& y) const {
    VectorXd out(static_cast<Index>(rows_.size()));
    for (Index i = 0; i < out.size(); ++i) {
      const Row& row = rows_[static_cast<std::size_t>(i)];
      out[i] = row.weights.dot(y.segment(row.first, row.weights.size()));
    }
    return out;
  }

  // Variance of Σ response_i slope_{from + i} over that of a slope, on average, for white noise.
  [[nodiscard]] double passed(const VectorXd& response, Index from) const {
    VectorXd through = VectorXd::Zero(static_cast<Index>(rows_.size()));
    double trace = 0;
    for (Index i = 0; i < response.size(); ++i) {
      const Row& row = rows_[static_cast<std::size_t>(from + i)];
      through.segment(row.first, row.weights.size()) += response[i] * row.weights;
      trace += row.weights.squaredNorm();
    }
    return through.squaredNorm() * static_cast<double>(response.size()) / trace;
  }

 private:
  struct Row {
    Index first;
    VectorXd weights;
  };

  // A line's slope is Σ w (x - mean) y/Σ w (x - mean)².
  static VectorXd weights(const VectorXd& x, double centre, double width) {
    const double reach = std::max({width, 1.5 * (centre - x[0]), 1.5 * (x[x.size() - 1] - centre)});
    const VectorXd w = (1 - ((x.array() - centre) / reach).square()).square();
    const VectorXd off = x.array() - w.dot(x) / w.sum();
    return w.cwiseProduct(off) / w.dot(off.cwiseAbs2());
  }

  std::vector<Row> rows_;
};

void check(const VectorXd& energy, const VectorXd& mu, const char* whose) {
  const Index n = energy.size();
  bool rises = n >= 10 && mu.size() == n && energy.allFinite() && mu.allFinite();
  for (Index i = 1; rises && i < n; ++i) rises = energy[i] > energy[i - 1];
  if (!rises)
    throw Error(Cause::data, std::string("align: ") + whose +
                                 ": 10 or more points are expected, finite, with rising energies");
}

// The reference's derivative where it is compared, and ours as a function.
struct Pair {
  VectorXd energy, target;
  Index from = 0;
  Slope slope;
  numeric::CubicSpline ours;

  // Ours and its derivative at energies less the shift.
  void at(double shift, VectorXd& value, VectorXd& derivative) const {
    Index hint = 0;
    for (Index i = 0; i < energy.size(); ++i) {
      const double x = std::clamp(energy[i] - shift, ours.front(), ours.back());
      ours.evaluate(x, hint, &value[i], &derivative[i]);
    }
  }
};

struct Part {
  Index first, count;
};

Part part_between(const VectorXd& x, double from, double to) {
  const Index first = std::lower_bound(x.begin(), x.end(), from) - x.begin();
  return {first, std::upper_bound(x.begin(), x.end(), to) - x.begin() - first};
}

// What lies outside of the range and of all shifts has no say, and costs nothing.
Pair pair_of(const VectorXd& energy, const VectorXd& mu, const VectorXd& reference_energy,
             const VectorXd& reference_mu, double from, double to) {
  const auto compared = part_between(reference_energy, from, to);
  const Index inside = part_between(energy, from, to).count;
  if (compared.count < 10 || inside < 10)
    throw Error(Cause::data, "align: " + std::to_string(inside) + " points, and " +
                                 std::to_string(compared.count) + " of the reference, lie from " +
                                 significant(from, 6) + " to " + significant(to, 6) +
                                 " eV; 10 of each are needed");
  const double width = from / resolving, reach = 2 * farthest_shift;
  const auto near = part_between(reference_energy, from - reach, to + reach);
  Slope slope(reference_energy.segment(near.first, near.count), width);
  const VectorXd all = slope(reference_mu.segment(near.first, near.count));
  const auto ours = part_between(energy, from - reach, to + reach);
  const VectorXd at = energy.segment(ours.first, ours.count);
  return {reference_energy.segment(compared.first, compared.count),
          all.segment(compared.first - near.first, compared.count), compared.first - near.first,
          std::move(slope),
          numeric::CubicSpline(at, Slope(at, width)(mu.segment(ours.first, ours.count)))};
}

struct Scaled {
  double scale = 0, cost = INFINITY;
};

Scaled best_scale(const VectorXd& ours, const VectorXd& target) {
  const double scale = ours.dot(target) / std::max(ours.squaredNorm(), 1e-300);
  return {scale, (scale * ours - target).squaredNorm()};
}

double start_of(const Pair& pair) {
  VectorXd value(pair.energy.size()), derivative(pair.energy.size());
  double best = 0, least = INFINITY;
  for (int i = -40; i <= 40; ++i) {
    const double shift = farthest_shift * i / 40;
    pair.at(shift, value, derivative);
    const Scaled fit = best_scale(value, pair.target);
    if (fit.scale > 0 && fit.cost < least) {
      least = fit.cost;
      best = shift;
    }
  }
  return best;
}

// Of the shift: noise of µ, taken as white and as large as the misfit says, through the lines that
// made the derivative, and through the solution.
double sigma_of(const Pair& pair, const MatrixXd& jacobian, double cost) {
  const auto m = static_cast<double>(pair.energy.size());
  const Eigen::Matrix2d normal = jacobian.transpose() * jacobian;
  const double determinant = normal(0, 0) * normal(1, 1) - normal(0, 1) * normal(1, 0);
  if (!(determinant > 0)) return INFINITY;
  const VectorXd response = jacobian * Eigen::Vector2d(normal(1, 1), -normal(0, 1)) / determinant;
  return std::sqrt(cost / (m - 2) * pair.slope.passed(response, pair.from));
}

}  // namespace

Shift align(const VectorXd& energy, const VectorXd& mu, const VectorXd& reference_energy,
            const VectorXd& reference_mu, double e0, double from, double to) {
  check(energy, mu, "the spectrum");
  check(reference_energy, reference_mu, "the reference");
  const Pair pair = pair_of(energy, mu, reference_energy, reference_mu, e0 + from, e0 + to);
  Shift out;
  out.shift = start_of(pair);
  const Index m = pair.energy.size();
  VectorXd value(m), derivative(m);
  MatrixXd jacobian(m, 2);
  double cost = INFINITY, damping = 1;
  for (int i = 0; i < 50 && !out.converged; ++i) {
    pair.at(out.shift, value, derivative);
    const Scaled fit = best_scale(value, pair.target);
    out.scale = fit.scale;
    jacobian.col(0) = -fit.scale * derivative;
    jacobian.col(1) = value;
    // What the scale can't do, projected out: the Gauss-Newton step of the shift alone.
    const VectorXd own =
        jacobian.col(0) - value * (value.dot(jacobian.col(0)) / value.squaredNorm());
    const double step = -own.dot(fit.scale * value - pair.target) / own.squaredNorm();
    if (!std::isfinite(step)) break;
    damping = fit.cost > cost ? damping / 2 : std::min(1.0, 2 * damping);
    cost = fit.cost;
    out.shift += damping * step;
    out.converged = std::abs(step) < 1e-7;
    if (std::abs(out.shift) > 2 * farthest_shift) break;
  }
  out.sigma = sigma_of(pair, jacobian, cost);
  out.misfit = std::sqrt(cost / std::max(pair.target.squaredNorm(), 1e-300));
  out.converged = out.converged && out.scale > 0 && std::abs(out.shift) <= 1.5 * farthest_shift &&
                  out.misfit < 0.8;
  return out;
}

}  // namespace twin::xas
