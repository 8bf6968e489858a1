// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/displacements.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

namespace twin::md {

namespace {

/// Frames of a block that are kept: a hundred, fewer where they would take more than 32 MB.
int kept_frames(std::size_t atoms) {
  return static_cast<int>(std::clamp(32e6 / (24.0 * static_cast<double>(atoms)), 16.0, 100.0));
}

numeric::Mean mean_of_blocks(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, std::sqrt(squares / (n * (n - 1))), n};
}

/// Of y over x, by least squares.
double slope(const Eigen::VectorXd& x, const Eigen::VectorXd& y) {
  const Eigen::VectorXd centred = x.array() - x.mean();
  return centred.dot(y) / centred.squaredNorm();
}

}  // namespace

Displacements::Displacements(const atoms::Frame& ideal, const std::vector<double>& masses,
                             int frames, double interval)
    : of_(ideal.species),
      count_(masses.size(), 0.0),
      mass_(static_cast<Eigen::Index>(of_.size())),
      frames_(frames),
      stride_(std::max(1, frames / kept_frames(of_.size()))),
      interval_(interval * stride_) {
  for (std::size_t i = 0; i < of_.size(); ++i) {
    const auto species = static_cast<std::size_t>(of_[i]);
    mass_[static_cast<Eigen::Index>(i)] = masses[species];
    count_[species] += 1;
  }
  mass_ /= mass_.sum();
}

void Displacements::add(int replica, const atoms::Frame& frame) {
  const auto index = static_cast<std::size_t>(replica);
  if (index >= buffers_.size()) buffers_.resize(index + 1);
  Buffer& buffer = buffers_[index];
  if (buffer.seen % stride_ == 0) {
    Eigen::MatrixX3d fractions = frame.positions * frame.cell.inverse();
    const Eigen::RowVector3d centre = mass_.transpose() * fractions;
    fractions.rowwise() -= centre;
    buffer.fractions.push_back(std::move(fractions));
    buffer.cells += frame.cell;
  }
  if (++buffer.seen == frames_) finish(buffer);
}

void Displacements::finish(Buffer& buffer) {
  const auto n = static_cast<Eigen::Index>(buffer.fractions.size());
  const Eigen::Matrix3d cell = buffer.cells / static_cast<double>(n);
  const auto species = static_cast<Eigen::Index>(count_.size());
  Eigen::MatrixXd block = Eigen::MatrixXd::Zero(n / 2 + 1, species);
  for (Eigen::Index lag = 1; lag <= n / 2; ++lag) {
    for (Eigen::Index from = 0; from + lag < n; ++from) {
      const Eigen::MatrixX3d moved = (buffer.fractions[static_cast<std::size_t>(from + lag)] -
                                      buffer.fractions[static_cast<std::size_t>(from)]) *
                                     cell;
      for (Eigen::Index i = 0; i < moved.rows(); ++i)
        block(lag, of_[static_cast<std::size_t>(i)]) += moved.row(i).squaredNorm();
    }
    for (Eigen::Index s = 0; s < species; ++s)
      block(lag, s) /=
          static_cast<double>(n - lag) * std::max(1.0, count_[static_cast<std::size_t>(s)]);
  }
  blocks_.push_back(std::move(block));
  buffer = {};
}

std::vector<Displacements::Coefficient> Displacements::diffusion() const {
  std::vector<Coefficient> all(count_.size());
  const Eigen::VectorXd t = times();
  const Eigen::Index length = t.size() - t.size() / 2;
  if (blocks_.size() < 2 || length < 4) return all;
  const Eigen::VectorXd fitted = t.tail(length);
  const Eigen::MatrixXd squares = mean_squares();
  for (std::size_t s = 0; s < all.size(); ++s) {
    const auto column = static_cast<Eigen::Index>(s);
    std::vector<double> values;
    for (const Eigen::MatrixXd& block : blocks_)
      values.push_back(slope(fitted, block.col(column).tail(length)) / 6);
    const numeric::Mean mean = mean_of_blocks(values);
    const double moved = squares.col(column).tail(length).mean();
    const double alpha = moved > 0 ? 6 * mean.value * fitted.mean() / moved : 1;
    const double unaccounted = mean.value * std::min(1.0, std::abs(1 - alpha));
    all[s] = {mean, std::sqrt(std::max(0.0, unaccounted * unaccounted - mean.sigma * mean.sigma))};
  }
  return all;
}

Eigen::VectorXd Displacements::times() const {
  if (blocks_.empty()) return {};
  const Eigen::Index n = blocks_.front().rows();
  return Eigen::VectorXd::LinSpaced(n, 0, static_cast<double>(n - 1)) * interval_;
}

Eigen::MatrixXd Displacements::mean_squares() const {
  if (blocks_.empty()) return {};
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(blocks_.front().rows(), blocks_.front().cols());
  for (const Eigen::MatrixXd& block : blocks_) sum += block;
  return sum / static_cast<double>(blocks_.size());
}

Eigen::MatrixXd Displacements::mean_squares_sigma() const {
  if (blocks_.empty()) return {};
  const Eigen::MatrixXd mean = mean_squares();
  Eigen::MatrixXd squares = Eigen::MatrixXd::Zero(mean.rows(), mean.cols());
  for (const Eigen::MatrixXd& block : blocks_) squares += (block - mean).cwiseAbs2();
  const auto n = static_cast<double>(blocks_.size());
  return (squares / (n * std::max(1.0, n - 1))).cwiseSqrt();
}

}  // namespace twin::md
