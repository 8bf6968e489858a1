// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/pair_distribution.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "atoms/neighbours.h"

namespace twin::md {

namespace {

double half_width(const Eigen::Matrix3d& cell) {
  return 0.5 / cell.inverse().colwise().norm().maxCoeff();
}

}  // namespace

PairDistribution::PairDistribution(const atoms::Frame& ideal, double rmax, double step, int blocks)
    : step_(step),
      bins_(static_cast<Eigen::Index>(std::min(rmax, half_width(ideal.cell)) / step + 1e-9)) {
  for (const int species : ideal.species) species_ = std::max(species_, species + 1);
  for (int s = 0; s < species_; ++s)
    atoms_.push_back(static_cast<double>(std::ranges::count(ideal.species, s)));
  const auto n = static_cast<std::size_t>(blocks);
  histograms_.assign(n, Eigen::MatrixXd::Zero(bins_, species_ * (species_ + 1) / 2));
  weights_.assign(n, 0.0);
}

Eigen::Index PairDistribution::column(int one, int other) const {
  const auto [low, high] = std::minmax(one, other);
  return static_cast<Eigen::Index>(low) * species_ - low * (low + 1) / 2 + high;
}

void PairDistribution::add(const atoms::Frame& frame, int block, double weight) {
  if (bins_ == 0) return;
  Eigen::MatrixXd& histogram = histograms_[static_cast<std::size_t>(block)];
  const double count = weight * std::abs(frame.cell.determinant());
  const double rmax = static_cast<double>(bins_) * step_;
  const auto of = [&](int atom) { return frame.species[static_cast<std::size_t>(atom)]; };
  atoms::for_each_pair(frame, rmax, [&](int i, int j, const Eigen::Vector3d& r) {
    const auto bin = std::min(bins_ - 1, static_cast<Eigen::Index>(r.norm() / step_));
    histogram(bin, column(of(i), of(j))) += count;
  });
  weights_[static_cast<std::size_t>(block)] += weight;
}

Eigen::VectorXd PairDistribution::r() const {
  return (Eigen::VectorXd::LinSpaced(bins_, 0, static_cast<double>(bins_ - 1)).array() + 0.5) *
         step_;
}

std::vector<PairDistribution::Pair> PairDistribution::result() const {
  double total = 0, blocks = 0;
  for (const double weight : weights_) {
    total += weight;
    blocks += weight > 0 ? 1 : 0;
  }
  std::vector<Pair> pairs;
  if (!(total > 0)) return pairs;
  Eigen::VectorXd shell(bins_);
  for (Eigen::Index b = 0; b < bins_; ++b)
    shell[b] =
        4 * std::numbers::pi / 3 * std::pow(step_, 3) * static_cast<double>(3 * b * b + 3 * b + 1);
  for (int one = 0; one < species_; ++one)
    for (int other = one; other < species_; ++other) {
      const double both = atoms_[static_cast<std::size_t>(one)] *
                          atoms_[static_cast<std::size_t>(other)] / (one == other ? 2 : 1);
      if (both == 0) continue;  // all of them are substituted
      Pair pair{one, other, Eigen::VectorXd::Zero(bins_), Eigen::VectorXd::Zero(bins_)};
      const Eigen::Index at = column(one, other);
      for (const Eigen::MatrixXd& histogram : histograms_) pair.g += histogram.col(at);
      pair.g.array() /= total * both * shell.array();
      for (std::size_t i = 0; i < histograms_.size(); ++i) {
        const Eigen::ArrayXd own = histograms_[i].col(at).array() / (both * shell.array());
        pair.sigma.array() += (own - weights_[i] * pair.g.array()).square();
      }
      pair.sigma = (pair.sigma * blocks / std::max(1.0, blocks - 1)).cwiseSqrt() / total;
      pairs.push_back(std::move(pair));
    }
  return pairs;
}

}  // namespace twin::md
