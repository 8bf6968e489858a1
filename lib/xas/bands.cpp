// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/bands.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

double band_rms(const Transform& transform, double rmin, double rmax) {
  double sum = 0;
  int count = 0;
  for (Eigen::Index i = 0; i < transform.r.size(); ++i) {
    if (transform.r[i] < rmin || transform.r[i] > rmax) continue;
    sum += std::norm(transform.chi[i]);
    ++count;
  }
  if (count == 0)
    throw Error(Cause::configuration,
                "band " + shortest(rmin) + " to " + shortest(rmax) +
                    " A: no point of chi(R) lies in it; R has steps of 0.031 A up to 10 A");
  return std::sqrt(sum / count);
}

double epsilon_r(const Eigen::VectorXd& chi, const record::FitSettings& settings, double kweight) {
  const Transform full = forward_transform_to(40.0, chi, settings.kmin, settings.kmax, settings.dk,
                                              kweight, settings.window);
  const auto from = static_cast<Eigen::Index>(0.01 + 15.0 / rstep);
  const auto to = std::min(full.chi.size(), static_cast<Eigen::Index>(1.01 + 30.0 / rstep));
  const double mean_square =
      full.chi.segment(from, to - from).squaredNorm() / (2.0 * static_cast<double>(to - from));
  const double mean_window =
      window(k_grid(nfft), settings.kmin, settings.kmax, settings.dk, settings.window).sum() *
      kstep / (settings.kmax - settings.kmin);
  return std::sqrt(mean_square) / mean_window;
}

double epsilon_ratio(const record::FitSettings& settings, double kweight) {
  const double w = 2 * kweight + 1;
  return std::sqrt(2 * std::numbers::pi * w /
                   (kstep * (std::pow(settings.kmax, w) - std::pow(settings.kmin, w))));
}

double epsilon_k(const Eigen::VectorXd& chi, const record::FitSettings& settings, double kweight) {
  return epsilon_r(chi, settings, kweight) * epsilon_ratio(settings, kweight);
}

}  // namespace twin::xas
