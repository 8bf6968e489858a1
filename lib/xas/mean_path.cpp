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
}

Eigen::ArrayXcd MeanPath::wave(const Eigen::Vector2d& raw) const {
  const double d = raw[0], sigma2 = raw[1] - d * d, r = reff_ + d;
  return amp_ *
         (i1 * (2 * k_.array() * reff_ + pha_) - 2 * reff_ * p_.imag() -
          2.0 * sigma2 * p_.square() + 2.0 * i1 * p_ * (d - 2 * sigma2 / reff_))
             .exp() /
         (k_.array() * r * r);
}

Eigen::VectorXd MeanPath::finish(const Eigen::ArrayXcd& chi) const {
  Eigen::VectorXd result = degeneracy_ * chi.imag();
  if (k_[0] < 1e-9) result[0] = 2 * result[1] - result[2];
  return result;
}

Eigen::VectorXd MeanPath::chi(const Eigen::Vector2d& raw) const { return finish(wave(raw)); }

Eigen::VectorXd MeanPath::response(const Eigen::Vector2d& raw,
                                   const Eigen::Vector2d& change) const {
  const double d = raw[0], dd = change[0], dsigma2 = change[1] - 2 * d * dd;
  return finish(wave(raw) * ((2.0 * i1 * p_ - 2 / (reff_ + d)) * dd -
                             (2.0 * p_.square() + 4.0 * i1 * p_ / reff_) * dsigma2));
}

}  // namespace twin::xas
