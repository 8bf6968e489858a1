// SPDX-License-Identifier: GPL-3.0-or-later
#include "streams.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

namespace twin::streams {

Stream::Stream(const Kind& kind, int dimensions, std::uint64_t seed)
    : kind_(kind), random_(seed * 2654435761U + 17) {
  const auto draw = [&] {
    return Eigen::VectorXd::NullaryExpr(dimensions, [&] { return normal_(random_); }).eval();
  };
  Eigen::MatrixXd a(dimensions, dimensions);
  for (int i = 0; i < dimensions; ++i) a.col(i) = draw();
  covariance_ =
      a * a.transpose() / dimensions + 0.3 * Eigen::MatrixXd::Identity(dimensions, dimensions);
  factor_ = Eigen::LLT<Eigen::MatrixXd>(covariance_).matrixL();
  slope_ = kind.drift * draw();
  direction_ = draw().normalized();
  if (kind.sparse)
    direction_ = Eigen::VectorXd::Unit(dimensions,
                                       static_cast<int>(seed % static_cast<unsigned>(dimensions)));
  noise_ = draw();
}

/// dx = (a - x²) dt + .3 dW, a from 1 to 0 in the given width: the restoring force 2 sqrt(a) fades,
/// and with .3 it goes over before that is nothing. At first it fluctuates by .15.
double Stream::course() {
  if (kind_.change == "fold") {
    const double a = 1 - t_ / kind_.width, dt = 0.2, before = fold_;
    if (!tipped()) fold_ += (a - fold_ * fold_) * dt + 0.3 * std::sqrt(dt) * normal_(random_);
    return before / 0.15;
  }
  const double since = t_ - kind_.at;
  if (kind_.change == "step") return since >= 0 ? 1 : 0;
  if (kind_.change == "ramp") return std::clamp((since + 1) / kind_.width, 0.0, 1.0);
  if (kind_.change == "sigmoid")
    return 1 / (1 + std::exp(-4.394449154672439 * (since / kind_.width - 0.5)));
  return 0;
}

steer::Sample Stream::next() {
  if (t_ > 0)
    for (double& e : noise_)
      e = kind_.phi * e + std::sqrt(1 - kind_.phi * kind_.phi) * normal_(random_);
  white_ = noise_ + kind_.size * course() * direction_ + t_ * slope_;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double times = t_ % 2 == 0 ? 1 : kind_.jitter;
  steer::Sample out{factor_ * white_ * times * std::sqrt(kind_.understated),
                    covariance_ * times * times, static_cast<double>(t_), 1.0};
  if (kind_.missing > 0 && t_ % kind_.missing == 1) out.value.setConstant(nan);
  if (kind_.unstated) out.covariance.setConstant(nan);
  ++t_;
  return out;
}

}  // namespace twin::streams
