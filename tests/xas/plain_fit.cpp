// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/plain_fit.h"

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

#include "core/constants.h"
#include "numeric/least_squares.h"
#include "numeric/spline.h"
#include "xas/bands.h"
#include "xas/transform.h"

namespace plain {

namespace {

using namespace twin;
using Complex = std::complex<double>;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr Complex i1(0, 1);

numeric::CubicSpline columns_of(const xas::ScatteringPath& path) {
  MatrixXd columns(path.k.size(), 4);
  columns << path.mag.cwiseProduct(path.reduction), path.phc + path.phase, path.rep, path.lambda;
  return {path.k, columns};
}

Point point_of(const numeric::CubicSpline& columns, double reff, const xas::PathValues& v,
               double k) {
  const double above = k * k - v.e0 * etok;  // below its origin q is negative
  const double q = std::copysign(std::sqrt(std::abs(above)), above);
  double value[4], slope[4];
  Index hint = 0;
  columns.evaluate(q, hint, value, slope);
  const auto [amp, pha, rep, lambda] = value;
  const Complex p(rep, 1 / lambda), dp(slope[2], -slope[3] / (lambda * lambda)), pp = p * p;
  const double r = reff + v.delta_r, shift = v.delta_r - 2 * v.sigma2 / reff;
  const Complex exponent = -2 * reff * p.imag() - 2.0 * pp * v.sigma2 + 2.0 / 3.0 * pp * pp * v.c4 +
                           i1 * (2 * q * reff + pha + 2.0 * p * (shift - 2.0 / 3.0 * pp * v.c3));
  const Complex wave = std::exp(exponent) / (q * r * r), x = amp * wave, ax = v.amplitude * x;
  const Complex dexponent = -2 * reff * dp.imag() - 4.0 * p * dp * v.sigma2 +
                            8.0 / 3.0 * pp * p * dp * v.c4 +
                            i1 * (2 * reff + slope[1] + 2.0 * dp * shift - 4.0 * pp * dp * v.c3);
  const Complex by_q = v.amplitude * slope[0] * wave + ax * (dexponent - 1 / q);
  return {ax.imag(),
          {x.imag(), by_q.imag() * -etok / (2 * std::abs(q)), (ax * (2.0 * i1 * p - 2 / r)).imag(),
           (ax * (-2.0 * pp - 4.0 * i1 * p / reff)).imag(),
           (ax * (-4.0 / 3.0 * i1 * p * pp)).imag(), (ax * (2.0 / 3.0 * pp * pp)).imag()}};
}

// Re and Im of the transform at each R, over the noise; all points of k.
MatrixXd rows_of(Index n, const record::FitSettings& s, const std::vector<double>& epsilon) {
  const VectorXd k = xas::k_grid(xas::nfft);
  const VectorXd taper = xas::window(k, s.kmin, s.kmax, s.dk, s.window);
  const auto from = static_cast<Index>(0.01 + s.rmin / xas::rstep);
  const auto to = static_cast<Index>(0.01 + s.rmax / xas::rstep);
  MatrixXd out(2 * (to - from) * static_cast<Index>(epsilon.size()), n);
  Index row = 0;
  for (std::size_t w = 0; w < epsilon.size(); ++w)
    for (Index j = from; j < to; ++j, row += 2)
      for (Index i = 0; i < n; ++i) {
        const double scale = xas::kstep * std::numbers::inv_sqrtpi * taper[i] *
                             std::pow(k[i], s.kweights[w]) / epsilon[w];
        const double angle = 2 * k[i] * xas::rstep * static_cast<double>(j);
        out(row, i) = scale * std::cos(angle);
        out(row + 1, i) = -scale * std::sin(angle);
      }
  return out;
}

}  // namespace

Point path_point(const xas::ScatteringPath& path, const xas::PathValues& values, double k) {
  return point_of(columns_of(path), path.reff, values, k);
}

Fit fit(const VectorXd& chi, const record::FitSettings& s,
        const std::vector<xas::ScatteringPath>& paths, const VectorXd& start) {
  std::vector<numeric::CubicSpline> columns;
  for (const auto& path : paths) columns.push_back(columns_of(path));
  const double n_idp = 1 + 2 * (s.rmax - s.rmin) * (s.kmax - s.kmin) / std::numbers::pi;
  double noise = 0;
  std::vector<double> epsilon;
  for (const double w : s.kweights)
    noise += xas::epsilon_k(chi, s, w) / static_cast<double>(s.kweights.size());
  for (const double w : s.kweights) epsilon.push_back(noise / xas::epsilon_ratio(s, w));
  MatrixXd rows = rows_of(chi.size(), s, epsilon);
  rows *= std::sqrt(n_idp / static_cast<double>(rows.rows()));
  const Index e0 = 3;  // after the first path's n, r, σ²
  const numeric::Residuals residuals = [&](const VectorXd& x, VectorXd& residual,
                                           MatrixXd* slopes) {
    VectorXd wave = VectorXd::Zero(chi.size());
    MatrixXd by = MatrixXd::Zero(chi.size(), x.size());
    for (std::size_t p = 0; p < paths.size(); ++p) {
      const Index at = p == 0 ? 0 : 3 * static_cast<Index>(p) + 1;
      const xas::PathValues v{.amplitude = x[at],
                              .e0 = x[e0],
                              .delta_r = x[at + 1] - paths[p].reff,
                              .sigma2 = x[at + 2]};
      for (Index i = 40; i < chi.size(); ++i) {  // below k = 2 the window is zero
        const Point point =
            point_of(columns[p], paths[p].reff, v, xas::kstep * static_cast<double>(i));
        wave[i] += point.chi;
        by(i, at) = point.slope[0];
        by(i, at + 1) = point.slope[2];
        by(i, at + 2) = point.slope[3];
        by(i, e0) += point.slope[1];
      }
    }
    residual = rows * (chi - wave);
    if (slopes) *slopes = -(rows * by);
  };
  const VectorXd far = VectorXd::Constant(start.size(), std::numeric_limits<double>::infinity());
  const auto best = numeric::least_squares(residuals, start, -far, far);
  const double freedom = n_idp - static_cast<double>(start.size());
  return {best.x,
          numeric::inverse_normal(best.jacobian).covariance,
          best.cost / freedom,
          best.cost / (rows * chi).squaredNorm(),
          epsilon.front(),
          best.evaluations};
}

}  // namespace plain
