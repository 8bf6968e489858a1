// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "core/error.h"
#include "numeric/fourier.h"
#include "xas/reduce.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Central differences by index, one-sided at the ends.
VectorXd gradient(const VectorXd& y) {
  const Index n = y.size();
  VectorXd out(n);
  out[0] = y[1] - y[0];
  out[n - 1] = y[n - 1] - y[n - 2];
  out.segment(1, n - 2) = (y.tail(n - 2) - y.head(n - 2)) / 2;
  return out;
}

// The mean of the ten smallest steps after the smallest 1 % of them; 1 eV for short scans.
double energy_step(const VectorXd& energy) {
  const Index n = energy.size() - 1, skip = (n + 1) / 100;
  if (skip == 0) return 1.0;
  std::vector<double> steps;
  for (Index i = skip; i + 1 < n - skip; ++i) steps.push_back(energy[i + 1] - energy[i]);
  std::sort(steps.begin(), steps.end());
  const auto from = std::min(static_cast<std::size_t>(skip), steps.size());
  const auto to = std::min(from + 10, steps.size());
  if (from == to) return 1.0;
  double sum = 0;
  for (std::size_t i = from; i < to; ++i) sum += steps[i];
  return sum / static_cast<double>(to - from);
}

// y(x) at points of a uniform grid that begins at or before x[0]; constant beyond the ends.
VectorXd resample(const VectorXd& x, const VectorXd& y, double from, double step, Index n) {
  VectorXd out(n);
  Index i = 0;
  for (Index j = 0; j < n; ++j) {
    const double at = from + step * static_cast<double>(j);
    while (i < x.size() - 2 && at >= x[i + 1]) ++i;
    const double t = std::clamp((at - x[i]) / (x[i + 1] - x[i]), 0.0, 1.0);
    out[j] = y[i] + t * (y[i + 1] - y[i]);
  }
  return out;
}

// y convolved with a Lorentzian of half width \p width, on a grid of that step, mirrored at both
// ends.
VectorXd smooth(const VectorXd& x, const VectorXd& y, double width) {
  const double from = width * std::trunc((x[0] - 5 * width) / width);
  const double to = width * std::trunc((x[x.size() - 1] + 5 * width) / width);
  const Index wanted = 1 + static_cast<Index>(std::abs(to - from + width * 0.1) / width);
  const Index n = std::min<Index>(wanted, 50 * x.size());
  const double step = (to - from) / static_cast<double>(n - 1);
  const VectorXd even = resample(x, y, from, step, n);
  VectorXd padded(3 * n - 1), kernel(2 * n);
  padded << even.tail(n - 1).reverse(), even, even.reverse();
  for (Index i = 0; i < 2 * n; ++i) kernel[i] = 1 / (1 + std::pow(static_cast<double>(i - n), 2));
  const VectorXd smoothed = numeric::convolve_valid(padded, kernel / kernel.sum());
  VectorXd out(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double at = (x[i] - from) / step;
    const Index j = std::clamp<Index>(static_cast<Index>(at), 0, n - 2);
    out[i] = smoothed[j] + (at - static_cast<double>(j)) * (smoothed[j + 1] - smoothed[j]);
  }
  return out;
}

// The steepest point among neighbours that are steep themselves; 0 where there is none.
Index steepest(const VectorXd& slope) {
  const Index n = slope.size(),
              margin = std::max<Index>(3, static_cast<Index>(0.02 * static_cast<double>(n)));
  const auto inner = slope.segment(margin, n - 2 * margin);
  const double lowest = inner.minCoeff(), range = std::max(1e-10, inner.maxCoeff() - lowest);
  const VectorXd scaled = (slope.array() - lowest) / range;
  double threshold = n > 20 ? 0.6 : 0.3;
  for (int i = 0; i < 2 && (scaled.array() > threshold).count() < 3; ++i) threshold /= 2;
  if ((scaled.array() > threshold).count() < 3) threshold = -INFINITY;
  Index best = 0;
  double height = 0;
  for (Index i = margin; i <= n - margin && i < n - 1; ++i) {
    const bool high =
        scaled[i] > threshold && scaled[i - 1] > threshold && scaled[i + 1] > threshold;
    if (high && scaled[i] > height) {
      best = i;
      height = scaled[i];
    }
  }
  return best;
}

VectorXd slope_of(const VectorXd& energy, const VectorXd& mu) {
  return gradient(mu).cwiseQuotient(gradient(energy));
}

}  // namespace

// As the algorithm that it follows, each search leaves the last point of its range out.
double find_e0(const VectorXd& energy, const VectorXd& mu) {
  const Index n = energy.size();
  if (n < 20 || mu.size() != n)
    throw Error(Cause::data,
                "e0: " + std::to_string(n) + " points; 20 are needed to find the edge");
  if (!(mu.maxCoeff() > mu.minCoeff()))
    throw Error(Cause::data, "e0: the spectrum is flat; an absorption edge is wanted");
  const VectorXd all = energy.head(n - 1);
  const Index rough = steepest(slope_of(all, mu.head(n - 1)));
  double at = all[rough];
  Index from = std::max<Index>(3, rough - 75), to = std::min(rough + 75, n - 3);
  if (static_cast<double>(rough) <
      0.05 * static_cast<double>(n)) {  // a glitch at the start of the scan
    at = energy.mean();
    from = std::max<Index>(3, rough - 20);
    to = n - 3;
  }
  const auto held = [](double step) { return std::clamp(step, 0.01, 1.0); };
  const double width = 0.5 * (held(energy_step(all)) + held(at / 25000.0));
  const VectorXd near = energy.segment(from, to - from - 1);
  if (near.size() < 10) return at;
  const Index fine = steepest(smooth(near, slope_of(near, mu.segment(from, near.size())), width));
  return fine < 1 ? energy[from + 2] : near[fine];
}

}  // namespace twin::xas
