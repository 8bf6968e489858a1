// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/least_squares.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"

namespace twin::numeric {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// The state of one fit: where it stands, and the normal equations there.
class Marquardt {
 public:
  Marquardt(const Residuals& function, const VectorXd& lower, const VectorXd& upper,
            const LeastSquaresOptions& options)
      : function_(function), lower_(lower), upper_(upper), options_(options) {}

  LeastSquaresFit run(const VectorXd& start) {
    fit_.x = start.cwiseMax(lower_).cwiseMin(upper_);
    function_(fit_.x, fit_.residual, &fit_.jacobian);
    fit_.evaluations = 1;
    fit_.cost = first_cost_ = fit_.residual.squaredNorm();
    if (!std::isfinite(fit_.cost)) return fit_;
    scale_ = VectorXd::Zero(start.size());
    while (fit_.evaluations < options_.max_evaluations && !fit_.converged)
      if (!improve()) break;
    return fit_;
  }

 private:
  // One accepted step, or the end. False where no step however short lowers the cost.
  bool improve() {
    normal_ = fit_.jacobian.transpose() * fit_.jacobian;
    if (fit_.cost <= rounding()) {  // data without noise
      fit_.converged = true;
      return true;
    }
    gradient_ = fit_.jacobian.transpose() * fit_.residual;
    if (!normal_.allFinite()) return false;
    scale_ = scale_.cwiseMax(normal_.diagonal());
    while (fit_.evaluations < options_.max_evaluations) {
      const VectorXd step = projected_step();
      if (is_small(step)) {
        fit_.converged = true;
        return true;
      }
      const VectorXd mixed = mixed_step(step);
      last_x_ = fit_.x;
      last_step_ = step;
      if (accept(mixed)) return true;
      if (mixed == step && accept_shortened(step)) return true;
      last_step_.resize(0);
      if (mixed != step) continue;
      // Faster with each refusal (H.B. Nielsen, IMM-REP-1999-05): a start far off costs few tries.
      damping_ = std::max(damping_ * growth_, 1e-10);
      growth_ *= 2;
      if (damping_ > 1e16) return false;
    }
    return false;
  }

  // Σ residual² that is rounding alone: of residuals that are differences of terms J x, and of what
  // they were at the start.
  [[nodiscard]] double rounding() const {
    const double terms = normal_.diagonal().dot(fit_.x.cwiseAbs2());
    return 1e-26 * std::max(first_cost_, terms);
  }

  // The damped step; what the gradient would push out of the box is held.
  [[nodiscard]] VectorXd projected_step() const {
    std::vector<Index> open;
    for (Index i = 0; i < fit_.x.size(); ++i) {
      const bool held = (fit_.x[i] <= lower_[i] && gradient_[i] > 0) ||
                        (fit_.x[i] >= upper_[i] && gradient_[i] < 0) || !(scale_[i] > 0);
      if (!held) open.push_back(i);
    }
    VectorXd step = VectorXd::Zero(fit_.x.size());
    if (open.empty()) return step;
    const VectorXd root = scale_(open).cwiseSqrt().cwiseInverse();
    MatrixXd matrix = root.asDiagonal() * normal_(open, open) * root.asDiagonal();
    matrix.diagonal().array() += damping_ + 1e-15;
    step(open) = -root.cwiseProduct(matrix.ldlt().solve(root.cwiseProduct(gradient_(open))));
    const VectorXd kept = (fit_.x + step).cwiseMax(lower_).cwiseMin(upper_) - fit_.x;
    if (options_.reach.size() == 0) return kept;
    const double excess = (kept.array().abs() / options_.reach.array()).maxCoeff();
    return excess > 1 ? VectorXd(kept / excess) : kept;
  }

  // Near the end each step is a fixed small matrix times the one before, as far as the residuals
  // are not linear; from two of them the limit is guessed (D.G. Anderson, J. ACM 12, 547 (1965),
  // depth 1).
  [[nodiscard]] VectorXd mixed_step(const VectorXd& step) const {
    if (last_step_.size() == 0 || damping_ > 1e-4 || !near_) return step;
    const VectorXd change = step - last_step_;
    const auto weight = scale_.asDiagonal();
    const double length = change.dot(weight * change);
    const double share = step.dot(weight * change) / length;
    if (!(share > -2 && share < 0.6)) return step;
    const VectorXd moved = fit_.x - last_x_ + change, x = fit_.x + step - share * moved;
    return x.cwiseMax(lower_).cwiseMin(upper_) - fit_.x;
  }

  // Where residuals bend, a step may go some way too far: back to the least of the parabola through
  // the cost, its slope, and the cost that was refused.
  bool accept_shortened(const VectorXd& step) {
    const double slope = 2 * gradient_.dot(step), bend = refused_ - fit_.cost - slope;
    const double share = -slope / (2 * bend);
    return share > 0.1 && share < 0.9 && fit_.evaluations < options_.max_evaluations &&
           accept(share * step);
  }

  // In units of the standard error of each parameter by itself, with χ² per point 1.
  [[nodiscard]] bool is_small(const VectorXd& step) const {
    const double points = static_cast<double>(
        std::max<Index>(options_.points > 0 ? options_.points : fit_.residual.size(), 1));
    const double unit = std::sqrt(fit_.cost / points);
    for (Index i = 0; i < step.size(); ++i) {
      const double allowed = options_.tolerance * unit / std::sqrt(std::max(scale_[i], 1e-300));
      if (std::abs(step[i]) > allowed + 1e-14 * std::abs(fit_.x[i])) return false;
    }
    return true;
  }

  bool accept(const VectorXd& step) {
    VectorXd residual;
    MatrixXd jacobian;
    const VectorXd x = fit_.x + step;
    function_(x, residual, &jacobian);
    ++fit_.evaluations;
    const double cost = residual.squaredNorm();
    const double expected = -(2 * gradient_.dot(step) + step.dot(normal_ * step));
    const double won = fit_.cost - cost;
    refused_ = cost;
    if (!std::isfinite(cost) || won < -1e-15 * fit_.cost) return false;
    if (won <= 0 && expected <= 1e-13 * fit_.cost) fit_.converged = true;  // rounding is reached
    if (won <= 0 && !fit_.converged) return false;
    growth_ = 4;
    damping_ =
        won > 0.75 * expected ? damping_ / 9 : (won < 0.25 * expected ? damping_ * 4 : damping_);
    if (damping_ < 1e-12) damping_ = 0;
    near_ = won < 0.01 * fit_.cost;
    fit_.x = x;
    fit_.residual = residual;
    fit_.jacobian = jacobian;
    fit_.cost = cost;
    return true;
  }

  const Residuals& function_;
  const VectorXd &lower_, &upper_;
  const LeastSquaresOptions& options_;
  LeastSquaresFit fit_;
  MatrixXd normal_;
  VectorXd gradient_, scale_, last_x_, last_step_;
  double damping_ = 1e-3, growth_ = 4, first_cost_ = 0, refused_ = 0;
  bool near_ = false;  // the last step won little
};

}  // namespace

LeastSquaresFit least_squares(const Residuals& function, const VectorXd& start,
                              const VectorXd& lower, const VectorXd& upper,
                              const LeastSquaresOptions& options) {
  if (lower.size() != start.size() || upper.size() != start.size() ||
      (options.reach.size() > 0 && options.reach.size() != start.size()))
    throw Error(Cause::internal, "least squares: the bounds do not fit the parameters");
  return Marquardt(function, lower, upper, options).run(start);
}

InverseNormal inverse_normal(const MatrixXd& jacobian, double cutoff) {
  const MatrixXd normal = jacobian.transpose() * jacobian;
  const Index n = normal.rows();
  const VectorXd root = normal.diagonal().cwiseSqrt().unaryExpr(
      [](double d) { return d > 0 && std::isfinite(d) ? 1 / d : 0.0; });
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(root.asDiagonal() * normal *
                                                      root.asDiagonal());
  InverseNormal out{MatrixXd::Zero(n, n), MatrixXd::Identity(n, n), VectorXd::Zero(n), 0};
  for (Index j = 0; j < n; ++j) {
    const VectorXd direction = eigen.eigenvectors().col(j);
    if (eigen.eigenvalues()[j] > cutoff * eigen.eigenvalues().maxCoeff() &&
        eigen.eigenvalues()[j] > 0) {
      const VectorXd scaled = root.cwiseProduct(direction);
      out.covariance += scaled * scaled.transpose() / eigen.eigenvalues()[j];
      ++out.rank;
    } else {
      out.lost += direction.cwiseAbs2();
    }
  }
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j)
      if (i != j && out.covariance(i, i) > 0 && out.covariance(j, j) > 0)
        out.correlation(i, j) =
            out.covariance(i, j) / std::sqrt(out.covariance(i, i) * out.covariance(j, j));
  return out;
}

}  // namespace twin::numeric
