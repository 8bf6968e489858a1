// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mback.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "xas/lcf_standard.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Where the table is matched, eV from e0.
struct Regions {
  double pre1, pre2, norm1, norm2;
};

Regions regions_of(const VectorXd& energy, double e0, const record::ReduceSettings& settings) {
  const double first = energy[0] - e0, last = energy.tail(1)[0] - e0;
  Regions out{};
  out.pre1 = std::max(settings.pre1.value_or(first), first);
  out.pre2 = settings.pre2.value_or(std::max(-20.0, out.pre1 / 2));
  out.norm2 = std::min(settings.norm2.value_or(last), last);
  out.norm1 = settings.norm1.value_or(std::min(25.0, out.norm2 / 4));
  if (out.pre1 > out.pre2) std::swap(out.pre1, out.pre2);
  if (out.norm1 > out.norm2) std::swap(out.norm1, out.norm2);
  return out;
}

struct Rows {
  Index from, count;
};

Rows rows_between(const VectorXd& energy, double from, double to, const char* what) {
  const Index first = std::lower_bound(energy.begin(), energy.end(), from) - energy.begin();
  const Index count = std::upper_bound(energy.begin(), energy.end(), to) - energy.begin() - first;
  if (count < 1)
    throw Error(Cause::data, std::string("mback: no point in the ") + what + " range " +
                                 significant(from, 6) + " to " + significant(to, 6) + " eV");
  return {first, count};
}

// Pᵢ of energies scaled to -1 .. 1.
MatrixXd legendre(const VectorXd& energy, int order) {
  const double middle = (energy[0] + energy.tail(1)[0]) / 2,
               half = (energy.tail(1)[0] - energy[0]) / 2;
  const VectorXd t = (energy.array() - middle) / half;
  MatrixXd out(energy.size(), order + 1);
  out.col(0).setOnes();
  if (order > 0) out.col(1) = t;
  for (int i = 2; i <= order; ++i)
    out.col(i) = ((2 * i - 1) * t.cwiseProduct(out.col(i - 1)) - (i - 1) * out.col(i - 2)) / i;
  return out;
}

struct Match {
  VectorXd coefficients;  // of the table, the polynomial, the erfc
  double cost = INFINITY;
  double by_noise = 0;  // of the first coefficient, σ of white noise of one per point
};

// µ on a table, a polynomial and perhaps a tail, over two regions of the same weight.
class Problem {
 public:
  Problem(const VectorXd& energy, const VectorXd& mu, const atoms::AroundEdge& table, Index edge,
          const Rows& pre, const Rows& post, int order)
      : mu_(mu), pre_(pre), post_(post) {
    basis_.resize(energy.size(), order + 2);
    basis_.col(0) = table.below;
    basis_.col(0).tail(energy.size() - edge) += table.own.tail(energy.size() - edge);
    basis_.rightCols(order + 1) = legendre(energy, order);
  }

  [[nodiscard]] const MatrixXd& basis() const { return basis_; }

  [[nodiscard]] Match match(const VectorXd& tail) const {
    const Index extra = tail.size() > 0 ? 1 : 0, m = pre_.count + post_.count;
    MatrixXd rows(m, basis_.cols() + extra);
    VectorXd target(m), weights(m);
    const auto fill = [&](const Rows& region, Index at) {
      const double weight = 1 / std::sqrt(static_cast<double>(region.count));
      rows.block(at, 0, region.count, basis_.cols()) =
          weight * basis_.middleRows(region.from, region.count);
      if (extra)
        rows.block(at, basis_.cols(), region.count, 1) =
            weight * tail.segment(region.from, region.count);
      weights.segment(at, region.count).setConstant(weight);
      target.segment(at, region.count) = weight * mu_.segment(region.from, region.count);
    };
    fill(pre_, 0);
    fill(post_, pre_.count);
    Match out;
    const VectorXd size = rows.colwise().norm().cwiseMax(1e-300);
    const MatrixXd scaled = rows * size.cwiseInverse().asDiagonal();
    out.coefficients = scaled.colPivHouseholderQr().solve(target).cwiseQuotient(size);
    out.cost = (rows * out.coefficients - target).squaredNorm();
    const VectorXd first = VectorXd::Unit(scaled.cols(), 0) / size[0];
    const VectorXd by = scaled * (scaled.transpose() * scaled).ldlt().solve(first);
    out.by_noise = by.cwiseProduct(weights).norm();
    return out;
  }

 private:
  const VectorXd& mu_;
  Rows pre_, post_;
  MatrixXd basis_;
};

VectorXd tail_of(const VectorXd& energy, double line, double width) {
  return energy.unaryExpr([&](double e) { return std::erfc((e - line) / width); });
}

struct Width {
  double value = 0;
  bool inside = true;  // not at an end of what was searched
};

// Golden section on the logarithm of the width, the rest being linear.
Width best_width(const Problem& problem, const VectorXd& energy, double line) {
  const double golden = (std::sqrt(5.0) - 1) / 2, least = std::log(20.0), most = std::log(2000.0);
  const auto cost = [&](double u) {
    return problem.match(tail_of(energy, line, std::exp(u))).cost;
  };
  double a = least, b = most, c = b - golden * (b - a), d = a + golden * (b - a);
  double at_c = cost(c), at_d = cost(d);
  while (b - a > 1e-3) {
    if (at_c < at_d) {
      b = d, d = c, at_d = at_c;
      at_c = cost(c = b - golden * (b - a));
    } else {
      a = c, c = d, at_c = at_d;
      at_d = cost(d = a + golden * (b - a));
    }
  }
  const double u = (a + b) / 2;
  return {std::exp(u), u - least > 0.01 && most - u > 0.01};
}

int order_of(const MbackSettings& how, const Regions& at, std::vector<std::string>& warnings) {
  if (how.order > 4)
    warnings.push_back("mback: order " + std::to_string(how.order) +
                       " bends as the edge does; 4 is used");
  if (how.order >= 0) return std::min(how.order, 4);
  return at.norm2 < 200 ? 1 : 2;
}

// Steps that other orders and ranges find, the tail as it is.
std::vector<double> other_steps(const VectorXd& energy, const VectorXd& mu, double e0,
                                const atoms::AroundEdge& table, Index edge, const Regions& used,
                                int order, const VectorXd& tail) {
  std::vector<double> out;
  const auto with = [&](double norm1, double norm2, int other) {
    try {
      const Rows pre = rows_between(energy, e0 + used.pre1, e0 + used.pre2, "pre-edge");
      const Rows post = rows_between(energy, e0 + norm1, e0 + norm2, "normalisation");
      if (pre.count + post.count < other + 4) return;
      const Match match = Problem(energy, mu, table, edge, pre, post, other).match(tail);
      out.push_back(std::abs(match.coefficients[0]) * table.own[edge]);
    } catch (const Error&) {  // a range that the data do not allow
    }
  };
  if (order > 0) with(used.norm1, used.norm2, order - 1);
  if (order < 4) with(used.norm1, used.norm2, order + 1);
  for (const double later : {25.0, 50.0})
    if (used.norm1 + later < 0.75 * used.norm2) with(used.norm1 + later, used.norm2, order);
  if (0.75 * used.norm2 > used.norm1 + 30) with(used.norm1, 0.75 * used.norm2, order);
  return out;
}

std::optional<double> rms_from(double value, const std::vector<double>& others) {
  if (others.empty()) return {};
  double sum = 0;
  for (const double other : others) sum += std::pow(other - value, 2);
  return std::sqrt(sum / static_cast<double>(others.size()));
}

void normalise(PreEdge& out, const VectorXd& mu, const VectorXd& own, Index edge) {
  out.post = out.pre + own;
  out.norm = (mu - out.pre) / out.edge_step;
  out.flat = out.norm;
  const Index above = mu.size() - edge;
  out.flat.tail(above) = (mu - out.pre).tail(above).cwiseQuotient(own.tail(above));
}

}  // namespace

Mback mback(const VectorXd& energy, const VectorXd& mu, double e0, const atoms::TabulatedEdge& edge,
            const record::ReduceSettings& settings, std::vector<std::string>& warnings,
            const MbackSettings& how) {
  const Index n = energy.size();
  if (n < 4 || mu.size() != n || !energy.allFinite() || !mu.allFinite() || !std::isfinite(e0))
    throw Error(Cause::data, "mback: 4 or more finite points are expected");
  if (!(e0 > energy[0] && e0 < energy[n - 1]))
    throw Error(Cause::data, "mback: e0 " + significant(e0, 6) + " eV lies outside of the data");
  const Regions at = regions_of(energy, e0, settings);
  const Rows pre = rows_between(energy, e0 + at.pre1, e0 + at.pre2, "pre-edge");
  const Rows post = rows_between(energy, e0 + at.norm1, e0 + at.norm2, "normalisation");
  const int order = order_of(how, at, warnings);
  if (pre.count + post.count < order + 4)
    throw Error(Cause::data, "mback: " + std::to_string(pre.count + post.count) +
                                 " points in both ranges; " + std::to_string(order + 4) +
                                 " are needed");
  const Index step_at = index_nearest(energy, e0);
  const atoms::AroundEdge table = atoms::around_edge(edge, energy, e0 - edge.energy);
  const Problem problem(energy, mu, table, step_at, pre, post, order);
  Mback out;
  VectorXd tail;
  bool inside = true;
  if (how.scattering) {
    const double line = atoms::emission_energy(edge.element, edge.level);
    const Width width = best_width(problem, energy, line);
    out.width = width.value;
    inside = width.inside;
    tail = tail_of(energy, line, out.width);
  }
  const Match match = problem.match(tail);
  out.scale = match.coefficients[0];
  out.normalised.pre = out.scale * table.below + problem.basis().rightCols(order + 1) *
                                                     match.coefficients.segment(1, order + 1);
  if (how.scattering) out.normalised.pre += match.coefficients[order + 2] * tail;
  out.normalised.edge_step = std::abs(out.scale) * table.own[step_at];
  if (!(out.normalised.edge_step > 1e-12 * mu.cwiseAbs().maxCoeff()))
    throw Error(Cause::data, "mback: the edge step is zero; an absorption edge is wanted");
  if (out.scale < 0)
    warnings.emplace_back("the edge step is negative: absorption falls at the edge");
  normalise(out.normalised, mu, std::abs(out.scale) * table.own, step_at);
  out.step_sigma = noise_beside_edge(energy, mu, e0) * match.by_noise * table.own[step_at];
  out.step_sys = rms_from(out.normalised.edge_step,
                          other_steps(energy, mu, e0, table, step_at, at, order, tail));
  out.rms = std::sqrt(match.cost / 2) / out.normalised.edge_step;
  out.converged = out.scale > 0 && inside;
  out.normalised.used = settings;
  out.normalised.used.e0 = e0;
  out.normalised.used.pre1 = at.pre1;
  out.normalised.used.pre2 = at.pre2;
  out.normalised.used.norm1 = at.norm1;
  out.normalised.used.norm2 = at.norm2;
  out.normalised.used.nnorm = order;
  out.normalised.used.method = "mback";
  return out;
}

}  // namespace twin::xas
