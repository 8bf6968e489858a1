// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
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

PathModel::PathModel(const ScatteringPath& path)
    : reff_(path.reff), degeneracy_(path.degeneracy), columns_(path.k, columns_of(path)) {}

// E0 moves the origin of q; below it q is negative, as the peers have it.
void PathModel::at(double e0, const Eigen::VectorXd& k, PathPoints& out) const {
  const Eigen::Index n = k.size();
  out.count = n;
  const Eigen::Index stride = (n + 15) / 8 * 8;  // room for vectors that end past the last point
  if (out.values.rows() != stride) out.values.setConstant(stride, PathPoints::columns, 1.0);
  double* q = out.values.data();
  const double back = columns_.back();
  bool beyond = false;
  for (Eigen::Index i = 0; i < n; ++i) {
    double above = k[i] * k[i] - e0 * etok;
    if (std::abs(above) < 1e-6) above = 1e-6;
    q[i] = std::copysign(std::sqrt(std::abs(above)), above);
    beyond = beyond || q[i] > back + 1e-9;
  }
  Eigen::Index hint = 0;
  for (Eigen::Index from = 0, end = 0; from < n; from = end) {
    hint = columns_.interval(q[from], hint);
    const double low = columns_.origin(hint), high = columns_.origin(hint + 1);
    for (end = from + 1; end < n && q[end] >= low && q[end] < high;) ++end;
    spline_points(columns_.cubics(hint), low, from, end, out);
  }
  if (!beyond) return;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (!(q[i] > back + 1e-9)) continue;
    // The other columns stay those of the end: no wave is there, and none overflows.
    for (int j = PathPoints::pha; j < PathPoints::columns; ++j) out.values(i, j) = 1;
    out.values(i, PathPoints::amp) = out.values(i, PathPoints::amp + 4) = 0;
  }
}

void PathModel::add(const PathValues& values, const Eigen::VectorXd& k,
                    Eigen::Ref<Eigen::VectorXd> chi, Eigen::MatrixXd* slopes,
                    unsigned moving) const {
  static thread_local PathPoints points;
  static thread_local Eigen::VectorXd wave;
  const Eigen::Index n = k.size();
  const bool from_zero = n >= 3 && std::abs(k[0]) < 1e-9;
  at(values.e0, k, points);
  wave.resize(n);
  if (slopes) slopes->resize(n, parameters);
  path_waves(reff_, values, points, wave.data(), slopes, moving);
  if (from_zero) {
    wave[0] = 2 * wave[1] - wave[2];
    if (slopes) slopes->row(0) = 2 * slopes->row(1) - slopes->row(2);
  }
  chi += wave;
}

Eigen::VectorXd path_chi(const ScatteringPath& path, const PathValues& values,
                         const Eigen::VectorXd& k) {
  Eigen::VectorXd chi = Eigen::VectorXd::Zero(k.size());
  PathModel(path).add(values, k, chi, nullptr);
  return chi;
}

}  // namespace twin::xas
