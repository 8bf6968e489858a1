// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/early_warning.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace twin::steer {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

Noise uncorrelated(Noise noise) {
  noise.phi.setZero();
  return noise;
}

/// Polynomials of up to the second degree over a window.
MatrixXd parabola(std::size_t window) {
  const VectorXd x = VectorXd::LinSpaced(static_cast<Index>(window), -1, 1);
  MatrixXd powers(x.size(), 3);
  powers << VectorXd::Ones(x.size()), x, x.cwiseAbs2();
  return Eigen::HouseholderQR<MatrixXd>(powers).householderQ() * MatrixXd::Identity(x.size(), 3);
}

double threshold_of(const WarningSettings& s, std::size_t coordinates) {
  const double windows = s.per / static_cast<double>(s.window);
  double low = 1, high = 40;
  for (int i = 0; i < 60; ++i) {
    const double c = 0.5 * (low + high);
    const double density = std::exp(-0.5 * c * c) / std::sqrt(2 * std::numbers::pi);
    const double tail = 0.5 * std::erfc(c / std::numbers::sqrt2);
    const double expected = static_cast<double>(coordinates) * (0.5 * windows * c * density + tail);
    (expected > s.at_most ? low : high) = c;
  }
  return high;
}

}  // namespace

EarlyWarning::EarlyWarning(const WarningSettings& settings, const Noise& noise)
    : settings_(settings),
      threshold_(threshold_of(settings, static_cast<std::size_t>(noise.factor.rows()))),
      whitener_(uncorrelated(noise)),
      trend_(parabola(settings.window)),
      last_(static_cast<std::size_t>(noise.factor.rows())) {
  begin();
}

void EarlyWarning::begin() {
  for (auto& values : last_) values.clear();
  like_.assign(last_.size(), std::nullopt);
  since_.assign(last_.size(), 0);
  there_.assign(last_.size(), false);
  told_ = false;
  to_look_ = 0;
}

EarlyWarning::Moments EarlyWarning::moments_of(const std::deque<Value>& values) const {
  const auto n = static_cast<Index>(values.size());
  VectorXd r(n);
  std::ranges::transform(values, r.data(), &Value::u);
  r -= trend_ * (trend_.transpose() * r);
  const double square = r.squaredNorm() / static_cast<double>(n);
  double product = 0, pairs = 0;
  for (Index k = 1; k < n; ++k)
    if (values[static_cast<std::size_t>(k)].joined) product += r[k] * r[k - 1], ++pairs;
  if (!(square > 0) || pairs < 0.5 * static_cast<double>(n)) return {};
  // Of n - 1 pairs the estimate is smaller than that by 1 - 1/n, as is usual.
  return {square, product / pairs * (1 - 1 / static_cast<double>(n)) / square, pairs};
}

bool EarlyWarning::is_another(double interval) {
  if (!std::isfinite(interval) || !(interval > 0)) return false;
  if (!interval_) interval_ = interval;
  const bool other = interval > 1.5 * *interval_ || interval < *interval_ / 1.5;
  others_ = other ? others_ + 1 : 0;
  if (others_ < 3) return false;
  interval_ = interval;
  others_ = 0;
  return true;
}

std::optional<Slowing> EarlyWarning::add(const Sample& sample, double interval) {
  // How much is kept from one sample to the next depends on how far apart they are.
  if (is_another(interval)) begin();
  const White white = whitener_(sample);
  for (std::size_t i = 0; i < last_.size(); ++i) {
    const auto at = static_cast<Index>(i);
    const bool joined = there_[i] && sample.lag <= 1 && others_ == 0;
    there_[i] = white.weight[at] > 0;
    if (!there_[i]) continue;
    last_[i].push_back({white.y[at] * std::sqrt(white.weight[at]), joined});
    if (last_[i].size() <= settings_.window) continue;
    last_[i].pop_front();
    if (!like_[i]) {
      const Moments first = moments_of(last_[i]);
      if (!(first.variance > 0)) continue;  // the next window, then
      like_[i] = first;
    }
    ++since_[i];
  }
  // Windows that share all but a few samples say nothing new.
  if (++to_look_ < std::max<std::size_t>(1, settings_.window / 25)) return std::nullopt;
  to_look_ = 0;
  Slowing most;
  most.z = -1e300;
  const auto n = static_cast<double>(settings_.window);
  for (std::size_t i = 0; i < last_.size(); ++i) {
    if (since_[i] < settings_.window) continue;
    const Moments now = moments_of(last_[i]), before = *like_[i];
    if (!(now.variance > 0) || !(before.variance > 0)) continue;
    const double phi = std::clamp(0.5 * (now.phi + before.phi), -0.95, 0.95), squared = phi * phi;
    const double of_phi = std::sqrt((1 - squared) * (1 / now.pairs + 1 / before.pairs));
    const double of_variance = std::sqrt(4 / n * (1 + squared) / (1 - squared));
    const double together = 2 * phi / std::sqrt(2 * (1 + squared));
    const double ratio = now.variance / before.variance;
    const double z = ((now.phi - before.phi) / of_phi + std::log(ratio) / of_variance) /
                     std::sqrt(2 + 2 * together);
    if (z > most.z) most = {static_cast<Index>(i), before.phi, now.phi, ratio, z, threshold_};
  }
  if (most.z <= -1e300) return std::nullopt;
  if (most.z < 0.5 * threshold_) told_ = false;
  if (most.z < threshold_ || std::exchange(told_, true)) return std::nullopt;
  return most;
}

}  // namespace twin::steer
