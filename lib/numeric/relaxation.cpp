// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/relaxation.h"

#include <algorithm>
#include <cmath>

#include "numeric/correlated.h"

namespace twin::numeric {

namespace {

/// 1 + x + ... + x^(count - 1).
double geometric(double x, double count) {
  return x == 1 ? count : (1 - std::pow(x, count)) / (1 - x);
}

/// A column x^t, less its mean.
class Decay {
 public:
  Decay(double lifetime, double count)
      : ratio_(std::exp(-1 / lifetime)), count_(count), mean_(geometric(ratio_, count) / count) {}

  /// Σ of what the column has at t times what it has at t + lag.
  [[nodiscard]] double products(double lag) const {
    const double pairs = count_ - lag, shift = std::pow(ratio_, lag);
    return shift * geometric(ratio_ * ratio_, pairs) -
           mean_ * geometric(ratio_, pairs) * (1 + shift) + pairs * mean_ * mean_;
  }

  /// The amplitude that fits a series without mean best.
  [[nodiscard]] double amplitude(std::span<const double> series) const {
    double power = 1, sum = 0;
    for (const double y : series) {
      sum += y * power;
      power *= ratio_;
    }
    return sum / products(0);
  }

  /// What \p amplitude times the column leaves of the series.
  [[nodiscard]] std::vector<double> rest(std::span<const double> series, double amplitude) const {
    std::vector<double> out;
    double power = 1;
    for (const double y : series) {
      out.push_back(y - amplitude * (power - mean_));
      power *= ratio_;
    }
    return out;
  }

  [[nodiscard]] double error(const Autocovariance& noise) const {
    double sum = 0;
    for (std::size_t lag = 0; lag < noise.at.size(); ++lag)
      sum += (lag == 0 ? 1 : 2) * noise.at[lag] * products(static_cast<double>(lag));
    // The window makes it less than nothing now and then: white noise is the least there is.
    return std::sqrt(std::max(sum, noise.at[0] * products(0))) / products(0) *
           (1 + 7 / (8 * noise.dof));
  }

 private:
  double ratio_, count_, mean_;
};

}  // namespace

double Relaxation::mean(double from, double count) const {
  const double ratio = std::exp(-1 / lifetime);
  return amplitude * std::pow(ratio, from) * geometric(ratio, count) / count;
}

Relaxations relaxations(std::span<const double> series) {
  Relaxations out;
  if (series.size() < 20) return out;
  const auto count = static_cast<double>(series.size());
  double mean = 0;
  for (const double y : series) mean += y / count;
  std::vector<double> centred;
  for (const double y : series) centred.push_back(y - mean);
  std::vector<double> rest = centred;
  double most = 0;
  for (int i = 10; i >= 0; --i) {
    const double lifetime = count * std::pow(2.0, -0.5 * i);
    const Decay decay(lifetime, count);
    const double amplitude = decay.amplitude(centred);
    out.all.push_back({amplitude, 0, lifetime});
    const double taken = amplitude * amplitude * decay.products(0);
    if (taken > most) {
      most = taken;
      rest = decay.rest(centred, amplitude);
    }
  }
  const Autocovariance noise = autocovariance({rest});
  constexpr double rounding = 1e-14;
  if (!(noise.at[0] > std::pow(rounding * mean, 2))) return {};
  for (Relaxation& one : out.all) one.sigma = Decay(one.lifetime, count).error(noise);
  out.variance = noise.sum();
  return out;
}

}  // namespace twin::numeric
