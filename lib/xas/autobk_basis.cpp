// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/autobk_basis.h"

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "numeric/fourier.h"
#include "xas/pre_edge.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
constexpr double pi = std::numbers::pi;

VectorXd wave_numbers(const VectorXd& energy, double e0) {
  return (energy.array() - e0).unaryExpr([](double above) {
    return std::copysign(std::sqrt(etok * std::abs(above)), above);
  });
}

// The spline space with knots at \p at: each column interpolates one at one knot and zero at the
// rest.
MatrixXd cardinal_splines(const VectorXd& at, const VectorXd& x) {
  const numeric::CubicSpline all(at, MatrixXd::Identity(at.size(), at.size()));
  MatrixXd out(x.size(), at.size());
  VectorXd value(at.size()), slope(at.size());
  Index hint = 0;
  for (Index i = 0; i < x.size(); ++i) {
    all.evaluate(x[i], hint, value.data(), slope.data());
    out.row(i) = value.transpose();
  }
  return out;
}

}  // namespace

AutobkBasis::Parts::Parts(const VectorXd& energies, double edge,
                          const record::AutobkSettings& settings)
    : energy(energies), e0(edge), asked(settings), used(settings) {
  first = index_below(energy, e0);
  const VectorXd raw = wave_numbers(energy.tail(energy.size() - first), e0);
  choose_range(raw);
  const VectorXd at = knots(raw);
  const VectorXd spanned = raw.head(count);
  to_k.emplace(spanned, k);
  const VectorXd taper = window(k, used.kmin, *used.kmax, used.dk, used.window);
  if (!(taper.maxCoeff() > 1e-6))
    throw Error(Cause::configuration, "autobk: a window " + used.window + " with dk " +
                                          shortest(used.dk) +
                                          " is nothing everywhere; a larger one, or hanning");
  weight = k.array().pow(used.kweight) * taper.array() * (kstep * std::numbers::inv_sqrtpi);
  make_clamps();

  spline = cardinal_splines(at, spanned);
  chi.resize(k.size(), spline.cols());
  MatrixXd low(2 * points_r, spline.cols());
  for (Index j = 0; j < spline.cols(); ++j) {
    chi.col(j) = (*to_k)(spline.col(j));
    low.col(j) = low_part(chi.col(j));
  }
  choose_coordinates(low);
}

// What the data do not determine is left out.
void AutobkBasis::Parts::choose_coordinates(const MatrixXd& low) {
  const MatrixXd ends = clamp.asDiagonal() * chi(clamped, Eigen::all);
  MatrixXd stacked(low.rows() + ends.rows(), low.cols());
  stacked << low, least_clamp_scale * ends;
  const Eigen::JacobiSVD<MatrixXd> svd(stacked, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Index rank = (svd.singularValues().array() > 1e-12 * svd.singularValues()[0]).count();
  const MatrixXd scale =
      svd.matrixV().leftCols(rank) * svd.singularValues().head(rank).cwiseInverse().asDiagonal();
  const Eigen::JacobiSVD<MatrixXd> turn(low * scale, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const MatrixXd change = scale * turn.matrixV();
  axes = turn.matrixU();
  gain = turn.singularValues();
  spline = spline * change;
  chi = chi * change;
  clamp_rows = (ends * change).transpose();
}

void AutobkBasis::Parts::choose_range(const VectorXd& raw) {
  const double end = raw[raw.size() - 1];
  used.rbkg = std::max(used.rbkg, 2 * rstep);
  if (used.kmax && *used.kmax > end + 1e-6)
    warnings.push_back("kmax " + shortest(*used.kmax) +
                       " 1/A of the background lies outside of the data; " + significant(end, 5) +
                       " is used");
  const double kmax = std::min(used.kmax.value_or(end), end);
  used.kmax = kmax;
  if (!(used.kmin >= 0) || !(kmax - used.kmin >= 2))
    throw Error(Cause::data, "autobk: the data end at k = " + significant(end, 4) +
                                 " 1/A, the range is " + significant(used.kmin, 4) + " to " +
                                 significant(kmax, 4) + "; 2 1/A or more are needed");
  k = k_grid(static_cast<Index>(1.01 + kmax / kstep));
  const Index below = index_below(energy, e0 + kmax * kmax / etok);
  count = std::min(energy.size(), below + 2) - first;
}

VectorXd AutobkBasis::Parts::knots(const VectorXd& raw) {
  const double span = *used.kmax - used.kmin;
  const int wanted = 1 + static_cast<int>(2 * used.rbkg * span / pi);
  points_r = static_cast<int>(1 + (wanted - 1) * pi / (2 * rstep * span));
  const int number = std::clamp(wanted, 5, 128);
  std::vector<double> at;
  for (int i = 0; i < number; ++i) {
    const double snapped = raw[index_nearest(raw, used.kmin + i * span / (number - 1))];
    if (at.empty() || snapped > at.back()) at.push_back(snapped);
  }
  if (at.size() < 5 || count < 5)
    throw Error(Cause::data, "autobk: " + std::to_string(count) +
                                 " points above e0 are too few for a background");
  if (static_cast<int>(at.size()) < number)
    warnings.push_back("the points above e0 are too sparse for " + std::to_string(number) +
                       " knots; " + std::to_string(at.size()) + " are used");
  return Eigen::Map<VectorXd>(at.data(), static_cast<Index>(at.size()));
}

VectorXd AutobkBasis::Parts::low_part(const VectorXd& curve) const {
  const Eigen::VectorXcd low = numeric::real_transform(curve.cwiseProduct(weight), nfft, points_r);
  VectorXd out(2 * points_r);
  out << low.real(), low.imag();
  return out;
}

void AutobkBasis::Parts::make_clamps() {
  const int n = std::clamp(used.nclamp, 0, static_cast<int>(k.size()) / 2);
  used.nclamp = n;
  std::vector<int> at;
  std::vector<double> weights;
  for (int i = 0; i < n && used.clamp_lo != 0; ++i) {
    at.push_back(i);
    weights.push_back(std::abs(used.clamp_lo));
  }
  for (int i = 0; i < n && used.clamp_hi != 0; ++i) {
    at.push_back(static_cast<int>(k.size()) - n + i);
    weights.push_back(std::abs(used.clamp_hi));
  }
  clamped = Eigen::Map<Eigen::VectorXi>(at.data(), static_cast<Index>(at.size()));
  clamp = Eigen::Map<VectorXd>(weights.data(), static_cast<Index>(weights.size()));
}

bool AutobkBasis::Parts::is_for(const VectorXd& energies, double edge,
                                const record::AutobkSettings& s) const {
  const auto same = [](const record::AutobkSettings& a, const record::AutobkSettings& b) {
    return a.rbkg == b.rbkg && a.kweight == b.kweight && a.kmin == b.kmin && a.kmax == b.kmax &&
           a.dk == b.dk && a.window == b.window && a.nclamp == b.nclamp &&
           a.clamp_lo == b.clamp_lo && a.clamp_hi == b.clamp_hi;
  };
  return edge == e0 && energies.size() == energy.size() && same(s, asked) && energies == energy;
}

}  // namespace twin::xas
