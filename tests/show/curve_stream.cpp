// SPDX-License-Identifier: GPL-3.0-or-later
#include "curve_stream.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "core/time.h"

namespace twin::streams {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr Index points = 100;
constexpr double white = 0.004;

record::Array array(const VectorXd& values, const char* unit) {
  return {{values.begin(), values.end()}, {static_cast<std::size_t>(values.size())}, unit, "", ""};
}

VectorXd peak(double at, double width) {
  VectorXd out(points);
  for (Index i = 0; i < points; ++i)
    out[i] = std::exp(-std::pow((static_cast<double>(i) - at) / width, 2) / 2);
  return out;
}

}  // namespace

CurveStream::CurveStream(const CurveKind& kind, std::uint64_t seed)
    : kind_(kind), random_(seed * 2654435761U + 29), energy_(points), edge_(points) {
  double e = 13020;
  for (Index i = 0; i < points; ++i) {
    energy_[i] = e += kind.stepped && i < points / 3 ? 2.0 : 1.0;
    const double above = static_cast<double>(i) - 35;
    edge_[i] = 0.5 + std::atan(above / 2) / 3.141592653589793;
  }
  edge_ += 0.3 * peak(39, 3);
  kernel_.resize(points, points + 40);
  for (Index i = 0; i < points; ++i)
    for (Index j = 0; j < points + 40; ++j)
      kernel_(i, j) = std::exp(-std::pow(static_cast<double>(i + 20 - j) / 8, 2));
  kernel_ *= white * kind.smooth / kernel_.row(points / 2).norm();
  const MatrixXd covariance =
      kernel_ * kernel_.transpose() + white * white * MatrixXd::Identity(points, points);
  change_ = peak(std::uniform_real_distribution<>(15, 85)(random_), 5);
  const VectorXd w = Eigen::LLT<MatrixXd>(covariance).matrixL().solve(change_);
  change_ *= kind.size > 0 ? kind.size / w.norm() : 1 / w.norm();
  drift_ = kind.drift * white * peak(std::uniform_real_distribution<>(15, 85)(random_), 20);
  noise_ = noise();
}

VectorXd CurveStream::noise() {
  const auto draw = [&](Index n) {
    return VectorXd::NullaryExpr(n, [&] { return normal_(random_); }).eval();
  };
  return white * draw(points) + kernel_ * draw(points + 40);
}

record::Result CurveStream::next() {
  if (t_ > 0) noise_ = kind_.phi * noise_ + std::sqrt(1 - kind_.phi * kind_.phi) * noise();
  const double since = t_ - kind_.at;
  const double part = t_ >= kind_.ends  ? 0.0
                      : kind_.size == 0 ? 0.0
                      : kind_.width > 0 ? std::clamp((since + 1) / kind_.width, 0.0, 1.0)
                                        : static_cast<double>(since >= 0);
  record::Result out;
  out.header.id = "id" + std::to_string(t_);
  out.header.time = utc_of(1.7e9 + 10.0 * t_);
  out.context.scan = "s" + std::to_string(t_);
  out.arrays["energy"] = array(energy_, "eV");
  out.arrays["norm"] = array(edge_ + part * change_ + t_ * drift_ + noise_, "");
  ++t_;
  return out;
}

steer::TrainedBasis CurveStream::basis() const {
  MatrixXd both(points, 2);
  both << edge_, edge_ + change_;
  const MatrixXd q =
      Eigen::HouseholderQR<MatrixXd>(both).householderQ() * MatrixXd::Identity(points, 2);
  return {energy_, q.transpose()};
}

}  // namespace twin::streams
