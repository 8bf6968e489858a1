// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/transform.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "numeric/fourier.h"

namespace twin::xas {

Transform forward_transform(const Eigen::VectorXd& chi, double kmin, double kmax, double dk,
                            double kweight, const std::string& window) {
  return forward_transform_to(10.0, chi, kmin, kmax, dk, kweight, window);
}

Transform forward_transform_to(double rmax, const Eigen::VectorXd& chi, double kmin, double kmax,
                               double dk, double kweight, const std::string& window) {
  if (chi.size() > nfft || !chi.allFinite())
    throw Error(Cause::data,
                "Fourier transform: chi(k) must be finite and have at most 2048 points");
  const Eigen::Index n = chi.size();
  // The window is made on a grid that reaches beyond its taper, however far the data go.
  const auto reach = static_cast<Eigen::Index>(1.01 + (kmax + dk) / kstep);
  const Eigen::VectorXd k = k_grid(std::max(n, reach));
  const Eigen::VectorXd weight = xas::window(k, kmin, kmax, dk, window).head(n);
  const Eigen::VectorXd product = chi.array() * weight.array() * k.head(n).array().pow(kweight);
  const auto count = static_cast<Eigen::Index>(std::min(nfft / 2.0, 1.01 + rmax / rstep));
  Transform out;
  out.r = Eigen::VectorXd::LinSpaced(count, 0.0, rstep * static_cast<double>(count - 1));
  out.chi = numeric::real_transform(product, nfft).head(count) * (kstep * std::numbers::inv_sqrtpi);
  return out;
}

}  // namespace twin::xas
