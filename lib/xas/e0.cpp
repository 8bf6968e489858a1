// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <list>
#include <string>

#include "core/error.h"
#include "numeric/fourier.h"
#include "xas/reduce.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// dµ/dE by central differences, one-sided at the ends.
VectorXd slope_of(const Eigen::Ref<const VectorXd>& energy, const Eigen::Ref<const VectorXd>& mu) {
  const Index n = mu.size();
  VectorXd out(n);
  out[0] = (mu[1] - mu[0]) / (energy[1] - energy[0]);
  out[n - 1] = (mu[n - 1] - mu[n - 2]) / (energy[n - 1] - energy[n - 2]);
  out.segment(1, n - 2) =
      (mu.tail(n - 2) - mu.head(n - 2)).cwiseQuotient(energy.tail(n - 2) - energy.head(n - 2));
  return out;
}

// The mean of the ten smallest steps after the smallest 1 % of them; 1 eV for short scans.
double energy_step(const Eigen::Ref<const VectorXd>& energy) {
  const Index n = energy.size() - 1, skip = (n + 1) / 100;
  const Index count = n - 2 * skip - 1;
  if (skip == 0 || count <= skip) return 1.0;
  VectorXd steps = energy.segment(skip + 1, count) - energy.segment(skip, count);
  const Index to = std::min(skip + 10, count);
  std::partial_sort(steps.data(), steps.data() + to, steps.data() + count);
  return steps.segment(skip, to - skip).mean();
}

// A uniform grid, and where on it the measured points lie.
struct Grid {
  double from = 0.0, step = 0.0;
  Index size = 0;
};

Grid grid_over(const Eigen::Ref<const VectorXd>& x, double width) {
  Grid out;
  out.from = width * std::trunc((x[0] - 5 * width) / width);
  const double to = width * std::trunc((x[x.size() - 1] + 5 * width) / width);
  const Index wanted = 1 + static_cast<Index>(std::abs(to - out.from + width * 0.1) / width);
  out.size = std::min<Index>(wanted, 50 * x.size());
  out.step = (to - out.from) / static_cast<double>(out.size - 1);
  return out;
}

// y(x) on a grid that begins at or before x[0]; constant beyond the ends.
void resample(const Eigen::Ref<const VectorXd>& x, const VectorXd& y, const Grid& grid,
              Eigen::Ref<VectorXd> out) {
  const Index n = x.size();
  const VectorXd slope =
      (y.tail(n - 1) - y.head(n - 1)).cwiseQuotient(x.tail(n - 1) - x.head(n - 1));
  const double inverse = 1 / grid.step;
  // The first point of the grid at or above x[i].
  const auto first = [&](Index i) {
    return std::clamp<Index>(static_cast<Index>(std::ceil((x[i] - grid.from) * inverse)), 0,
                             grid.size);
  };
  Index j = first(0);
  out.head(j).setConstant(y[0]);
  for (Index i = 0; i < n - 1; ++i) {
    const Index end = first(i + 1);
    const double base = y[i] + slope[i] * (grid.from - x[i]), rise = slope[i] * grid.step;
    for (; j < end; ++j) out[j] = base + rise * static_cast<double>(j);
  }
  out.tail(grid.size - j).setConstant(y[n - 1]);
}

// A Lorentzian of half width one point on 2n points, normalised; from this thread's store: scans
// of one kind have one n.
const numeric::MirroredConvolution& lorentzian(Index n) {
  constexpr std::size_t kept = 8;
  static thread_local std::list<numeric::MirroredConvolution> store;
  const auto found =
      std::find_if(store.begin(), store.end(), [&](const auto& one) { return one.points() == n; });
  if (found != store.end()) {
    store.splice(store.begin(), store, found);
    return store.front();
  }
  const VectorXd x = VectorXd::LinSpaced(n + 1, 0.0, static_cast<double>(n));
  const VectorXd kernel = 1 / (1 + x.array().square());
  store.emplace_front(kernel / (2 * kernel.sum() - kernel[0] - kernel[n]));
  if (store.size() > kept) store.pop_back();
  return store.front();
}

// y convolved with a Lorentzian of half width \p width, on a grid of that step, mirrored at both
// ends.
VectorXd smooth(const Eigen::Ref<const VectorXd>& x, const VectorXd& y, double width) {
  const Grid grid = grid_over(x, width);
  const Index n = grid.size;
  VectorXd even(n);
  resample(x, y, grid, even);
  const VectorXd smoothed = lorentzian(n)(even);
  VectorXd out(x.size());
  const double inverse = 1 / grid.step;
  for (Index i = 0; i < x.size(); ++i) {
    const double at = (x[i] - grid.from) * inverse;
    const Index j = std::clamp<Index>(static_cast<Index>(at), 0, n - 2);
    const double low = smoothed[j], high = smoothed[j + 1];
    out[i] = low + (at - static_cast<double>(j)) * (high - low);
  }
  return out;
}

// The highest of the points above \p threshold between neighbours that are above it too, margins
// left out; 0 where there is none. Counts all points above it.
Index highest(const VectorXd& slope, Index margin, double threshold, Index& count) {
  const Index n = slope.size(), end = std::min(n - margin, n - 2);
  Index best = 0;
  count = 0;
  for (Index i = 0; i < n; ++i) {
    if (!(slope[i] > threshold)) continue;
    ++count;
    if (i >= margin && i <= end && slope[i - 1] > threshold && slope[i + 1] > threshold &&
        (best == 0 || slope[i] > slope[best]))
      best = i;
  }
  return best;
}

// The steepest point among neighbours that are steep themselves; 0 where there is none. Steep is
// what lies above a share of the range of slopes.
Index steepest(const VectorXd& slope) {
  const Index n = slope.size(),
              margin = std::max<Index>(3, static_cast<Index>(0.02 * static_cast<double>(n)));
  const auto inner = slope.segment(margin, n - 2 * margin);
  const double lowest = inner.minCoeff(), range = std::max(1e-10, inner.maxCoeff() - lowest);
  double share = n > 20 ? 0.6 : 0.3;
  Index count = 0, best = highest(slope, margin, lowest + share * range, count);
  for (int i = 0; i < 2 && count < 3; ++i) {
    share /= 2;
    best = highest(slope, margin, lowest + share * range, count);
  }
  if (count < 3) best = highest(slope, margin, -INFINITY, count);
  return slope[best] > lowest ? best : 0;
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
  const auto all = energy.head(n - 1);
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
  const auto near = energy.segment(from, to - from - 1);
  if (near.size() < 10) return at;
  const Index fine = steepest(smooth(near, slope_of(near, mu.segment(from, near.size())), width));
  return fine < 1 ? energy[from + 2] : near[fine];
}

}  // namespace twin::xas
