// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/fractions.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "match/estimate.h"
#include "match/residual.h"
#include "numeric/nonnegative.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::FreeParameter;

/// The model with nothing free but its phases' fractions.
record::Model of_fractions(record::Model model) {
  std::erase_if(model.free, [](const auto& free) { return !record::is_phase_fraction(free.name); });
  return model;
}

/// Quantities and χ² at some fractions, and what they become beside them.
struct Linear {
  VectorXd at;
  double chi2 = std::numeric_limits<double>::infinity();
  VectorXd residual;    ///< measured - simulated
  MatrixXd jacobian;    ///< [n × fractions]
  MatrixXd covariance;  ///< [n × n]
};

class Mixing {
 public:
  Mixing(const record::Result& measured, const record::Model& model, const Mixed& mixed)
      : measured_(measured), model_(of_fractions(model)), mixed_(mixed) {}

  Fractions take() {
    VectorXd start(static_cast<Index>(model_.free.size()));
    for (Index i = 0; i < start.size(); ++i) start[i] = free(i).value;
    std::optional<Linear> best;
    for (const VectorXd& at : starts(start)) {
      const auto end = led_down(at);
      if (end && (!best || end->chi2 < best->chi2)) best = end;
    }
    return named(best ? best->at : start);
  }

 private:
  [[nodiscard]] const FreeParameter& free(Index i) const {
    return model_.free[static_cast<std::size_t>(i)];
  }

  [[nodiscard]] Fractions named(const VectorXd& at) const {
    Fractions out;
    for (Index i = 0; i < at.size(); ++i) out[free(i).name] = at[i];
    return out;
  }

  /// The model's own fractions, even shares, and each phase as pure as it may be.
  [[nodiscard]] std::vector<VectorXd> starts(const VectorXd& own) const {
    const Index n = own.size();
    VectorXd least(n);
    for (Index i = 0; i < n; ++i) least[i] = free(i).lower;
    std::vector<VectorXd> out{own, least};
    const double room = std::max(0.0, own_share(least, model_));
    for (Index i = 0; i < n; ++i) {
      out.push_back(least);
      out.back()[i] = std::min(free(i).upper, least[i] + room);
    }
    VectorXd even = VectorXd::Zero(n);
    for (const auto& one : out) even += one / double(out.size());
    out.push_back(even);
    for (auto& one : out) one = kept_to_one(one, model_);  // what an earlier step left outside
    return out;
  }

  [[nodiscard]] std::optional<Linear> linear_at(const VectorXd& at) const {
    const auto evaluation = mixed_(named(at));
    const auto names = pair_up(measured_, evaluation, model_).fitted;
    const auto jacobian = jacobian_of(evaluation.jacobian, names, model_);
    if (names.empty() || !jacobian) return std::nullopt;
    const Difference d = difference(measured_, evaluation, model_, names);
    Linear out{at, 0, d.residual(), *jacobian, d.covariance()};
    out.chi2 = chi_squared(out.residual, out.covariance);
    for (Index i = 0; i < at.size(); ++i)
      if (free(i).prior_mean && free(i).prior_sigma)
        out.chi2 += std::pow((at[i] - *free(i).prior_mean) / *free(i).prior_sigma, 2);
    return out;
  }

  /// Non-negative least squares: of what each fraction is above its lower bound, and of what it,
  /// and all together, leave below the upper ones.
  [[nodiscard]] VectorXd solved(const Linear& l) const {
    const Index n = l.at.size();
    VectorXd least(n);
    for (Index i = 0; i < n; ++i) least[i] = free(i).lower;
    const Eigen::LDLT<MatrixXd> weight(l.covariance);
    const VectorXd beside = l.residual + l.jacobian * (l.at - least);
    MatrixXd normal = MatrixXd::Zero(2 * n + 1, 2 * n + 1);
    VectorXd right = VectorXd::Zero(2 * n + 1);
    normal.topLeftCorner(n, n) = l.jacobian.transpose() * weight.solve(l.jacobian);
    right.head(n) = l.jacobian.transpose() * weight.solve(beside);
    for (Index i = 0; i < n; ++i) {
      if (!free(i).prior_mean || !free(i).prior_sigma) continue;
      const double information = std::pow(*free(i).prior_sigma, -2);
      normal(i, i) += information;
      right[i] += information * (*free(i).prior_mean - least[i]);
    }
    // Sums that must hold, with a weight that leaves nothing of the data's.
    const double heavy = 1e8 * std::max(normal.diagonal().maxCoeff(), 1.0);
    const auto must = [&](const VectorXd& row, double sum) {
      normal += heavy * row * row.transpose();
      right += heavy * sum * row;
    };
    for (Index i = 0; i < n; ++i)
      must(VectorXd::Unit(2 * n + 1, i) + VectorXd::Unit(2 * n + 1, n + i),
           free(i).upper - free(i).lower);
    VectorXd all = VectorXd::Unit(2 * n + 1, 2 * n);
    all.head(n).setOnes();
    must(all, std::max(0.0, own_share(least, model_)));
    // The weight is not endless: what rounding left beyond the bounds is taken back.
    VectorXd above = numeric::nonnegative_solve(normal, right).head(n);
    for (Index i = 0; i < n; ++i) above[i] = std::min(above[i], free(i).upper - free(i).lower);
    return kept_to_one(least + above, model_);
  }

  [[nodiscard]] std::optional<Linear> led_down(const VectorXd& start) const {
    constexpr int most_rounds = 20, most_halvings = 6;
    constexpr double nothing = 1e-5;
    auto now = linear_at(start);
    for (int round = 0; now && round < most_rounds; ++round) {
      const VectorXd step = solved(*now) - now->at;
      if (step.cwiseAbs().maxCoeff() < nothing) break;
      std::optional<Linear> next;
      double length = 1;
      for (int halving = 0; halving < most_halvings; ++halving, length /= 2) {
        next = linear_at(now->at + length * step);
        if (next && next->chi2 < now->chi2) break;
      }
      if (!next || !(next->chi2 < now->chi2)) break;
      now = std::move(next);
    }
    return now;
  }

  const record::Result& measured_;
  record::Model model_;
  const Mixed& mixed_;
};

}  // namespace

Fractions best_fractions(const record::Result& measured, const record::Model& model,
                         const Mixed& mixed) {
  return Mixing(measured, model, mixed).take();
}

}  // namespace twin::match
