// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_errors.h"

#include <cmath>

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Directions in which the fit is held by a bound carry no error.
MatrixXd open_jacobian(const LcfProblem& problem, const numeric::LeastSquaresFit& fit) {
  MatrixXd out = fit.jacobian;
  for (Index i = 0; i < fit.x.size(); ++i)
    if (fit.x[i] <= problem.lower()[i] || fit.x[i] >= problem.upper()[i]) out.col(i).setZero();
  return out;
}

BandedRows identity(Index n) {
  BandedRows out;
  for (Index i = 0; i < n; ++i) {
    out.first.push_back(i);
    out.values.emplace_back(VectorXd::Ones(1));
  }
  return out;
}

// How much of the standards' noise reaches the model, as shift and broadening go.
struct Spread {
  const LcfProblem& problem;
  double shift, variance;

  [[nodiscard]] double squares(Index j, double more_shift, double more_variance) const {
    return problem.squares(
        problem.basis().response(j, shift + more_shift, variance + more_variance));
  }
};

}  // namespace

LcfErrors lcf_errors(LcfProblem& problem, const numeric::LeastSquaresFit& fit,
                     const std::vector<LcfStandard>& standards, double noise) {
  const LcfLayout& layout = problem.layout;
  const MatrixXd jacobian = open_jacobian(problem, fit);
  const MatrixXd inverse = numeric::inverse_normal(jacobian).covariance;
  const VectorXd w = layout.weights(fit.x);
  const MatrixXd by_weights = layout.weights_jacobian();
  const Spread spread{problem, LcfLayout::at(fit.x, layout.shift),
                      LcfLayout::at(fit.x, layout.variance)};
  const MatrixXd seen = problem.transposed_space(jacobian);  // in norm, before differences
  MatrixXd middle = noise * noise * (seen.transpose() * seen);
  VectorXd gradient = VectorXd::Zero(layout.parameters);
  LcfErrors out;
  out.expected = noise * noise * problem.squares(identity(problem.energy().size()));
  for (Index j = 0; j < layout.standards; ++j) {
    const double sigma = standards[static_cast<std::size_t>(j)].noise;
    if (!(sigma > 0) || w[j] == 0.0) continue;
    const double weight = std::pow(w[j] * sigma, 2);
    const BandedRows response = problem.basis().response(j, spread.shift, spread.variance);
    const MatrixXd seen_by = response.transposed_times(seen, problem.basis().points(j));
    middle += weight * (seen_by.transpose() * seen_by);
    const double squares = problem.squares(response);
    out.expected += weight * squares;
    gradient += by_weights.row(j).transpose() * (w[j] * sigma * sigma * squares);
    constexpr double ds = 0.01, dv = 0.005;  // eV, eV²: the sums are smooth on this scale
    if (layout.shift >= 0)
      gradient[layout.shift] +=
          weight * (spread.squares(j, ds, 0) - spread.squares(j, -ds, 0)) / (4 * ds);
    if (layout.variance >= 0)
      gradient[layout.variance] +=
          weight * (spread.squares(j, 0, dv) - spread.squares(j, 0, -dv)) / (4 * dv);
  }
  out.covariance = inverse * middle * inverse;
  out.by_scale = inverse * (jacobian.transpose() * problem.space(problem.by_scale(fit.x)));
  out.by_energy = inverse * (jacobian.transpose() * problem.space(problem.by_energy(fit.x)));
  out.pull = -inverse * gradient;
  return out;
}

}  // namespace twin::xas
