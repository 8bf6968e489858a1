// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
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

/// χ and its derivatives at a few k, side by side so that vectors of the processor serve.
struct PathModel::Points {
  static constexpr int size = 8;
  using Block = Eigen::Array<double, size, 1>;
  Block chi;
  Block slope[parameters];
};

PathModel::PathModel(const ScatteringPath& path)
    : reff_(path.reff), degeneracy_(path.degeneracy), columns_(path.k, columns_of(path)) {}

// Written out in real arithmetic: p = a + ib, p² = c + id.
void PathModel::at(const PathValues& v, const double* k, Eigen::Index& hint, Points& out,
                   bool with_slopes) const {
  using Block = Points::Block;
  // E0 moves the origin of q; below it q is negative, as the peers have it.
  Block q, amp, pha, rep, lambda, amp_slope, pha_slope, rep_slope, lambda_slope;
  for (int i = 0; i < Points::size; ++i) {
    double above = k[i] * k[i] - v.e0 * etok;
    if (std::abs(above) < 1e-6) above = 1e-6;
    q[i] = std::copysign(std::sqrt(std::abs(above)), above);
    double value[4], slope[4];
    columns_.evaluate(std::min(q[i], columns_.back()), hint, value, slope);
    amp[i] = q[i] > columns_.back() + 1e-9 ? 0 : value[0];  // no wave beyond the end
    amp_slope[i] = q[i] > columns_.back() + 1e-9 ? 0 : slope[0];
    pha[i] = value[1], pha_slope[i] = slope[1];
    // the root of p² with a positive real part
    const double sign = value[2] < 0 ? -1 : 1;
    rep[i] = sign * value[2], rep_slope[i] = sign * slope[2];
    lambda[i] = sign * value[3], lambda_slope[i] = sign * slope[3];
  }
  const Block over = (q * lambda).inverse(), by_q = over * lambda;
  const Block a = rep, b = over * q, c = a * a - b * b, d = 2 * a * b;
  const double third = 2.0 / 3.0 * v.c3, fourth = 2.0 / 3.0 * v.c4;
  const double r = reff_ + v.delta_r, shift = v.delta_r - 2 * v.sigma2 / reff_;
  // 2 p (shift - (2/3) p² c3) = w + iz
  const Block w = 2 * (a * (shift - third * c) + b * (third * d));
  const Block z = 2 * (b * (shift - third * c) - a * (third * d));
  const Block decay = -2 * (reff_ * b + v.sigma2 * c) + fourth * (c * c - d * d) - z;
  const Block phase = 2 * (q * reff_ - v.sigma2 * d) + pha + w + 2 * fourth * c * d;
  const Block size = decay.exp() * by_q / (r * r);  // without amplitude and amp
  Block re, im;
  numeric::sine_cosine<Points::size>(phase, im, re);
  re *= size;
  im *= size;
  out.slope[0] = amp * im;
  out.chi = v.amplitude * out.slope[0];
  if (!with_slopes) return;
  const Block x = v.amplitude * amp * re, y = out.chi;
  const Block da = rep_slope, db = -lambda_slope * b * b;
  // (p²)' = 2 p p' = f + ig, and that of the exponent
  const Block f = 2 * (a * da - b * db), g = 2 * (a * db + b * da);
  const Block u = shift - 3 * third * c, t = -3 * third * d;
  const Block dw = 2 * (da * u - db * t), dz = 2 * (da * t + db * u);
  const Block ddecay = -2 * (reff_ * db + v.sigma2 * f) + 2 * fourth * (c * f - d * g) - dz;
  const Block dphase = 2 * (reff_ - v.sigma2 * g) + pha_slope + dw + 2 * fourth * (c * g + d * f);
  const Block along = v.amplitude * amp_slope * im + x * dphase + y * (ddecay - by_q);
  out.slope[1] = along * (-etok / 2) * by_q.abs();
  out.slope[2] = 2 * (x * a - y * (b + 1 / r));
  out.slope[3] = y * (4 / reff_ * b - 2 * c) - x * (2 * d + 4 / reff_ * a);
  out.slope[4] = -4.0 / 3.0 * (x * (a * c - b * d) - y * (a * d + b * c));
  out.slope[5] = 2.0 / 3.0 * (y * (c * c - d * d) + x * (2 * c * d));
}

void PathModel::add(const PathValues& values, const Eigen::VectorXd& k, Eigen::VectorXd& chi,
                    Eigen::MatrixXd* slopes) const {
  const Eigen::Index n = k.size();
  const bool from_zero = n >= 3 && std::abs(k[0]) < 1e-9;
  if (slopes) slopes->resize(n, parameters);
  Eigen::Index hint = 0;
  Points points;
  double second = 0, third = 0;
  for (Eigen::Index i = from_zero ? 1 : 0; i < n; i += Points::size) {
    double some[Points::size];
    const Eigen::Index count = std::min<Eigen::Index>(Points::size, n - i);
    for (Eigen::Index j = 0; j < Points::size; ++j) some[j] = k[i + std::min(j, count - 1)];
    at(values, some, hint, points, slopes != nullptr);
    chi.segment(i, count) += points.chi.matrix().head(count);
    if (i == 1) second = points.chi[0], third = points.chi[1];
    if (slopes)
      for (int j = 0; j < parameters; ++j)
        slopes->col(j).segment(i, count) = points.slope[j].matrix().head(count);
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
