// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/correlated.h"

#include <algorithm>
#include <cmath>

namespace twin::numeric {

namespace {

using Series = std::vector<std::vector<double>>;

std::size_t longest(const Series& series) {
  std::size_t length = 0;
  for (const auto& one : series) length = std::max(length, one.size());
  return length;
}

double count_of(const Series& series) {
  double count = 0;
  for (const auto& one : series) count += static_cast<double>(one.size());
  return count;
}

/// Σ x_i x_(i + lag) over all series.
double products(const Series& series, std::size_t lag) {
  double sum = 0;
  for (const auto& one : series)
    for (std::size_t i = 0; i + lag < one.size(); ++i) sum += one[i] * one[i + lag];
  return sum;
}

/// The lag after which five correlations in a row are as good as none; a quarter of the longest
/// series where there are none such. \param gamma  gets the products of the lags that were looked
/// at
std::size_t last_correlated(const Series& series, double count, std::vector<double>& gamma) {
  constexpr std::size_t in_a_row = 5;
  const std::size_t most = longest(series) / 4;
  const double small = 1.5 * std::sqrt(std::log10(count) / count) * gamma[0];
  std::size_t last = 0;
  for (std::size_t lag = 1; lag <= std::min(last + in_a_row, most); ++lag) {
    gamma.push_back(products(series, lag) / count);
    if (std::abs(gamma.back()) >= small) last = lag;
  }
  return last;
}

/// 1 up to half the width, then down to 0 at the width.
double flat_top(std::size_t lag, std::size_t width) {
  if (width == 0) return lag == 0 ? 1 : 0;
  const double part = static_cast<double>(lag) / static_cast<double>(width);
  return std::clamp(2 * (1 - part), 0.0, 1.0);
}

}  // namespace

double Autocovariance::sum() const {
  if (at.empty()) return 0;
  double all = at.front();
  for (std::size_t lag = 1; lag < at.size(); ++lag) all += 2 * at[lag];
  return std::max(all, at.front());
}

Autocovariance autocovariance(const Series& series) {
  const double count = count_of(series);
  if (count < 2) return {};
  Autocovariance out{{products(series, 0) / count}, count - 1};
  if (!(out.at[0] > 0)) return out;
  const std::size_t width = 2 * last_correlated(series, count, out.at);
  for (std::size_t lag = out.at.size(); lag < width; ++lag)
    out.at.push_back(products(series, lag) / count);
  out.at.resize(std::max<std::size_t>(1, width));
  double sum = 0, squares = 0;
  for (std::size_t lag = 0; lag < out.at.size(); ++lag) {
    const double window = flat_top(lag, width);
    const double overlap = 1 - static_cast<double>(lag) / static_cast<double>(longest(series));
    out.at[lag] *= window;
    sum += (lag == 0 ? 1 : 2) * window * overlap;
    squares += (lag == 0 ? 1 : 2) * window * window;
  }
  // The mean's own variance, a part `1/count` of the sum, is missing in each lag.
  const double left = std::max(0.25, 1 - sum / count);
  for (double& gamma : out.at) gamma /= left;
  out.dof = std::max(1.0, count / squares - 1);
  return out;
}

double standard_error(const Autocovariance& autocovariance, double count) {
  if (autocovariance.at.empty()) return 0;
  return std::sqrt(autocovariance.sum() / count) * (1 + 7 / (8 * autocovariance.dof));
}

}  // namespace twin::numeric
