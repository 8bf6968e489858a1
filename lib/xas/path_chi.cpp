// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <complex>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/path_model.h"

namespace twin::xas {

namespace {

using Complex = std::complex<double>;
constexpr Complex i1(0, 1);

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

PathModel::Point PathModel::at(const PathValues& v, double k, Eigen::Index& hint) const {
  // E0 moves the origin of q; below it q is negative, as the peers have it.
  double above = k * k - v.e0 * etok;
  if (std::abs(above) < 1e-6) above = 1e-6;
  const double q = std::copysign(std::sqrt(std::abs(above)), above);
  Point out;
  if (q > columns_.back() + 1e-9) return out;
  double value[4], slope[4];
  columns_.evaluate(q, hint, value, slope);
  const auto [amp, pha, rep, lambda] = value;
  const double sign = rep < 0 ? -1 : 1;  // the root of p² with a positive real part
  const Complex p = sign * Complex(rep, 1 / lambda);
  const Complex dp = sign * Complex(slope[2], -slope[3] / (lambda * lambda));
  const Complex pp = p * p;
  const double r = reff_ + v.delta_r, shift = v.delta_r - 2 * v.sigma2 / reff_;
  const Complex exponent = -2 * reff_ * p.imag() - 2.0 * pp * v.sigma2 +
                           2.0 / 3.0 * pp * pp * v.c4 +
                           i1 * (2 * q * reff_ + pha + 2.0 * p * (shift - 2.0 / 3.0 * pp * v.c3));
  const Complex wave = std::exp(exponent) / (q * r * r);  // without amplitude and amp
  const Complex x = amp * wave;
  const Complex ax = v.amplitude * x;
  const Complex dexponent = -2 * reff_ * dp.imag() - 4.0 * p * dp * v.sigma2 +
                            8.0 / 3.0 * pp * p * dp * v.c4 +
                            i1 * (2 * reff_ + slope[1] + 2.0 * dp * shift - 4.0 * pp * dp * v.c3);
  const Complex by_q = v.amplitude * slope[0] * wave + ax * (dexponent - 1 / q);
  out.chi = ax.imag();
  out.slope[0] = x.imag();
  out.slope[1] = by_q.imag() * -etok / (2 * std::abs(q));
  out.slope[2] = (ax * (2.0 * i1 * p - 2 / r)).imag();
  out.slope[3] = (ax * (-2.0 * pp - 4.0 * i1 * p / reff_)).imag();
  out.slope[4] = (ax * (-4.0 / 3.0 * i1 * p * pp)).imag();
  out.slope[5] = (ax * (2.0 / 3.0 * pp * pp)).imag();
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
    const Point point = at(values, k[i], hint);
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
