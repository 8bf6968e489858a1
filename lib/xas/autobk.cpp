// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/autobk.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <list>

#include "core/error.h"
#include "numeric/statistics.h"
#include "xas/autobk_basis.h"

namespace twin::xas {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Where the solution stands, as a step z from start(): residuals below rbkg, on the axes of A, and
// at the clamps.
struct Stand {
  VectorXd z, low, clamp;
  double scale = 0.0, cost = 0.0;
};

// Newton's method, damped, for one spectrum. What no background can take away of b is a constant
// of the cost. Steps begin at the minimum for the least scale of the clamps, which is the answer
// for quiet data: counted from there, costs are compared without the rounding of a large µ.
class Clamped {
 public:
  Clamped(const VectorXd& gain, const MatrixXd& c, VectorXd b, double rest, double points,
          VectorXd d)
      : gain_(gain), c_(c), low_(std::move(b)), clamp_(std::move(d)), rest_(rest), points_(points) {
    constexpr double s = least_clamp_scale;
    start_ = gain_.cwiseProduct(low_);
    start_.noalias() += s * s * (c_ * clamp_);
    low_ -= gain_.cwiseProduct(start_);
    clamp_.noalias() -= c_.transpose() * start_;
  }

  [[nodiscard]] const VectorXd& start() const { return start_; }

  // Fills \p out for its z.
  void evaluate(Stand& out) const {
    out.low = low_ - gain_.cwiseProduct(out.z);
    out.clamp = clamp_;
    out.clamp.noalias() -= c_.transpose() * out.z;
    const double square = rest_ + out.low.squaredNorm();
    out.scale = least_clamp_scale + 10 * square / points_;
    out.cost = square + out.scale * out.scale * out.clamp.squaredNorm();
  }

  // Half the gradient and the lower half of half the Hessian of the cost, both exact. The scale's
  // own curvature is what makes plain Gauss-Newton creep when the clamps are strong.
  void expand(const Stand& now, VectorXd& gradient, MatrixXd& hessian) {
    const double weight = 20.0 / points_ * now.scale * now.clamp.squaredNorm();
    slope_ = -20.0 / points_ * gain_.cwiseProduct(now.low);  // of the scale
    rows_ = -now.scale * c_;
    rows_.noalias() += slope_ * now.clamp.transpose();
    gradient = -gain_.cwiseProduct(now.low);
    gradient.noalias() += rows_ * (now.scale * now.clamp);
    pull_.noalias() = now.scale * (c_ * now.clamp);
    const Eigen::Index p = gain_.size();
    hessian.setZero(p, p);
    for (Eigen::Index j = 0; j < p; ++j) {
      auto column = hessian.col(j).tail(p - j);
      for (Eigen::Index i = 0; i < rows_.cols(); ++i)
        column += rows_(j, i) * rows_.col(i).tail(p - j);
      column -= pull_[j] * slope_.tail(p - j) + slope_[j] * pull_.tail(p - j);
      column[0] += (1 + weight) * gain_[j] * gain_[j];
    }
  }

 private:
  const VectorXd& gain_;
  const MatrixXd& c_;
  VectorXd low_, clamp_;  // at the start
  double rest_, points_;
  VectorXd start_, slope_, pull_;
  MatrixXd rows_;
};

constexpr int most_steps = 200;
constexpr double one_sigma = 0.84134474606854293;  // share of a Gaussian below mean + σ

// Ends when a step no longer moves the solution; the coordinates are scaled so that z is comparable
// with the residuals.
Stand minimise(Clamped& problem, int& steps, bool& converged) {
  Stand now, next;
  now.z = VectorXd::Zero(problem.start().size());
  problem.evaluate(now);
  VectorXd gradient, step;
  MatrixXd hessian;
  Eigen::LLT<MatrixXd> solver;
  double damping = 0;
  problem.expand(now, gradient, hessian);
  for (steps = 0; steps < most_steps && !converged; ++steps) {
    hessian.diagonal().array() += damping;
    solver.compute(hessian);
    hessian.diagonal().array() -= damping;
    if (solver.info() != Eigen::Success) {
      damping = std::max(damping * 4, 1e-2);
      continue;
    }
    step = solver.solve(gradient);
    next.z = now.z - step;
    problem.evaluate(next);
    const bool tiny = step.norm() <= 1e-9 * (std::sqrt(now.cost) + 1e-6 * problem.start().norm());
    converged = tiny;
    if (next.cost <= now.cost) {
      std::swap(now, next);
      damping = damping > 1e-6 ? damping / 5 : 0;
      if (!converged) problem.expand(now, gradient, hessian);
    } else {
      damping = std::max(damping * 4, 1e-3);
    }
  }
  return now;
}

}  // namespace

AutobkBasis::AutobkBasis(const VectorXd& energy, double e0, const record::AutobkSettings& settings)
    : parts_(std::make_shared<const Parts>(energy, e0, settings)) {}

const VectorXd& AutobkBasis::k() const { return parts_->k; }
const record::AutobkSettings& AutobkBasis::used() const { return parts_->used; }
const std::vector<std::string>& AutobkBasis::warnings() const { return parts_->warnings; }
int AutobkBasis::coefficients() const { return static_cast<int>(parts_->spline.cols()); }

std::shared_ptr<const AutobkBasis> AutobkBasis::get(const VectorXd& energy, double e0,
                                                    const record::AutobkSettings& settings) {
  constexpr std::size_t kept = 8;
  static thread_local std::list<std::shared_ptr<const AutobkBasis>> store;
  const auto found = std::find_if(store.begin(), store.end(), [&](const auto& basis) {
    return basis->parts_->is_for(energy, e0, settings);
  });
  if (found != store.end()) {
    store.splice(store.begin(), store, found);  // the one used last comes first
    return store.front();
  }
  store.push_front(std::make_shared<const AutobkBasis>(energy, e0, settings));
  if (store.size() > kept) store.pop_back();
  return store.front();
}

AutobkBasis::Background AutobkBasis::solve(const VectorXd& mu) const {
  const Parts& parts = *parts_;
  if (mu.size() != parts.energy.size())
    throw Error(Cause::internal, "autobk: the spectrum does not fit the grid");
  const VectorXd d = (*parts.to_k)(mu.segment(parts.first, parts.count));
  const VectorXd low = parts.low_part(d);
  VectorXd on_axes = parts.axes.transpose() * low;
  const double rest = (low - parts.axes * on_axes).squaredNorm();
  Clamped problem(parts.gain, parts.clamp_rows, std::move(on_axes), rest,
                  static_cast<double>(low.size()), parts.clamp.cwiseProduct(d(parts.clamped)));
  Background out;
  const Stand best = minimise(problem, out.steps, out.converged);
  const VectorXd z = problem.start() + best.z;
  out.cost = best.cost;
  out.clamp_scale = best.scale;
  out.mu0 = mu;
  out.mu0.segment(parts.first, parts.count).noalias() = parts.spline * z;
  out.chi = d;
  out.chi.noalias() -= parts.chi * z;
  return out;
}

// Everything follows from χ at the minimum: the residuals are its transform and its ends.
void AutobkBasis::uncertainty(Background& out) const {
  const Parts& parts = *parts_;
  if (out.chi.size() != parts.k.size())
    throw Error(Cause::internal, "autobk: the background does not fit the grid");
  const VectorXd low = parts.low_part(out.chi);
  const VectorXd clamp = parts.clamp.cwiseProduct(out.chi(parts.clamped));
  const Eigen::Index points = 2 * parts.points_r, p = parts.spline.cols();
  const VectorXd slope = -20.0 / static_cast<double>(points) *
                         parts.gain.cwiseProduct(parts.axes.transpose() * low);  // of the scale
  const MatrixXd rows = -out.clamp_scale * parts.clamp_rows + slope * clamp.transpose();
  MatrixXd square = rows * rows.transpose();
  square.diagonal() += parts.gain.cwiseAbs2();
  const Eigen::LLT<MatrixXd> normal(square);
  const Eigen::Index free =
      std::max<Eigen::Index>(points + (parts.used.nclamp > 0 ? 2 * parts.used.nclamp : 0) - p, 1);
  const double deviation = std::sqrt(out.cost / static_cast<double>(free));
  const auto errors = [&](const MatrixXd& curves) -> VectorXd {
    const double dof = static_cast<double>(std::max<Eigen::Index>(curves.rows() - p, 1));
    const double t = numeric::student_quantile(one_sigma, dof);
    return t * deviation * normal.matrixL().solve(curves.transpose()).colwise().norm().transpose();
  };
  out.delta_chi = errors(parts.chi);
  out.delta_mu0 = VectorXd::Zero(parts.energy.size());
  out.delta_mu0.segment(parts.first, parts.count) = errors(parts.spline);
}

}  // namespace twin::xas
