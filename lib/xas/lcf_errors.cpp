// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_errors.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int most_steps = 5;
constexpr double near_enough = 0.01;  // of a standard error: the step that ends the correction
constexpr double least_left = 0.2;    // of JᵀJ in any direction, once the noise is taken off

// Everything about the noise at one place.
class Noise {
 public:
  Noise(LcfProblem& problem, const std::vector<LcfStandard>& standards, double noise,
        const VectorXd& x, bool released)
      : problem_(problem), layout_(problem.layout) {
    const Index p = layout_.parameters;
    const VectorXd w = layout_.weights(x);
    MatrixXd plain;
    const VectorXd model = problem.model(x, &plain);
    residual = problem.space(model - problem.data());
    jacobian = problem.space(plain);
    for (Index i = 0; i < p; ++i) {
      const double low = problem.lower()[i], high = problem.upper()[i];
      held = held || x[i] <= low || x[i] >= high;
      if ((!released || !(low < high)) && (x[i] <= low || x[i] >= high)) jacobian.col(i).setZero();
    }
    const MatrixXd seen = problem.transposed_space(jacobian);
    middle = noise * noise * (seen.transpose() * seen);
    expected = noise * noise * problem.space_squares();
    gradient = VectorXd::Zero(p);
    curvature = MatrixXd::Zero(p, p);
    for (Index j = 0; j < layout_.standards; ++j) {
      const double sigma = standards[static_cast<std::size_t>(j)].noise;
      const bool counted = standards[static_cast<std::size_t>(j)].spread.cols() > 0;
      if (sigma > 0 && (released || w[j] != 0.0))
        add(j, x, w[j], sigma, counted ? MatrixXd() : seen);
    }
  }

  VectorXd residual;
  MatrixXd jacobian;
  MatrixXd middle;      // Jᵀ C J
  VectorXd gradient;    // ½ ∇T
  MatrixXd curvature;   // N
  double expected = 0;  // Σ residual²
  bool held = false;    // a parameter, by a bound

 private:
  void add(Index j, const VectorXd& x, double w, double sigma, const MatrixXd& seen) {
    const LcfResponse response = problem_.response(j, x);
    const Eigen::Matrix3d moments = sigma * sigma * problem_.space(response).moments();
    // The coefficients of value, ∂shift and ∂variance as the parameters move.
    MatrixXd by = MatrixXd::Zero(3, layout_.parameters);
    by.row(0) = layout_.weights_jacobian().row(j);
    if (layout_.shift >= 0) by(1, layout_.shift) = w;
    if (layout_.variance >= 0) by(2, layout_.variance) = w;
    gradient += w * by.transpose() * moments.col(0);
    curvature += by.transpose() * moments * by;
    expected += w * w * moments(0, 0);
    if (seen.size() == 0) return;  // noise is in the spread already
    const MatrixXd seen_by = response.transposed_times(seen);
    middle += std::pow(w * sigma, 2) * (seen_by.transpose() * seen_by);
  }

  LcfProblem& problem_;
  const LcfLayout& layout_;
};

// (JᵀJ - N)⁻¹ over what is open; no direction keeps less than a share of its JᵀJ.
MatrixXd inverse_of(const Noise& noise) {
  const MatrixXd normal = noise.jacobian.transpose() * noise.jacobian;
  const VectorXd root = normal.diagonal().cwiseSqrt().unaryExpr(
      [](double d) { return d > 0 && std::isfinite(d) ? 1 / d : 0.0; });
  const MatrixXd scaled = root.asDiagonal() * normal * root.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(scaled);
  const double cutoff = 1e-12 * std::max(eigen.eigenvalues().maxCoeff(), 1e-300);
  const VectorXd white = eigen.eigenvalues().unaryExpr(
      [&](double value) { return value > cutoff ? 1 / std::sqrt(value) : 0.0; });
  const MatrixXd to_white = root.asDiagonal() * eigen.eigenvectors() * white.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> share(to_white.transpose() * noise.curvature *
                                                      to_white);
  const VectorXd left = share.eigenvalues().unaryExpr(
      [](double taken) { return 1 / std::max(1 - taken, least_left); });
  const MatrixXd directions = to_white * share.eigenvectors();
  return directions * left.asDiagonal() * directions.transpose();
}

// What noise, and what is wrong with the standards, does to the parameters.
void propagate(LcfErrors& out, LcfProblem& problem, const std::vector<LcfStandard>& standards,
               const Noise& noise) {
  const MatrixXd inverse = inverse_of(noise), by = inverse * noise.jacobian.transpose();
  out.covariance = inverse * noise.middle * inverse;
  out.by_scale = by * problem.space(problem.by_scale(out.x));
  out.by_energy = by * problem.space(problem.by_energy(out.x));
  out.by_spread = by * problem.space(problem.by_spread(out.x, standards));
}

}  // namespace

LcfErrors lcf_errors(LcfProblem& problem, const numeric::LeastSquaresFit& fit,
                     const std::vector<LcfStandard>& standards, double noise) {
  LcfErrors out;
  out.x = fit.x;
  for (int step = 0;; ++step) {
    const Noise here(problem, standards, noise, out.x, false);
    const MatrixXd inverse = inverse_of(here);
    const VectorXd change = inverse * (here.gradient - here.jacobian.transpose() * here.residual);
    const VectorXd unit = (inverse * here.middle * inverse).diagonal().cwiseMax(1e-300).cwiseSqrt();
    const bool done = !change.allFinite() || step == most_steps || !(noise > 0) ||
                      change.cwiseQuotient(unit).cwiseAbs().maxCoeff() < near_enough;
    if (!done) {
      out.x = (out.x + change).cwiseMax(problem.lower()).cwiseMin(problem.upper());
      continue;
    }
    out.expected = here.expected;
    if (here.held)
      propagate(out, problem, standards, Noise(problem, standards, noise, out.x, true));
    else
      propagate(out, problem, standards, here);
    return out;
  }
}

}  // namespace twin::xas
