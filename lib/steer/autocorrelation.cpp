// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/autocorrelation.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "numeric/statistics.h"

namespace twin::steer {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double few = 10, farthest = 8;

/// Sums over pairs of whole rows that are so many samples apart.
struct Pairs {
  VectorXd squares, products;  // [m] the mean square of both; their product
  double count = 0.0;

  [[nodiscard]] Eigen::ArrayXd correlation() const {
    return products.array() / squares.array().max(1e-300);
  }
};

/// Whole rows by where they stand.
std::map<long long, Index> places(const MatrixXd& u, const std::vector<Sample>& samples) {
  std::map<long long, Index> out;
  long long at = 0;
  for (Index k = 0; k < u.rows(); ++k) {
    at += std::llround(std::clamp(samples[static_cast<std::size_t>(k)].lag, 1.0, 1e9));
    if (u.row(k).allFinite()) out.emplace_hint(out.end(), at, k);
  }
  return out;
}

Pairs pairs_of(const MatrixXd& u, const std::map<long long, Index>& rows, double distance) {
  Pairs out{VectorXd::Zero(u.cols()), VectorXd::Zero(u.cols()), 0.0};
  for (const auto& [at, k] : rows) {
    const auto other = rows.find(at + std::llround(distance));
    if (other == rows.end()) continue;
    const VectorXd a = u.row(k).transpose(), b = u.row(other->second).transpose();
    out.squares += 0.5 * (a.cwiseAbs2() + b.cwiseAbs2());
    out.products += a.cwiseProduct(b);
    ++out.count;
  }
  return out;
}

}  // namespace

void correlate_in_time(const MatrixXd& u, const std::vector<Sample>& samples, Drift drift,
                       double cautious, Noise& out) {
  const auto m = static_cast<double>(u.cols());
  const auto rows = places(u, samples);
  double h = 1;
  Pairs sums = pairs_of(u, rows, h);
  while (sums.count < few && h < farthest) sums = pairs_of(u, rows, ++h);
  out.phi = VectorXd::Zero(u.cols());
  out.phi_found = out.second = 0;
  out.phi_sigma = 1;
  if (sums.count < few) return;
  const double n = sums.count, a = drift == Drift::none ? 1 : 2, b = drift == Drift::none ? 3 : 4;
  // By the samples: the mean is theirs. Of pairs that stand alone, b is a little too much.
  const auto whole = static_cast<double>(rows.size());
  const auto unbiased = [&](double r) {
    return std::clamp((r + a / whole) / (1 - b / whole), -0.95, 0.95);
  };
  const double found = unbiased(sums.correlation().mean());
  const double variance = (1 - found * found) / n;
  double keep = 0, sigma = std::sqrt(variance / m);
  const Eigen::ArrayXd each = sums.correlation().unaryExpr(unbiased);
  const double spread = (each - found).square().sum();
  // What is found at h tells of one sample: its root, where it is more than nothing.
  const auto at_one = [&](double at_h) {
    return h > 1 ? std::pow(std::max(0.0, at_h), 1 / h) : at_h;
  };
  out.phi_found = at_one(found);
  out.phi_sigma = h > 1 ? at_one(found + sigma) - out.phi_found : sigma;
  const bool seen = found >= 1.3 * sigma;
  if (m > 1 && numeric::chi_squared_survival(spread / variance, m - 1) < 0.05) {
    const double between = std::max(0.0, spread / (m - 1) - variance);
    keep = between / (between + variance);
    sigma = std::sqrt(variance * keep + variance / m);
  }
  // Order 0 where none is seen: an assumed one delays every alarm.
  if (seen || keep > 0)
    out.phi = (found + keep * (each - found) + cautious * sigma)
                  .unaryExpr([&](double at_h) { return std::clamp(at_one(at_h), 0.0, 0.95); })
                  .matrix();
  const Pairs further = pairs_of(u, rows, 2);
  if (h > 1 || further.count < few) return;
  const double r1 = sums.correlation().mean(), r2 = further.correlation().mean();
  out.second = (r2 - r1 * r1) / std::max(1e-9, 1 - r1 * r1) + 1 / n;
}

}  // namespace twin::steer
