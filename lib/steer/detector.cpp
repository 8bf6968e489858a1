// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "steer/null_inverse.h"

namespace twin::steer {

namespace {

struct Prior {
  double scale;  // τ of steps
  double share;
};
constexpr std::array<Prior, 3> priors{{{0.25, 0.5}, {1.0, 0.3}, {8.0, 0.2}}};
constexpr double ramp_scale = 0.0016;  // per sample², times those
constexpr double of_steps = 0.6, of_dense = 0.6;

}  // namespace

Detector::Detector(Eigen::Index dimensions, bool covariate)
    : d_(dimensions), covariate_(covariate), total_(Eigen::ArrayXXd::Zero(dimensions, 5)) {
  if (d_ < 1) throw Error(Cause::internal, "detector: no dimensions");
}

void Detector::count(const White& s) {
  if (s.y.size() != d_ || s.weight.size() != d_ || s.covariate.size() != d_)
    throw Error(Cause::internal, "detector: a sample of another number of coordinates");
  if (!s.y.isFinite().all() || !s.weight.isFinite().all() || !s.covariate.isFinite().all())
    throw Error(Cause::internal, "detector: a value is not finite");
  total_.col(0) += s.weight;
  total_.col(1) += s.weight * s.covariate;
  total_.col(2) += s.weight * s.covariate.square();
  total_.col(3) += s.weight * s.y;
  total_.col(4) += s.weight * s.y * s.covariate;
  ++t_;
}

void Detector::learn(const White& sample) { count(sample); }

void Detector::begin() {
  const auto used = static_cast<Eigen::Index>(beginning_.size());
  if (used == starts_.cols()) {
    starts_.conservativeResize(d_ * sums, std::max<Eigen::Index>(32, 2 * used));
    g_.resize(starts_.cols() * d_ * 6);
    h_.resize(starts_.cols() * d_ * 6);
  }
  starts_.col(used).setZero();
  beginning_.push_back(t_);
}

bool Detector::kept(long long age) const {
  long long stride = 1;
  while (age >= 2 * per_octave * stride) stride *= 2;
  return (t_ - age) % stride == 0;
}

void Detector::drop() {
  std::size_t to = 0;
  for (std::size_t i = 0; i < beginning_.size(); ++i) {
    if (!kept(t_ - beginning_[i])) continue;
    if (to != i) {
      starts_.col(static_cast<Eigen::Index>(to)) = starts_.col(static_cast<Eigen::Index>(i));
      beginning_[to] = beginning_[i];
    }
    ++to;
  }
  beginning_.resize(to);
}

Evidence Detector::add(const White& s) {
  count(s);
  begin();
  drop();
  const auto n = static_cast<Eigen::Index>(beginning_.size());
  std::vector<NullInverse> null;
  for (Eigen::Index i = 0; i < d_; ++i)
    null.push_back(null_inverse(total_(i, 0), total_(i, 1), total_(i, 2), covariate_));
  const double* const y = s.y.data();
  const double* const weight = s.weight.data();
  for (Eigen::Index j = 0; j < n; ++j) {
    const double r = static_cast<double>(t_ - beginning_[static_cast<std::size_t>(j)]) + 1;
    double* const at = &starts_(0, j);
    for (Eigen::Index i = 0; i < d_; ++i) {
      const double wi = weight[i], z = s.covariate[i];
      double* const sum = at + i * sums;
      sum[w] += wi;
      sum[wr] += wi * r;
      sum[wrr] += wi * r * r;
      sum[wz] += wi * z;
      sum[wrz] += wi * r * z;
      sum[wy] += wi * y[i];
      sum[wry] += wi * r * y[i];
      const auto& v = null[static_cast<std::size_t>(i)];
      const double ty = total_(i, 3), tzy = total_(i, 4);
      const double m0 = v.a * ty + v.b * tzy, m1 = v.b * ty + v.c * tzy;  // mean, slope
      const auto off = [&](double one, double zed) {
        return v.a * one * one + 2 * v.b * one * zed + v.c * zed * zed;
      };
      double* const g = &g_[(j * d_ + i) * 2];
      double* const h = &h_[(j * d_ + i) * 2];
      g[0] = std::max(0.0, sum[w] - off(sum[w], sum[wz]));
      g[1] = std::max(0.0, sum[wrr] - off(sum[wr], sum[wrz])) * ramp_scale;
      const double step = sum[wy] - m0 * sum[w] - m1 * sum[wz];
      const double ramp = sum[wry] - m0 * sum[wr] - m1 * sum[wrz];
      h[0] = step * step;
      h[1] = ramp * ramp * ramp_scale;
    }
  }
  // ½ b² G τG/(1 + τG) = ½ (Σ w g y)² τ/(1 + τG).
  const Eigen::Index cells = n * d_ * 2;
  Evidence out;
  double step = 0, ramp = 0;
  Eigen::ArrayXd exponent(cells), root(cells), e(cells), dense(2 * n), product(2 * n);
  for (const auto& [scale, share] : priors) {
    root = 1 / (1 + scale * g_.head(cells));
    exponent = (0.5 * scale * h_.head(cells) * root).min(600.0);
    root = root.sqrt();
    for (Eigen::Index j = 0; j < n; ++j)
      for (int kind = 0; kind < 2; ++kind) {
        double sum = 0, times = 1;
        for (Eigen::Index i = 0; i < d_; ++i) {
          const Eigen::Index cell = (j * d_ + i) * 2 + kind;
          sum += exponent[cell];
          times *= root[cell];
        }
        dense[2 * j + kind] = std::min(sum, 600.0);
        product[2 * j + kind] = times;
      }
    dense = dense.exp() * product;
    e = exponent.exp() * root;
    for (Eigen::Index j = 0; j < n; ++j)
      for (int kind = 0; kind < 2; ++kind) {
        double sparse = 0;
        for (Eigen::Index i = 0; i < d_; ++i) sparse += e[(j * d_ + i) * 2 + kind];
        sparse /= static_cast<double>(d_);
        const double mixed = of_dense * dense[2 * j + kind] + (1 - of_dense) * sparse;
        (kind == 0 ? step : ramp) += (kind == 0 ? of_steps : 1 - of_steps) * share * mixed;
      }
  }
  const double all = step + ramp;
  out.log_sum = all > 0 ? std::log(all) : -std::numeric_limits<double>::infinity();
  out.steps = all > 0 ? step / (step + ramp) : 0;
  return out;
}

}  // namespace twin::steer
