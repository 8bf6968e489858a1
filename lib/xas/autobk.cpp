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

// Where the solution stands: residuals below rbkg and at the clamps.
struct Stand {
  VectorXd z, low, clamp;
  double scale = 0.0, cost = 0.0;
};

// Newton's method, damped, for one spectrum: b and d as in the header, d at the clamps only.
class Clamped {
 public:
  Clamped(const MatrixXd& a, const MatrixXd& normal, const MatrixXd& c, VectorXd b, VectorXd d)
      : a_(a), normal_(normal), c_(c), b_(std::move(b)), d_(std::move(d)) {}

  // The minimum for the least scale of the clamps, which is the answer for quiet data.
  [[nodiscard]] Stand start() const {
    const double s = least_clamp_scale;
    return at(a_.transpose() * b_ + s * s * (c_.transpose() * d_));
  }

  [[nodiscard]] Stand at(const VectorXd& z) const {
    Stand out{z, b_ - a_ * z, d_ - c_ * z};
    const double square = out.low.squaredNorm();
    out.scale = least_clamp_scale + 10 * square / static_cast<double>(b_.size());
    out.cost = square + out.scale * out.scale * out.clamp.squaredNorm();
    return out;
  }

  // Half the gradient and half the Hessian of the cost, both exact. The scale's own curvature is
  // what makes plain Gauss-Newton creep when the clamps are strong.
  void expand(const Stand& now, VectorXd& gradient, MatrixXd& hessian) const {
    const double n = static_cast<double>(b_.size());
    const VectorXd slope = -20.0 / n * (a_.transpose() * now.low);  // of the scale
    const MatrixXd rows = -now.scale * c_ + now.clamp * slope.transpose();
    gradient = -(a_.transpose() * now.low) + rows.transpose() * (now.scale * now.clamp);
    const VectorXd pull = now.scale * (c_.transpose() * now.clamp);
    hessian = (1 + 20.0 / n * now.scale * now.clamp.squaredNorm()) * normal_ +
              rows.transpose() * rows - slope * pull.transpose() - pull * slope.transpose();
  }

 private:
  const MatrixXd &a_, &normal_, &c_;
  VectorXd b_, d_;
};

constexpr int most_steps = 200;
constexpr double one_sigma = 0.84134474606854293;  // share of a Gaussian below mean + σ

// Ends when a step no longer moves the solution by more than rounding; the coordinates are scaled
// so that z is comparable with the residuals.
Stand minimise(const Clamped& problem, int& steps, bool& converged) {
  Stand now = problem.start();
  VectorXd gradient;
  MatrixXd hessian;
  double damping = 0;
  problem.expand(now, gradient, hessian);
  for (steps = 0; steps < most_steps && !converged; ++steps) {
    MatrixXd damped = hessian;
    damped.diagonal().array() += damping;
    const Eigen::LDLT<MatrixXd> solver(damped);
    if (!solver.isPositive()) {
      damping = std::max(damping * 4, 1e-2);
      continue;
    }
    const VectorXd step = -solver.solve(gradient);
    const Stand next = problem.at(now.z + step);
    const bool tiny = step.norm() <= 1e-9 * (std::sqrt(now.cost) + 1e-6 * now.z.norm());
    if (next.cost <= now.cost) {
      now = next;
      damping = damping > 1e-6 ? damping / 5 : 0;
      problem.expand(now, gradient, hessian);
    } else {
      damping = std::max(damping * 4, 1e-3);
    }
    converged = tiny;
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
  const auto spanned = mu.segment(parts.first, parts.count);
  const VectorXd d = (*parts.to_k)(spanned);
  const Clamped problem(parts.low_r, parts.low_r_normal, parts.clamp_rows, parts.transform * d,
                        parts.clamp.cwiseProduct(d(parts.clamped)));
  Background out;
  const Stand best = minimise(problem, out.steps, out.converged);
  out.cost = best.cost;
  out.clamp_scale = best.scale;
  out.mu0 = mu;
  out.mu0.segment(parts.first, parts.count) = parts.spline * best.z;
  out.chi = d - parts.chi * best.z;
  return out;
}

// Everything follows from χ at the minimum: the residuals are its transform and its ends.
void AutobkBasis::uncertainty(Background& out) const {
  const Parts& parts = *parts_;
  if (out.chi.size() != parts.k.size())
    throw Error(Cause::internal, "autobk: the background does not fit the grid");
  const VectorXd low = parts.transform * out.chi;
  const VectorXd clamp = parts.clamp.cwiseProduct(out.chi(parts.clamped));
  const Eigen::Index points = 2 * parts.points_r, p = parts.spline.cols();
  const VectorXd slope =
      -20.0 / static_cast<double>(points) * (parts.low_r.transpose() * low);  // of the scale
  const MatrixXd rows = -out.clamp_scale * parts.clamp_rows + clamp * slope.transpose();
  const Eigen::LLT<MatrixXd> normal(parts.low_r_normal + rows.transpose() * rows);
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
