// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "numeric/circle.h"
#include "xas/path_model.h"

namespace twin::xas {

namespace {

Eigen::MatrixXd columns_of(const ScatteringPath& path) {
  const Eigen::Index n = path.k.size();
  if (path.phc.size() != n || path.mag.size() != n || path.phase.size() != n ||
      path.reduction.size() != n || path.lambda.size() != n || path.rep.size() != n || n < 4 ||
      !(path.reff > 0.05))
    throw Error(Cause::data,
                "path " + printable(path.name) +
                    ": columns of one length, four rows and a positive reff are wanted");
  Eigen::MatrixXd columns(n, 4);
  columns << path.mag.cwiseProduct(path.reduction), path.phc + path.phase, path.rep, path.lambda;
  return columns;
}

}  // namespace

/// χ and its derivatives at one k.
struct PathModel::Point {
  double chi = 0.0;
  double slope[parameters] = {};
};

PathModel::PathModel(const ScatteringPath& path)
    : reff_(path.reff), degeneracy_(path.degeneracy), columns_(path.k, columns_of(path)) {}

// Written out in real arithmetic: complex products check for infinities. p = a + ib, p² = c + id.
PathModel::Point PathModel::at(const PathValues& v, double k, Eigen::Index& hint,
                               bool with_slopes) const {
  // E0 moves the origin of q; below it q is negative, as the peers have it.
  double above = k * k - v.e0 * etok;
  if (std::abs(above) < 1e-6) above = 1e-6;
  const double q = std::copysign(std::sqrt(std::abs(above)), above);
  Point out;
  if (q > columns_.back() + 1e-9) return out;
  double value[4], slope[4];
  columns_.evaluate(q, hint, value, slope);
  const auto [amp, pha, rep, lambda] = value;
  const double over = 1 / (q * lambda), by_q = over * lambda, by_lambda = over * q;
  const double sign = rep < 0 ? -1 : 1;  // the root of p² with a positive real part
  const double a = sign * rep, b = sign * by_lambda;
  const double c = a * a - b * b, d = 2 * a * b, third = 2.0 / 3.0 * v.c3;
  const double r = reff_ + v.delta_r, shift = v.delta_r - 2 * v.sigma2 / reff_;
  // 2 p (shift - (2/3) p² c3) = w + iz
  const double w = 2 * (a * (shift - third * c) + b * third * d);
  const double z = 2 * (b * (shift - third * c) - a * third * d);
  const double decay = -2 * (reff_ * b + v.sigma2 * c) + 2.0 / 3.0 * v.c4 * (c * c - d * d) - z;
  const double phase = 2 * (q * reff_ - v.sigma2 * d) + pha + w + 4.0 / 3.0 * v.c4 * c * d;
  const double size = std::exp(decay) * by_q / (r * r);  // without amplitude and amp
  const auto [sine, cosine] = numeric::sine_cosine(phase);
  const double re = size * cosine, im = size * sine;
  out.slope[0] = amp * im;
  out.chi = v.amplitude * out.slope[0];
  if (!with_slopes) return out;
  const double x = v.amplitude * amp * re, y = out.chi;
  const double da = sign * slope[2], db = -sign * slope[3] * by_lambda * by_lambda;
  // (p²)' = 2 p p' = f + ig, and that of the exponent
  const double f = 2 * (a * da - b * db), g = 2 * (a * db + b * da);
  const double u = shift - 3 * third * c, t = -3 * third * d;
  const double dw = 2 * (da * u - db * t), dz = 2 * (da * t + db * u);
  const double ddecay = -2 * (reff_ * db + v.sigma2 * f) + 4.0 / 3.0 * v.c4 * (c * f - d * g) - dz;
  const double dphase =
      2 * (reff_ - v.sigma2 * g) + slope[1] + dw + 4.0 / 3.0 * v.c4 * (c * g + d * f);
  const double along = v.amplitude * slope[0] * im + x * dphase + y * (ddecay - by_q);
  out.slope[1] = along * -etok / 2 * std::abs(by_q);
  out.slope[2] = 2 * (x * a - y * (b + 1 / r));
  out.slope[3] = y * (4 * b / reff_ - 2 * c) - x * (2 * d + 4 * a / reff_);
  out.slope[4] = -4.0 / 3.0 * (x * (a * c - b * d) - y * (a * d + b * c));
  out.slope[5] = 2.0 / 3.0 * (y * (c * c - d * d) + x * 2 * c * d);
  return out;
}

void PathModel::add(const PathValues& values, const Eigen::VectorXd& k, Eigen::VectorXd& chi,
                    Eigen::MatrixXd* slopes) const {
  const Eigen::Index n = k.size();
  const bool from_zero = n >= 3 && std::abs(k[0]) < 1e-9;
  if (slopes) slopes->resize(n, parameters);
  Eigen::Index hint = 0;
  double second = 0, third = 0;
  for (Eigen::Index i = from_zero ? 1 : 0; i < n; ++i) {
    const Point point = at(values, k[i], hint, slopes != nullptr);
    chi[i] += point.chi;
    if (i == 1) second = point.chi;
    if (i == 2) third = point.chi;
    if (slopes)
      for (int j = 0; j < parameters; ++j) (*slopes)(i, j) = point.slope[j];
  }
  if (!from_zero) return;
  chi[0] += 2 * second - third;
  if (slopes) slopes->row(0) = 2 * slopes->row(1) - slopes->row(2);
}

Eigen::VectorXd path_chi(const ScatteringPath& path, const PathValues& values,
                         const Eigen::VectorXd& k) {
  Eigen::VectorXd chi = Eigen::VectorXd::Zero(k.size());
  PathModel(path).add(values, k, chi, nullptr);
  return chi;
}

}  // namespace twin::xas
