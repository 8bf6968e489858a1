// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/wavelet.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/text.h"
#include "numeric/fourier.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXcd;
using Eigen::VectorXd;

constexpr int longest = 2 * nfft;  // of the transforms: χ fills a quarter of it at most
constexpr double omega_step = 2 * std::numbers::pi / (longest * kstep);
constexpr double negligible = 1e-16;  // of the filter's height, and of the wavelet's in k

// log of c_n (aω)^n exp(-aω), c_n = 2π/n!, over one scan of the distances.
class Filter {
 public:
  explicit Filter(Index n)
      : n_(static_cast<double>(n)),
        scale_(std::log(2 * std::numbers::pi) - std::lgamma(n_ + 1)),
        log_index_(ArrayXd::LinSpaced(nfft, 0, nfft - 1).log()),
        // (u exp(1 - u))^n < negligible outside of u = aω/n = low .. high
        low_(edge(0.0, 1.0)),
        high_(edge(60.0, 1.0)) {}

  // The filter for distance r, and the index of ω at which it begins.
  [[nodiscard]] ArrayXd at(double r, Index& begin) const {
    const double centre = 2 * r / omega_step, a = n_ / (2 * r) * omega_step;  // aω = a · index
    begin = std::clamp<Index>(static_cast<Index>(low_ * centre), 1, nfft);
    const Index end = std::clamp<Index>(static_cast<Index>(high_ * centre) + 2, begin, nfft);
    const ArrayXd index =
        ArrayXd::LinSpaced(end - begin, static_cast<double>(begin), static_cast<double>(end - 1));
    return (n_ * (log_index_.segment(begin, end - begin) + std::log(a)) - a * index + scale_).exp();
  }

  // The least length of a transform, in points of k, whose period holds m points of χ and the
  // wavelet's tail, |W| ~ (1 + (k/a)²)^(-(n+1)/2), so that no image of the signal shows.
  [[nodiscard]] int length(double r, Index m) const {
    const double a = n_ / (2 * r);
    const double tail = a * std::sqrt(std::pow(negligible, -2 / (n_ + 1)) - 1);
    int out = longest;
    while (out / 2 * kstep > static_cast<double>(m) * kstep + tail && out > 64) out /= 2;
    return out;
  }

 private:
  // Between \p far, where the filter is nothing, and its maximum: where it becomes negligible.
  [[nodiscard]] double edge(double far, double near) const {
    for (int i = 0; i < 60; ++i) {
      const double middle = (far + near) / 2;
      const bool is_small = n_ * (std::log(middle) + 1 - middle) < std::log(negligible);
      (is_small ? far : near) = middle;
    }
    return far;
  }

  double n_, scale_;
  ArrayXd log_index_;
  double low_, high_;
};

// A spectrum at every (longest/length)-th frequency is that of the signal repeated with a period of
// length points, on the same grid of k: as good where the images do not overlap.
void transform_band(const VectorXcd& spectrum, const ArrayXd& filter, Index begin, int length,
                    Eigen::Ref<VectorXcd> out) {
  const Index stride = longest / length;
  const Index first = (begin + stride - 1) / stride;
  const Index last = (begin + filter.size() - 1) / stride;
  VectorXcd band = VectorXcd::Zero(std::max<Index>(last + 1, 1));
  for (Index j = first; j <= last; ++j) band[j] = filter[j * stride - begin] * spectrum[j * stride];
  out = numeric::inverse_transform(band, length, out.size());
}

}  // namespace

Wavelet cauchy_wavelet(const VectorXd& chi, double kweight, double rmax) {
  if (chi.size() < 2 || chi.size() > nfft || !chi.allFinite())
    throw Error(Cause::data, "wavelet: chi(k) must be finite and have 2 to 2048 points");
  if (!(rmax > 2 * rstep) || !(rmax <= nfft / 2 * rstep))
    throw Error(Cause::configuration,
                "wavelet: rmax " + shortest(rmax) + " A; 0.062 to 31.4 A are wanted");
  const Index m = chi.size(), used = std::min<Index>(m, nfft / 2);
  const auto n = static_cast<Index>(std::nearbyint((rmax - 1e-7) / rstep));
  Wavelet out;
  out.k = k_grid(m);
  out.r = VectorXd::LinSpaced(n, 0.0, rmax);
  out.chi = Eigen::MatrixXcd::Zero(m, n);
  const VectorXd weighted = chi.head(used).array() * out.k.head(used).array().pow(kweight);
  const VectorXcd spectrum = numeric::real_transform(weighted, longest);
  const Filter filter(n);
  for (Index j = 1; j < n; ++j) {
    Index begin = 0;
    const ArrayXd passed = filter.at(out.r[j], begin);
    transform_band(spectrum, passed, begin, filter.length(out.r[j], m), out.chi.col(j));
  }
  return out;
}

}  // namespace twin::xas
