// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mean_path.h"

#include <complex>

#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"

namespace twin::xas {

namespace {

using Complex = std::complex<double>;
constexpr Complex i1(0, 1);

}  // namespace

MeanPath::MeanPath(const ScatteringPath& path, const Eigen::VectorXd& k)
    : reff_(path.reff), degeneracy_(path.degeneracy), k_(k) {
  if (k.size() < 3 || k[k.size() - 1] > path.k[path.k.size() - 1] + 1e-9)
    throw Error(Cause::data, "ensemble: '" + printable(path.name) +
                                 "' ends at k = " + shortest(path.k[path.k.size() - 1]) + " 1/Å");
  const numeric::CubicInterpolator to_k(path.k, k);
  const Eigen::VectorXd phase = path.phc + path.phase;
  amp_ = to_k(path.mag.cwiseProduct(path.reduction)).array();
  pha_ = to_k(phase).array();
  p_ = to_k(path.rep).array() + i1 * to_k(path.lambda).array().inverse();
  bend_.resize(k.size(), path.bend.cols());
  for (Eigen::Index v = 0; v < path.bend.cols(); ++v) {
    // Smooth once the phase of the path itself is off: wraps of that phase do not matter here.
    const Eigen::ArrayXcd slow = path.bend.col(v).array() * (-i1 * phase.array()).exp();
    const Eigen::VectorXd real = to_k(slow.real()), imaginary = to_k(slow.imag());
    bend_.col(v) = real + i1 * imaginary;
  }
}

Eigen::ArrayXcd MeanPath::wave(const Eigen::VectorXd& raw) const {
  const double d = raw[0], sigma2 = raw[1] - d * d, r = reff_ + d;
  return (i1 * (2 * k_.array() * reff_ + pha_) - 2 * reff_ * p_.imag() -
          2.0 * sigma2 * p_.square() + 2.0 * i1 * p_ * (d - 2 * sigma2 / reff_))
             .exp() /
         (k_.array() * r * r);
}

Eigen::ArrayXcd MeanPath::amplitude(const Eigen::VectorXd& raw) const {
  Eigen::ArrayXcd result = amp_.cast<Complex>();
  for (Eigen::Index v = 0; v < angles(); ++v) {
    const double phi = raw[2 + v], covariance = raw[2 + angles() + v] - phi * raw[0];
    result += bend_.col(v).array() * (phi + 2.0 * i1 * p_ * covariance);
  }
  return result;
}

Eigen::VectorXd MeanPath::finish(const Eigen::ArrayXcd& chi) const {
  Eigen::VectorXd result = degeneracy_ * chi.imag();
  if (k_[0] < 1e-9) result[0] = 2 * result[1] - result[2];
  return result;
}

Eigen::VectorXd MeanPath::chi(const Eigen::VectorXd& raw) const {
  return finish(amplitude(raw) * wave(raw));
}

Eigen::VectorXd MeanPath::response(const Eigen::VectorXd& raw,
                                   const Eigen::VectorXd& change) const {
  const double d = raw[0], dd = change[0], dsigma2 = change[1] - 2 * d * dd;
  Eigen::ArrayXcd result = amplitude(raw) * ((2.0 * i1 * p_ - 2 / (reff_ + d)) * dd -
                                             (2.0 * p_.square() + 4.0 * i1 * p_ / reff_) * dsigma2);
  for (Eigen::Index v = 0; v < angles(); ++v) {
    const double dphi = change[2 + v];
    const double dcovariance = change[2 + angles() + v] - dphi * d - raw[2 + v] * dd;
    result += bend_.col(v).array() * (dphi + 2.0 * i1 * p_ * dcovariance);
  }
  return finish(result * wave(raw));
}

}  // namespace twin::xas
