// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ensemble.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <string>

#include "atoms/neighbours.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/block_sums.h"
#include "xas/fit.h"
#include "xas/path_copies.h"

namespace twin::xas {

namespace {

constexpr double farthest_from_site = 1.2;  // Å
constexpr double room = 1.0;                // Å that a pair may be longer than its sites are apart

void check(const EnsembleSettings& settings) {
  const bool good = settings.rmin >= 0 && settings.rmax > settings.rmin && settings.bin >= 1e-4 &&
                    settings.bin <= 0.02 && settings.blocks >= 2 &&
                    settings.absorbers_per_frame >= 1 && settings.copies_per_absorber >= 1;
  if (!good)
    throw Error(
        Cause::configuration,
        "ensemble: settings out of range; expected rmin < rmax, a bin of 1e-4 to 0.02 Å, two "
        "blocks or more, an absorber and a copy or more");
}

/// The largest distance of an atom from its site, the drift of all taken out.
double farthest(const atoms::Frame& frame, const Eigen::MatrixX3d& fractions) {
  Eigen::MatrixX3d moved = frame.positions - fractions * frame.cell;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  moved.rowwise() -= drift;
  return std::sqrt(moved.rowwise().squaredNorm().maxCoeff());
}

}  // namespace

/// The observables A of a frame are one vector: the histogram of distances for one absorber, then
/// for each multiple-scattering path the means of d and of d², d = half length - that of the ideal
/// crystal.
struct Ensemble::State {
  State(PairTable given, std::vector<ScatteringPath> multiple, atoms::Frame ideal_frame,
        const EnsembleSettings& given_settings);

  void count_pairs(const atoms::Frame& frame, Eigen::VectorXd& a);
  void measure_paths(const atoms::Frame& frame, Eigen::VectorXd& a);

  [[nodiscard]] BlockSums total() const;
  [[nodiscard]] PathValues values(std::size_t path, const Eigen::VectorXd& mean) const;
  [[nodiscard]] Eigen::VectorXd single(const Eigen::VectorXd& mean) const;
  [[nodiscard]] Eigen::VectorXd chi(const Eigen::VectorXd& mean) const;
  [[nodiscard]] Eigen::VectorXd response(const Eigen::VectorXd& mean,
                                         const Eigen::VectorXd& change) const;
  [[nodiscard]] Eigen::VectorXd affine_change(const Eigen::VectorXd& mean) const;
  [[nodiscard]] Eigen::VectorXd affine_single(const Eigen::VectorXd& mean) const;

  [[nodiscard]] Eigen::Index first(std::size_t path) const {
    return bins + 2 * static_cast<Eigen::Index>(path);
  }

  PairTable table;
  std::vector<ScatteringPath> paths;
  atoms::Frame ideal;
  EnsembleSettings settings;
  Eigen::MatrixX3d fractions;  ///< of the sites
  std::vector<atoms::FixedPair> pairs;
  PathCopies copies;
  Eigen::VectorXd ideal_length;  ///< [paths] half lengths, Å
  double from = 0;               ///< centre of the first bin, Å
  Eigen::Index bins = 0;
  Eigen::MatrixXd basis;  ///< [bins × m]
  std::vector<BlockSums> blocks;
  double reference_energy = 0, reference_slope = 0;
  int frames = 0;
  std::size_t sampled_absorbers = 0;
  double counted = 0, lost = 0;  ///< pairs
};

Ensemble::State::State(PairTable given, std::vector<ScatteringPath> multiple,
                       atoms::Frame ideal_frame, const EnsembleSettings& given_settings)
    : table(std::move(given)),
      paths(std::move(multiple)),
      ideal(std::move(ideal_frame)),
      settings(given_settings),
      fractions(ideal.positions * ideal.cell.inverse()),
      pairs(atoms::fixed_pairs(ideal, settings.rmin, settings.rmax)),
      copies(paths, ideal),
      ideal_length(static_cast<Eigen::Index>(paths.size())) {
  double nearest = settings.rmax, longest = settings.rmin;
  for (const auto& pair : pairs) {
    const double r = atoms::separation(pair, ideal).norm();
    nearest = std::min(nearest, r);
    longest = std::max(longest, r);
  }
  constexpr double least = 0.3;  // Å; less would cut the distribution of a warm crystal
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
  for (std::size_t p = 0; p < paths.size(); ++p)
    ideal_length[static_cast<Eigen::Index>(p)] = copies.half_length(p, 0, 0, ideal);
  blocks.assign(static_cast<std::size_t>(settings.blocks),
                BlockSums(bins + 2 * static_cast<Eigen::Index>(paths.size())));
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
      lost += 1;
      continue;
    }
    const double t = at - static_cast<double>(bin);
    double* const h = a.data() + bin;
    h[-1] -= share * t * (t - 1) * (t - 2) / 6;
    h[0] += share * (t + 1) * (t - 1) * (t - 2) / 2;
    h[1] -= share * (t + 1) * t * (t - 2) / 2;
    h[2] += share * (t + 1) * t * (t - 1) / 6;
  }
  counted += static_cast<double>(pairs.size());
}

void Ensemble::State::measure_paths(const atoms::Frame& frame, Eigen::VectorXd& a) {
  const auto atoms = static_cast<std::size_t>(frame.positions.rows());
  const auto absorbers = std::min(atoms, static_cast<std::size_t>(settings.absorbers_per_frame));
  const auto wanted = static_cast<std::size_t>(settings.copies_per_absorber);
  for (std::size_t n = 0; n < absorbers; ++n, ++sampled_absorbers) {
    const auto absorber = static_cast<int>(sampled_absorbers % atoms);
    for (std::size_t p = 0; p < paths.size(); ++p) {
      const std::size_t all = copies.copies(p), some = std::min(all, wanted);
      // The start moves on with each absorber and with each round of the atoms.
      const std::size_t start = sampled_absorbers * some + sampled_absorbers / atoms;
      const double share = 1.0 / static_cast<double>(absorbers * some);
      for (std::size_t c = 0; c < some; ++c) {
        const double d = copies.half_length(p, (start + c * (all / some)) % all, absorber, frame) -
                         ideal_length[static_cast<Eigen::Index>(p)];
        a[first(p)] += share * d;
        a[first(p) + 1] += share * d * d;
      }
    }
  }
}

BlockSums Ensemble::State::total() const {
  if (frames == 0) throw Error(Cause::data, "ensemble: it has no frame yet");
  if (lost > 1e-3 * counted)
    throw Error(Cause::data, "ensemble: " + significant(100 * lost / counted, 2) +
                                 " % of the pairs are outside of the pair table; it needs nodes "
                                 "farther out");
  BlockSums sum(blocks.front().a.size());
  for (const auto& block : blocks) sum += block;
  return sum;
}

PathValues Ensemble::State::values(std::size_t path, const Eigen::VectorXd& mean) const {
  const double d = mean[first(path)];
  PathValues result;
  result.amplitude = paths[path].degeneracy;
  result.delta_r = ideal_length[static_cast<Eigen::Index>(path)] + d - paths[path].reff;
  result.sigma2 = std::max(0.0, mean[first(path) + 1] - d * d);
  return result;
}

Eigen::VectorXd Ensemble::State::single(const Eigen::VectorXd& mean) const {
  return basis.transpose() * mean.head(bins);
}

Eigen::VectorXd Ensemble::State::chi(const Eigen::VectorXd& mean) const {
  Eigen::VectorXd result = single(mean);
  for (std::size_t p = 0; p < paths.size(); ++p)
    result += path_chi(paths[p], values(p, mean), table.k());
  return result;
}

/// How χ changes when the means of the observables do, to first order.
Eigen::VectorXd Ensemble::State::response(const Eigen::VectorXd& mean,
                                          const Eigen::VectorXd& change) const {
  Eigen::VectorXd result = single(change);
  for (std::size_t p = 0; p < paths.size(); ++p) {
    const double dr = change[first(p)];
    const double dsigma2 = change[first(p) + 1] - 2 * mean[first(p)] * dr;
    // Along the line of both changes at once; a step that moves k·r and k²σ² by about 1e-3.
    const double step = 1e-4 / std::max({std::abs(dr), 10 * std::abs(dsigma2), 1e-30});
    PathValues up = values(p, mean), down = up;
    up.delta_r += step * dr, down.delta_r -= step * dr;
    up.sigma2 += step * dsigma2, down.sigma2 -= step * dsigma2;
    result +=
        (path_chi(paths[p], up, table.k()) - path_chi(paths[p], down, table.k())) / (2 * step);
  }
  return result;
}

/// Change of the path's moments with ε where all lengths grow by (1 + ε); no histogram in it.
Eigen::VectorXd Ensemble::State::affine_change(const Eigen::VectorXd& mean) const {
  Eigen::VectorXd change = Eigen::VectorXd::Zero(mean.size());
  for (std::size_t p = 0; p < paths.size(); ++p) {
    const double d = mean[first(p)], length = ideal_length[static_cast<Eigen::Index>(p)] + d;
    change[first(p)] = length;
    change[first(p) + 1] = 2 * (mean[first(p) + 1] - d * d) + 2 * d * length;
  }
  return change;
}

/// The histogram's part of the same: Σ h(r) ∂χ(r(1 + ε))/∂ε.
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

Ensemble::Ensemble(PairTable table, std::vector<ScatteringPath> multiple, atoms::Frame ideal,
                   EnsembleSettings settings) {
  check(settings);
  state_ =
      std::make_unique<State>(std::move(table), std::move(multiple), std::move(ideal), settings);
}

Ensemble::~Ensemble() = default;
Ensemble::Ensemble(Ensemble&&) noexcept = default;
Ensemble& Ensemble::operator=(Ensemble&&) noexcept = default;

void Ensemble::add(const atoms::Frame& frame, int block, const FrameWeight& weight) {
  State& state = *state_;
  if (block < 0 || block >= state.settings.blocks)
    throw Error(Cause::internal, "ensemble: block " + std::to_string(block) + " of " +
                                     std::to_string(state.settings.blocks));
  if (frame.positions.rows() != state.ideal.positions.rows())
    throw Error(Cause::data, "ensemble: a frame of " + std::to_string(frame.positions.rows()) +
                                 " atoms; expected " +
                                 std::to_string(state.ideal.positions.rows()));
  const double moved = farthest(frame, state.fractions);
  if (!(moved <= farthest_from_site) || !std::isfinite(weight.energy_eV + weight.strain_slope_eV))
    throw Error(Cause::data,
                "ensemble: an atom is " + significant(moved, 3) +
                    " Å from its site; atoms left their sites: a liquid needs pairs found anew");
  Eigen::VectorXd a = Eigen::VectorXd::Zero(state.blocks.front().a.size());
  state.count_pairs(frame, a);
  state.measure_paths(frame, a);
  if (state.frames++ == 0) {
    state.reference_energy = weight.energy_eV;
    state.reference_slope = weight.strain_slope_eV;
  }
  state.blocks[static_cast<std::size_t>(block)].add(a, weight.energy_eV - state.reference_energy,
                                                    weight.strain_slope_eV - state.reference_slope);
}

int Ensemble::frames() const { return state_->frames; }

Eigen::VectorXd Ensemble::chi() const { return state_->chi(state_->total().mean()); }

Eigen::VectorXd Ensemble::chi_single() const { return state_->single(state_->total().mean()); }

Eigen::MatrixXd Ensemble::chi_without_block() const {
  const BlockSums total = state_->total();
  Eigen::MatrixXd result(state_->settings.blocks, state_->table.k().size());
  for (int b = 0; b < state_->settings.blocks; ++b) {
    BlockSums rest = total;
    rest -= state_->blocks[static_cast<std::size_t>(b)];
    if (rest.frames == 0)
      throw Error(Cause::data, "ensemble: all frames are in one block; expected two or more");
    result.row(b) = state_->chi(rest.mean()).transpose();
  }
  return result;
}

Eigen::VectorXd Ensemble::temperature_tangent(double temperature) const {
  const BlockSums total = state_->total();
  return state_->response(total.mean(), total.energy_covariance()) /
         (boltzmann_eV * temperature * temperature);
}

Eigen::VectorXd Ensemble::strain_tangent(double temperature) const {
  const BlockSums total = state_->total();
  const Eigen::VectorXd mean = total.mean();
  const Eigen::VectorXd change =
      state_->affine_change(mean) - total.slope_covariance() / (boltzmann_eV * temperature);
  return state_->affine_single(mean) + state_->response(mean, change);
}

}  // namespace twin::xas
