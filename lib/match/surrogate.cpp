// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/surrogate.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double trend = 100.0;  ///< variance of constant and slopes, in spreads of the values
constexpr std::array lengths{0.12, 0.25, 0.5, 1.0, 2.0};
constexpr std::array amplitudes{0.003, 0.03, 0.1, 0.3, 1.0, 3.0};  ///< squared
constexpr double least_weight = 1e-3;

double log_normal(double value, double middle) {
  return -0.5 * std::pow(std::log(value / middle), 2);
}

}  // namespace

/// A process with its evidence, as a logarithm, for weight.
void Surrogate::add(Mixture& mixture, const VectorXd& values, const VectorXd& variance,
                    double amplitude, double length) const {
  MatrixXd k = trend_ + (amplitude * (-0.5 / (length * length) * squared_.array()).exp()).matrix();
  k.diagonal() += variance;
  k.diagonal().array() += 1e-10 * k.trace() / static_cast<double>(k.rows());
  Process process{amplitude, length, 0, Eigen::LLT<MatrixXd>(k), {}};
  process.weights = process.factor.solve(values);
  process.weight = -0.5 * values.dot(process.weights) -
                   process.factor.matrixLLT().diagonal().array().log().sum() +
                   log_normal(std::sqrt(amplitude), 0.33) + log_normal(length, 0.5);
  mixture.processes.push_back(std::move(process));
}

Surrogate::Surrogate(const MatrixXd& at, const MatrixXd& values, const MatrixXd& variance,
                     const VectorXd& least)
    : middle_(at.colwise().mean().transpose()), at_(at.rowwise() - middle_.transpose()) {
  trend_ = trend * (at_ * at_.transpose()).array() + trend;
  squared_.resize(at_.rows(), at_.rows());
  for (Index i = 0; i < at_.rows(); ++i)
    squared_.col(i) = (at_.rowwise() - at_.row(i)).rowwise().squaredNorm();
  for (Index i = 0; i < values.cols(); ++i) {
    Mixture mixture;
    mixture.middle = values.col(i).mean();
    const VectorXd from_middle = values.col(i).array() - mixture.middle;
    mixture.scale = std::max({from_middle.norm() / std::sqrt(static_cast<double>(at_.rows())),
                              least[i], 1e-12 + 1e-9 * std::abs(mixture.middle)});
    for (const double amplitude : amplitudes)
      for (const double length : lengths)
        add(mixture, from_middle / mixture.scale, variance.col(i) / (mixture.scale * mixture.scale),
            amplitude, length);
    auto& processes = mixture.processes;
    const double best = std::ranges::max_element(processes, {}, &Process::weight)->weight;
    double sum = 0;
    for (auto& process : processes) process.weight = std::exp(process.weight - best);
    std::erase_if(processes, [](const Process& process) { return process.weight < least_weight; });
    for (const auto& process : processes) sum += process.weight;
    for (auto& process : processes) process.weight /= sum;
    mixtures_.push_back(std::move(mixture));
  }
}

Surrogate::Prediction Surrogate::predict(const VectorXd& place) const {
  const VectorXd at = place - middle_;
  const VectorXd squared = (at_.rowwise() - at.transpose()).rowwise().squaredNorm();
  const VectorXd line = trend * (at_ * at).array() + trend;
  const auto n = static_cast<Index>(mixtures_.size());
  Prediction out{VectorXd(n), VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const Mixture& mixture = mixtures_[static_cast<std::size_t>(i)];
    double mean = 0, square = 0;
    for (const Process& process : mixture.processes) {
      const double factor = -0.5 / (process.length * process.length);
      const VectorXd k = line + (process.amplitude * (factor * squared.array()).exp()).matrix();
      const double whole = process.amplitude + trend * (1 + at.squaredNorm());
      const double one = k.dot(process.weights);
      const double variance = std::max(0.0, whole - k.dot(process.factor.solve(k)));
      mean += process.weight * one;
      square += process.weight * (one * one + variance);
    }
    out.mean[i] = mixture.middle + mixture.scale * mean;
    out.variance[i] = std::max(0.0, square - mean * mean) * mixture.scale * mixture.scale;
  }
  return out;
}

}  // namespace twin::match
