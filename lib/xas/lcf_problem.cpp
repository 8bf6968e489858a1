// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf_problem.h"

#include <Eigen/QR>
#include <cmath>
#include <limits>
#include <utility>

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double coarse_shift = 0.5;               // eV, of the search for a start
constexpr double weakest = -0.5, strongest = 0.9;  // of self-absorption

}  // namespace

LcfLayout::LcfLayout(Index n, const record::LcfSettings& settings)
    : standards(n), sum_to_one(settings.sum_to_one) {
  if (settings.sum_to_one && !settings.step) dependent = n - 1;
  parameters = dependent < 0 ? n : n - 1;
  const auto next = [&](bool wanted) { return wanted ? parameters++ : Index{-1}; };
  const bool derivative = settings.space == "derivative";
  offset = next(settings.slope && !derivative);  // no difference sees a constant
  slope = next(settings.slope);
  shift = next(settings.shift);
  variance = next(settings.broadening);
  self_absorption = next(settings.self_absorption);
}

VectorXd LcfLayout::weights(const VectorXd& x) const {
  if (dependent < 0) return x.head(standards);
  VectorXd out = weights_jacobian().leftCols(standards - 1) * x.head(standards - 1);
  out[dependent] += 1;
  return out;
}

MatrixXd LcfLayout::weights_jacobian() const {
  MatrixXd out = MatrixXd::Zero(standards, parameters);
  for (Index j = 0, column = 0; j < standards; ++j) {
    if (j == dependent) continue;
    out(j, column) = 1;
    if (dependent >= 0) out(dependent, column) = -1;
    ++column;
  }
  return out;
}

LcfProblem::LcfProblem(VectorXd energy, VectorXd data, double e0,
                       const std::vector<LcfStandard>& standards,
                       const record::LcfSettings& settings)
    : layout(static_cast<Index>(standards.size()), settings),
      energy_(std::move(energy)),
      data_(std::move(data)),
      from_e0_(energy_.array() - e0),
      nonnegative_(settings.nonnegative),
      max_shift_(settings.shift ? settings.max_shift : 0.0),
      derivative_(settings.space == "derivative"),
      basis_(energy_, standards, max_shift_, settings.broadening) {}

MatrixXd LcfProblem::space(const MatrixXd& in) const {
  if (!derivative_) return in;
  const Index n = in.rows() - 2;
  if (in.cols() == 0) return MatrixXd(n, 0);  // standards without a spread
  const VectorXd over = (energy_.tail(n) - energy_.head(n)).cwiseInverse();
  return over.asDiagonal() * (in.bottomRows(n) - in.topRows(n));
}

MatrixXd LcfProblem::transposed_space(const MatrixXd& in) const {
  if (!derivative_) return in;
  const Index n = in.rows();
  if (in.cols() == 0) return MatrixXd(n + 2, 0);
  const VectorXd over = (energy_.tail(n) - energy_.head(n)).cwiseInverse();
  MatrixXd out = MatrixXd::Zero(n + 2, in.cols());
  out.bottomRows(n) += over.asDiagonal() * in;
  out.topRows(n) -= over.asDiagonal() * in;
  return out;
}

// m = U/D, U = Σ w_j S_j, D = 1 + s (U/W - 1), W = Σ w_j:
// ∂m/∂w_j = S_j/D - U s (S_j - U/W)/(W D²).
MatrixXd LcfProblem::by_weights(const VectorXd& x) {
  const VectorXd w = layout.weights(x);
  basis_.evaluate(LcfLayout::at(x, layout.shift), LcfLayout::at(x, layout.variance));
  const double s = LcfLayout::at(x, layout.self_absorption);
  if (s == 0.0) return basis_.value;
  const double total = w.sum();
  const Eigen::ArrayXd u = (basis_.value * w).array() / total, d = 1 + s * (u - 1);
  return (1 / d).matrix().asDiagonal() * basis_.value -
         (s * u / d.square()).matrix().asDiagonal() * (basis_.value.colwise() - u.matrix());
}

VectorXd LcfProblem::model(const VectorXd& x, MatrixXd* jacobian) {
  const VectorXd w = layout.weights(x);
  const MatrixXd by_w = by_weights(x);  // evaluates the basis
  const double s = LcfLayout::at(x, layout.self_absorption), total = w.sum();
  const VectorXd sum = basis_.value * w;
  const Eigen::ArrayXd u = sum.array() / (total != 0.0 ? total : 1.0), d = 1 + s * (u - 1);
  VectorXd out = (sum.array() / d).matrix();
  out.array() += LcfLayout::at(x, layout.offset);
  out += LcfLayout::at(x, layout.slope) * from_e0_;
  if (!jacobian) return out;
  *jacobian = by_w * layout.weights_jacobian();
  const VectorXd by_u = ((1 - s) / d.square()).matrix();
  if (layout.offset >= 0) jacobian->col(layout.offset).setOnes();
  if (layout.slope >= 0) jacobian->col(layout.slope) = from_e0_;
  if (layout.shift >= 0) jacobian->col(layout.shift) = by_u.cwiseProduct(basis_.by_shift * w);
  if (layout.variance >= 0)
    jacobian->col(layout.variance) = by_u.cwiseProduct(basis_.by_variance * w);
  if (layout.self_absorption >= 0)
    jacobian->col(layout.self_absorption) = -(sum.array() * (u - 1) / d.square()).matrix();
  return out;
}

MatrixXd LcfProblem::by_scale(const VectorXd& x) {
  return by_weights(x) * layout.weights(x).asDiagonal();
}

VectorXd LcfProblem::by_sum(const VectorXd& x) {
  const VectorXd w = layout.weights(x);
  basis_.evaluate(LcfLayout::at(x, layout.shift), LcfLayout::at(x, layout.variance));
  const double s = LcfLayout::at(x, layout.self_absorption), total = w.sum();
  const Eigen::ArrayXd u = (basis_.value * w).array() / (total != 0.0 ? total : 1.0);
  return ((1 - s) / (1 + s * (u - 1)).square()).matrix();
}

MatrixXd LcfProblem::by_energy(const VectorXd& x) {
  return by_sum(x).asDiagonal() * basis_.by_shift * layout.weights(x).asDiagonal();
}

MatrixXd LcfProblem::by_spread(const VectorXd& x, const std::vector<LcfStandard>& standards) {
  Index columns = 0;
  for (const LcfStandard& standard : standards) columns += standard.spread.cols();
  MatrixXd out(energy_.size(), columns);
  const VectorXd w = layout.weights(x);
  for (Index j = 0, at = 0; j < layout.standards; ++j) {
    const MatrixXd& spread = standards[static_cast<std::size_t>(j)].spread;
    if (spread.cols() == 0) continue;
    const LcfResponse by = response(j, x);
    out.middleCols(at, spread.cols()) = w[j] * by.times(spread.middleRows(by.from, by.points));
    at += spread.cols();
  }
  return out;
}

LcfResponse LcfProblem::response(Index j, const VectorXd& x) {
  LcfResponse out =
      basis_.response(j, LcfLayout::at(x, layout.shift), LcfLayout::at(x, layout.variance));
  if (layout.self_absorption >= 0) out.scale(by_sum(x));
  return out;
}

LcfResponse LcfProblem::space(const LcfResponse& in) const {
  if (!derivative_) return in;
  const Index n = energy_.size() - 2;
  LcfResponse out = in.differences();
  out.scale((energy_.tail(n) - energy_.head(n)).cwiseInverse());
  return out;
}

double LcfProblem::space_squares() const {
  const Index n = energy_.size() - 2;
  if (!derivative_) return static_cast<double>(energy_.size());
  return 2 * (energy_.tail(n) - energy_.head(n)).cwiseInverse().squaredNorm();
}

void LcfProblem::set_bounds() {
  const Index weights = layout.dependent < 0 ? layout.standards : layout.standards - 1;
  lower_ = VectorXd::Constant(layout.parameters, -INFINITY);
  upper_ = VectorXd::Constant(layout.parameters, INFINITY);
  if (nonnegative_) lower_.head(weights).setZero();
  if (nonnegative_ && layout.dependent >= 0) upper_.head(weights).setOnes();
  const auto bound = [&](Index i, double low, double high) {
    if (i >= 0) lower_[i] = low, upper_[i] = high;
  };
  bound(layout.shift, -max_shift_, max_shift_);
  bound(layout.variance, LcfBasis::least_variance, LcfBasis::greatest_variance);
  bound(layout.self_absorption, weakest, strongest);
}

// The best of a row of shifts by linear least squares without bounds; its weights made positive.
VectorXd LcfProblem::start() {
  const auto steps =
      layout.shift < 0 ? Index{0} : static_cast<Index>(std::floor(max_shift_ / coarse_shift));
  VectorXd best = VectorXd::Zero(layout.parameters);
  double least = INFINITY;
  for (Index i = -steps; i <= steps; ++i) {
    VectorXd x = VectorXd::Zero(layout.parameters);
    const Index weights = layout.dependent < 0 ? layout.standards : layout.standards - 1;
    x.head(weights).setConstant(1.0 / static_cast<double>(layout.standards));
    if (layout.shift >= 0) x[layout.shift] = coarse_shift * static_cast<double>(i);
    MatrixXd jacobian;
    const VectorXd residual = space(model(x, &jacobian) - data_);
    for (const Index fixed : {layout.shift, layout.variance, layout.self_absorption})
      if (fixed >= 0) jacobian.col(fixed).setZero();
    const MatrixXd differences = space(jacobian);
    const VectorXd step = -differences.colPivHouseholderQr().solve(residual);
    const double cost = (residual + differences * step).squaredNorm();
    if (!(cost < least)) continue;
    least = cost;
    best = (x + step).cwiseMax(lower_).cwiseMin(upper_);
  }
  return best;
}

numeric::LeastSquaresFit LcfProblem::fit_once() {
  set_bounds();
  const numeric::Residuals residuals = [this](const VectorXd& x, VectorXd& residual,
                                              MatrixXd* jacobian) {
    MatrixXd plain;
    residual = space(model(x, jacobian ? &plain : nullptr) - data_);
    if (jacobian) *jacobian = space(plain);
  };
  return numeric::least_squares(residuals, start(), lower_, upper_);
}

// The weight that depends on the others has no bound of its own: where it comes out below zero,
// another one is made to depend. It can happen once for each standard at most.
numeric::LeastSquaresFit LcfProblem::fit() {
  numeric::LeastSquaresFit out = fit_once();
  for (Index turn = 0; nonnegative_ && layout.dependent >= 0 && turn < layout.standards; ++turn) {
    const VectorXd w = layout.weights(out.x);
    if (w[layout.dependent] >= 0) break;
    w.maxCoeff(&layout.dependent);
    out = fit_once();
  }
  return out;
}

}  // namespace twin::xas
