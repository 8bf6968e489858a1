// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ensemble_state.h"

#include <Eigen/Dense>
#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr double room = 1.0;   // Å that a pair may be longer than its sites are apart, or shorter
constexpr double least = 0.3;  // Å; less would cut the distribution of a warm crystal

}  // namespace

Ensemble::State::State(PairTable given, const std::vector<ScatteringPath>& multiple,
                       atoms::Frame ideal_frame, const EnsembleSettings& given_settings)
    : table(std::move(given)),
      ideal(std::move(ideal_frame)),
      settings(given_settings),
      fractions(ideal.positions * ideal.cell.inverse()),
      pairs(atoms::fixed_pairs(ideal, settings.rmin, settings.rmax)),
      copies(multiple, ideal) {
  make_bins();
  for (const auto& path : multiple) {
    paths.emplace_back(path, table.k());
    reff.push_back(path.reff);
  }
  blocks.assign(static_cast<std::size_t>(settings.blocks), BlockSums(first(multiple.size())));
}

void Ensemble::State::make_bins() {
  double nearest = settings.rmax, longest = settings.rmin;
  for (const auto& pair : pairs) {
    const double r = atoms::separation(pair, ideal).norm();
    nearest = std::min(nearest, r);
    longest = std::max(longest, r);
  }
  from = std::max(nearest - room, table.rmin() - PairTable::margin + 2 * settings.bin);
  const double to = std::min(longest + room, table.rmax() + PairTable::margin - 2 * settings.bin);
  if (pairs.empty() || from > nearest - least || to < longest + least)
    throw Error(Cause::configuration,
                "ensemble: the crystal has distances of " + significant(nearest, 4) + " to " +
                    significant(longest, 4) + " Å, the pair table of " +
                    significant(table.rmin(), 4) + " to " + significant(table.rmax(), 4) +
                    " Å; expected 0.3 Å more on both sides");
  bins = static_cast<Eigen::Index>((to - from) / settings.bin) + 1;
  basis = table.basis(from, settings.bin, static_cast<int>(bins));
}

Eigen::VectorXd Ensemble::State::observe(const atoms::Frame& frame) {
  Eigen::VectorXd a = Eigen::VectorXd::Zero(blocks.front().a.size());
  count_pairs(frame, a);
  measure_paths(frame, a);
  return a;
}

/// Each pair is shared among four bins with the weights of cubic interpolation: the sum over bins
/// of weight times χ(bin) is then χ(r) to third order, and no bin width is seen in the result.
void Ensemble::State::count_pairs(const atoms::Frame& frame, Eigen::VectorXd& a) {
  const Eigen::Matrix3Xd x = frame.positions.transpose();
  const Eigen::Matrix3d cell = frame.cell.transpose();
  const double share = 2.0 / static_cast<double>(x.cols());  // a pair counts at both of its ends
  for (const auto& pair : pairs) {
    const Eigen::Vector3d r = x.col(pair.j) - x.col(pair.i) + cell * pair.image.cast<double>();
    const double at = (r.norm() - from) / settings.bin;
    const auto bin = static_cast<Eigen::Index>(at);
    if (!(at >= 1.0) || bin > bins - 3) {
      lost_ += 1;
      continue;
    }
    const double t = at - static_cast<double>(bin);
    double* const h = a.data() + bin;
    h[-1] -= share * t * (t - 1) * (t - 2) / 6;
    h[0] += share * (t + 1) * (t - 1) * (t - 2) / 2;
    h[1] -= share * (t + 1) * t * (t - 2) / 2;
    h[2] += share * (t + 1) * t * (t - 1) / 6;
  }
  counted_ += static_cast<double>(pairs.size());
}

void Ensemble::State::measure_paths(const atoms::Frame& frame, Eigen::VectorXd& a) {
  const auto atoms = static_cast<std::size_t>(frame.positions.rows());
  const auto absorbers = std::min(atoms, static_cast<std::size_t>(settings.absorbers_per_frame));
  const auto wanted = static_cast<std::size_t>(settings.copies_per_absorber);
  for (std::size_t n = 0; n < absorbers; ++n, ++sampled_absorbers_) {
    const auto absorber = static_cast<int>(sampled_absorbers_ % atoms);
    for (std::size_t p = 0; p < paths.size(); ++p) {
      const std::size_t all = copies.copies(p), some = std::min(all, wanted);
      // The start moves on with each absorber and with each round of the atoms.
      const std::size_t start = sampled_absorbers_ * some + sampled_absorbers_ / atoms;
      const double share = 1.0 / static_cast<double>(absorbers * some);
      for (std::size_t c = 0; c < some; ++c) {
        const std::size_t copy = (start + c * (all / some)) % all;
        const double d = copies.half_length(p, copy, absorber, frame) - reff[p];
        a[first(p)] += share * d;
        a[first(p) + 1] += share * d * d;
      }
    }
  }
}

BlockSums Ensemble::State::total() const {
  if (frames == 0) throw Error(Cause::data, "ensemble: it has no frame yet");
  if (lost_ > 1e-3 * counted_)
    throw Error(Cause::data, "ensemble: " + significant(100 * lost_ / counted_, 2) +
                                 " % of the pairs are outside of the pair table; it needs nodes "
                                 "farther out");
  BlockSums sum(blocks.front().a.size());
  for (const auto& block : blocks) sum += block;
  return sum;
}

Eigen::VectorXd Ensemble::State::single(const Eigen::VectorXd& mean) const {
  return basis.transpose() * mean.head(bins);
}

Eigen::VectorXd Ensemble::State::chi(const Eigen::VectorXd& mean) const {
  Eigen::VectorXd result = single(mean);
  for (std::size_t p = 0; p < paths.size(); ++p) result += paths[p].chi(mean.segment<2>(first(p)));
  return result;
}

Eigen::VectorXd Ensemble::State::response(const Eigen::VectorXd& mean,
                                          const Eigen::VectorXd& change) const {
  Eigen::VectorXd result = single(change);
  for (std::size_t p = 0; p < paths.size(); ++p)
    result += paths[p].response(mean.segment<2>(first(p)), change.segment<2>(first(p)));
  return result;
}

Eigen::VectorXd Ensemble::State::affine_change(const Eigen::VectorXd& mean) const {
  Eigen::VectorXd change = Eigen::VectorXd::Zero(mean.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    // d becomes d + ε L with L = reff + d.
    change[first(p)] = reff[p] + mean[first(p)];
    change[first(p) + 1] = 2 * (mean[first(p) + 1] + reff[p] * mean[first(p)]);
  }
  return change;
}

Eigen::VectorXd Ensemble::State::affine_single(const Eigen::VectorXd& mean) const {
  constexpr double step = 1e-4;
  Eigen::VectorXd result = Eigen::VectorXd::Zero(table.k().size());
  for (Eigen::Index i = 0; i < bins; ++i) {
    if (mean[i] == 0.0) continue;
    const double r = from + settings.bin * static_cast<double>(i);
    result += mean[i] * (table.chi(r * (1 + step)) - table.chi(r * (1 - step))) / (2 * step);
  }
  return result;
}

}  // namespace twin::xas
