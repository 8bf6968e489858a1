// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/transform.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <numbers>

#include "core/error.h"
#include "numeric/fourier.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// kstep/√π k^w Ω on a grid: the same for each spectrum of a series.
struct Weights {
  Index size = 0;
  double kmin = 0, kmax = 0, dk = 0, kweight = 0;
  std::string window;
  VectorXd values;

  [[nodiscard]] bool is_for(const Weights& other) const {
    return size == other.size && kmin == other.kmin && kmax == other.kmax && dk == other.dk &&
           kweight == other.kweight && window == other.window;
  }

  void make() {
    // The window is made on a grid that reaches beyond its taper, however far the data go.
    const double reach = std::min(1.01 + (kmax + dk) / kstep, 1e6);
    const VectorXd k = k_grid(std::max(size, static_cast<Index>(reach)));
    values = xas::window(k, kmin, kmax, dk, window).head(size).array() *
             k.head(size).array().pow(kweight) * (kstep * std::numbers::inv_sqrtpi);
  }
};

// From this thread's store of the last few, made where they are not there.
const VectorXd& weights(Weights wanted) {
  constexpr std::size_t kept = 8;
  static thread_local std::list<Weights> store;
  const auto found = std::find_if(store.begin(), store.end(),
                                  [&](const Weights& one) { return one.is_for(wanted); });
  if (found == store.end()) {
    wanted.make();
    store.push_front(std::move(wanted));
    if (store.size() > kept) store.pop_back();
  } else if (found != store.begin()) {
    store.splice(store.begin(), store, found);
  }
  return store.front().values;
}

}  // namespace

Transform forward_transform(const VectorXd& chi, double kmin, double kmax, double dk,
                            double kweight, const std::string& window) {
  return forward_transform_to(10.0, chi, kmin, kmax, dk, kweight, window);
}

Transform forward_transform_to(double rmax, const VectorXd& chi, double kmin, double kmax,
                               double dk, double kweight, const std::string& window) {
  if (chi.size() > nfft || !chi.allFinite())
    throw Error(Cause::data,
                "Fourier transform: chi(k) must be finite and have at most 2048 points");
  const auto count = static_cast<Index>(std::min(nfft / 2.0, 1.01 + rmax / rstep));
  const VectorXd& weight = weights({chi.size(), kmin, kmax, dk, kweight, window, {}});
  Transform out;
  out.r = VectorXd::LinSpaced(count, 0.0, rstep * static_cast<double>(count - 1));
  out.chi = numeric::real_transform(chi.cwiseProduct(weight), nfft, count);
  return out;
}

BackTransform back_transform(const Eigen::VectorXcd& chi_r, double rmin, double rmax, double dr,
                             const std::string& window, double kmax_out) {
  const Index n = chi_r.size();
  if (n > nfft / 2 || !chi_r.allFinite())
    throw Error(Cause::data, "back transform: chi(R) must be finite and have at most 1024 points");
  const VectorXd r = VectorXd::LinSpaced(nfft, 0.0, rstep * (nfft - 1));
  const VectorXd weight = xas::window(r, rmin, rmax, dr, window).head(n);
  const auto count = static_cast<Index>(std::clamp(1.05 + kmax_out / kstep, 1.0, nfft / 2.0));
  BackTransform out;
  out.q = k_grid(count);
  out.chi = (2 / (kstep * std::numbers::inv_sqrtpi)) *
            numeric::inverse_transform(chi_r.cwiseProduct(weight), nfft, count);
  return out;
}

}  // namespace twin::xas
