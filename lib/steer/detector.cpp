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
constexpr float highest_exponent = 80;   // of one coordinate by itself: what a float holds
constexpr double highest_square = 1e17;  // G: of two coordinates, times τ, likewise
constexpr double no_evidence = -std::numeric_limits<double>::infinity();

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
  if (used == starts_.rows()) {
    const Eigen::Index capacity = std::max<Eigen::Index>(32, 2 * used);
    starts_.conservativeResize(capacity, d_ * sums);
    g_.resize(capacity, 2 * d_);
    h_.resize(capacity, 2 * d_);
  }
  starts_.row(used).setZero();
  beginning_.push_back(t_);
}

bool Detector::kept(long long age) const {
  long long stride = 1;
  while (age >= 2 * per_octave * stride) stride *= 2;
  return (t_ - age) % stride == 0;
}

/// The last start takes the place of one that goes: their order does not matter.
void Detector::drop() {
  for (std::size_t i = 0; i < beginning_.size();) {
    if (kept(t_ - beginning_[i])) {
      ++i;
      continue;
    }
    const auto last = static_cast<Eigen::Index>(beginning_.size()) - 1;
    starts_.row(static_cast<Eigen::Index>(i)) = starts_.row(last);
    beginning_[i] = beginning_.back();
    beginning_.pop_back();
  }
}

/// The sums with one more sample, and of each start Σ w g² and (Σ w g y)² off the null.
void Detector::sum_up(const White& s) {
  const auto n = static_cast<Eigen::Index>(beginning_.size());
  r_.resize(n);
  for (Eigen::Index j = 0; j < n; ++j)
    r_[j] = static_cast<double>(t_ - beginning_[static_cast<std::size_t>(j)]) + 1;
  for (Eigen::Index i = 0; i < d_; ++i) {
    const auto sum = [&](Sum which) { return starts_.col(i * sums + which).head(n); };
    const double wi = s.weight[i], wy_now = wi * s.y[i], wz_now = wi * s.covariate[i];
    sum(w) += wi;
    sum(wr) += wi * r_;
    sum(wrr) += wi * r_ * r_;
    sum(wy) += wy_now;
    sum(wry) += wy_now * r_;
    const auto v = null_inverse(total_(i, 0), total_(i, 1), total_(i, 2), covariate_);
    const double ty = total_(i, 3), tzy = total_(i, 4);
    const double m0 = v.a * ty + v.b * tzy, m1 = v.b * ty + v.c * tzy;  // mean, slope
    const auto keep = [&](Eigen::Index kind, double scale, const auto& square, const auto& along) {
      square_ = square.max(0.0) * scale;
      along_ = along.square() * scale;
      // More than a float holds: the exponent stays, the root is a little too large.
      if (!(square_.maxCoeff() <= highest_square)) {
        along_ *= (highest_square / square_).min(1.0);
        square_ = square_.min(highest_square);
      }
      g_.col(kind * d_ + i).head(n) = square_.cast<float>();
      h_.col(kind * d_ + i).head(n) = along_.min(1e34).cast<float>();
    };
    if (!covariate_) {
      keep(0, 1.0, sum(w) - v.a * sum(w).square(), sum(wy) - m0 * sum(w));
      keep(1, ramp_scale, sum(wrr) - v.a * sum(wr).square(), sum(wry) - m0 * sum(wr));
      continue;
    }
    sum(wz) += wz_now;
    sum(wrz) += wz_now * r_;
    const auto off = [&](const auto& one, const auto& zed) {
      return v.a * one.square() + 2 * v.b * one * zed + v.c * zed.square();
    };
    keep(0, 1.0, sum(w) - off(sum(w), sum(wz)), sum(wy) - m0 * sum(w) - m1 * sum(wz));
    keep(1, ramp_scale, sum(wrr) - off(sum(wr), sum(wrz)), sum(wry) - m0 * sum(wr) - m1 * sum(wrz));
  }
}

Evidence Detector::add(const White& s) {
  count(s);
  begin();
  drop();
  sum_up(s);
  const auto n = static_cast<Eigen::Index>(beginning_.size());
  // ½ b² G τG/(1 + τG) = ½ (Σ w g y)² τ/(1 + τG).
  std::array<double, 2> of{no_evidence, no_evidence};  // log R of steps, of ramps
  const auto add_to = [](double& sum, double log) {
    const double most = std::max(sum, log);
    if (most > no_evidence) sum = most + std::log(std::exp(sum - most) + std::exp(log - most));
  };
  for (const auto& [scale, share] : priors)
    for (std::size_t kind = 0; kind < 2; ++kind) {
      const auto tau = static_cast<float>(scale);
      sparse_.setZero(n);
      dense_.setZero(n);
      product_.setOnes(n);
      for (Eigen::Index i = 0; i < d_; ++i) {
        const Eigen::Index column = static_cast<Eigen::Index>(kind) * d_ + i;
        const auto g = g_.col(column).head(n), h = h_.col(column).head(n);
        root_ = (1.0F + tau * g).inverse();
        e_ = 0.5F * tau * h * root_;
        dense_ += e_;
        product_ *= root_;
        sparse_ += e_.min(highest_exponent).exp() * root_.sqrt();
        if (i % 2 == 0 && i + 1 < d_) continue;
        dense_ += 0.5F * product_.log();  // of two: a float holds it
        product_.setOnes();
      }
      const float most = dense_.maxCoeff();
      const double all =
          static_cast<double>(most) + std::log(static_cast<double>((dense_ - most).exp().sum()));
      const double mean = sparse_.cast<double>().sum() / static_cast<double>(d_);
      add_to(of.at(kind), std::log(share * of_dense) + all);
      add_to(of.at(kind), std::log(share * (1 - of_dense) * mean));
    }
  of[0] += std::log(of_steps);
  of[1] += std::log(1 - of_steps);
  Evidence out;
  out.log_sum = of[0];
  add_to(out.log_sum, of[1]);
  out.steps = 1 / (1 + std::exp(of[1] - of[0]));
  if (!std::isfinite(out.log_sum)) throw Error(Cause::internal, "detector: log R is not finite");
  return out;
}

}  // namespace twin::steer
