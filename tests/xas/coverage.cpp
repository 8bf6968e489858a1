// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/coverage.h"

#include <cmath>

#include "xas/made_up_path.h"
#include "xas/noise.h"
#include "xas/transform.h"

namespace twin::xas {

Synthetic synthetic(int shells, const record::FitSettings& settings) {
  Synthetic out;
  out.data.settings = settings;
  out.data.settings.rmin = 1.3;
  out.data.settings.rmax = shells == 1 ? 3.0 : 3.8;
  out.data.chi = Eigen::VectorXd::Zero(321);
  out.truth.resize(3 * shells + 1);
  const Eigen::Array3d numbers(10.5, 5.5, 0), widths(0.006, 0.009, 0);
  for (int i = 0; i < shells; ++i) {
    const double reff = i == 0 ? 2.55 : 3.5, n = numbers[i], sigma2 = widths[i];
    out.data.feff.push_back(made_up_pair(reff));
    const PathValues values{.amplitude = n, .e0 = 3, .delta_r = 0.012, .sigma2 = sigma2};
    out.data.chi += path_chi(out.data.feff.back(), values, k_grid(321));
    record::PathSettings path;
    path.name = "A-A." + std::to_string(i + 1);
    path.n.free = path.r.free = path.sigma2.free = true;
    path.n.value = i == 0 ? 12 : 6;
    path.e0.free = i == 0;
    out.data.paths.push_back(path);
    out.truth.segment<3>(i == 0 ? 0 : 4) << n, reff + 0.012, sigma2;
  }
  out.truth[3] = 3;
  return out;
}

Coverage coverage(const Synthetic& given, double noise, int draws, unsigned seed) {
  Coverage out;
  const Eigen::Index n = given.truth.size();
  out.share = out.bias = Eigen::VectorXd::Zero(n);
  FitData data = given.data;
  for (int i = 0; i < draws; ++i) {
    data.chi = given.data.chi;
    add_noise(data.chi, noise, seed + static_cast<unsigned>(i));
    const Fit one = fit({data});
    if (!one.converged) continue;
    out.names = one.names;
    ++out.draws;
    out.chi2 += one.reduced_chi2;
    for (Eigen::Index j = 0; j < n; ++j) {
      const double off = (one.values[j] - given.truth[j]) / std::sqrt(one.random(j, j));
      out.share[j] += std::abs(off) < 1;
      out.bias[j] += off;
    }
  }
  out.share /= out.draws;
  out.bias /= out.draws;
  out.chi2 /= out.draws;
  return out;
}

}  // namespace twin::xas
