// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ensemble_state.h"

#include <Eigen/Dense>
#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr double least = 0.3;      // Å; less would cut the distribution of a warm crystal
constexpr double half_way = 0.47;  // to the next like site: an atom there has not changed places

}  // namespace

Ensemble::State::State(Scatterers given, const std::vector<ScatteringPath>& multiple,
                       atoms::Frame ideal_frame, const EnsembleSettings& given_settings)
    : scatterers(std::move(given)),
      ideal(std::move(ideal_frame)),
      settings(given_settings),
      sites(homes(settings.sites.empty()
                      ? ideal
                      : atoms::Frame{ideal.cell, ideal.positions, settings.sites})),
      fractions(sites.positions * ideal.cell.inverse()),
      copies(multiple, ideal) {
  for (const int one : ideal.species)
    if (one < 0 || static_cast<std::size_t>(one) >= scatterers.tables.size())
      throw Error(Cause::configuration, "ensemble: species " + std::to_string(one + 1) +
                                            " has no pair table; expected one for each");
  for (const PairTable& table : scatterers.tables)
    if (table.k() != k())
      throw Error(Cause::configuration, "ensemble: tables of several k grids; expected one");
  allow_distances();
  choose_pairs();
  make_bins();
  for (const auto& path : multiple) {
    paths.emplace_back(path, k());
    reff.push_back(path.reff);
  }
  blocks.assign(static_cast<std::size_t>(settings.blocks),
                BlockSums(first(multiple.size()), conjugates()));
}

void Ensemble::State::allow_distances() {
  constexpr double search = 9.0;  // Å; a species that is sparser may go as far as that allows
  allowed.assign(scatterers.tables.size() + 1, half_way * search);
  atoms::for_each_pair(sites, search, [&](int i, int j, const Eigen::Vector3d& r) {
    const int one = sites.species[static_cast<std::size_t>(i)];
    if (one != sites.species[static_cast<std::size_t>(j)]) return;
    double& limit = allowed[static_cast<std::size_t>(one)];
    limit = std::min(limit, half_way * r.norm());
  });
}

/// A pair of two absorbers counts at both of its ends.
void Ensemble::State::choose_pairs() {
  for (const atoms::Molecule& molecule : settings.molecules)
    for (const int atom : molecule.atoms)
      if (ideal.species[static_cast<std::size_t>(atom)] == scatterers.absorber)
        throw Error(Cause::configuration,
                    "ensemble: the absorber is in a molecule; expected an atom with a site");
  const auto absorbers =
      static_cast<double>(std::ranges::count(ideal.species, scatterers.absorber));
  const atoms::Frame centred = atoms::at_centres(ideal, settings.molecules);
  for (const auto& pair : atoms::fixed_pairs(centred, settings.rmin, settings.rmax)) {
    const int one = ideal.species[static_cast<std::size_t>(pair.i)];
    const int other = ideal.species[static_cast<std::size_t>(pair.j)];
    if (one != scatterers.absorber && other != scatterers.absorber) continue;
    pairs.push_back(pair);
    species.push_back(one == scatterers.absorber ? other : one);
    shares.push_back((one == other ? 2.0 : 1.0) / absorbers);
  }
}

void Ensemble::State::make_bins() {
  histograms.resize(scatterers.tables.size());
  const atoms::Frame centred = atoms::at_centres(ideal, settings.molecules);
  const Eigen::VectorXd reach = (ideal.positions - centred.positions).rowwise().norm();
  for (std::size_t s = 0; s < histograms.size(); ++s) {
    const PairTable& table = scatterers.tables[s];
    double nearest = settings.rmax, longest = 0;
    for (std::size_t p = 0; p < pairs.size(); ++p) {
      if (species[p] != static_cast<int>(s)) continue;
      const double r = atoms::separation(pairs[p], centred).norm();
      const double turn = std::max(reach[pairs[p].i], reach[pairs[p].j]);
      nearest = std::min(nearest, r - turn);
      longest = std::max(longest, r + turn);
    }
    if (longest == 0 && !pairs.empty()) continue;  // none of this species within reach
    Histogram& h = histograms[s];
    h.first = bins;
    h.from = std::max(nearest - settings.room, table.rmin() - PairTable::margin + 2 * settings.bin);
    const double to =
        std::min(longest + settings.room, table.rmax() + PairTable::margin - 2 * settings.bin);
    if (pairs.empty() || h.from > nearest - least || to < longest + least)
      throw Error(Cause::configuration,
                  "ensemble: the crystal has distances of " + significant(nearest, 4) + " to " +
                      significant(longest, 4) + " Å, the pair table of " +
                      significant(table.rmin(), 4) + " to " + significant(table.rmax(), 4) +
                      " Å; expected 0.3 Å more on both sides");
    h.bins = static_cast<Eigen::Index>((to - h.from) / settings.bin) + 1;
    h.basis = table.basis(h.from, settings.bin, static_cast<int>(h.bins));
    bins += h.bins;
  }
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
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    const auto& pair = pairs[p];
    const Histogram& histogram = histograms[static_cast<std::size_t>(species[p])];
    const double share = shares[p];
    const Eigen::Vector3d r = x.col(pair.j) - x.col(pair.i) + cell * pair.image.cast<double>();
    const double at = (r.norm() - histogram.from) / settings.bin;
    const auto bin = static_cast<Eigen::Index>(at);
    if (!(at >= 1.0) || bin > histogram.bins - 3) {
      lost_ += 1;
      continue;
    }
    const double t = at - static_cast<double>(bin);
    double* const h = a.data() + histogram.first + bin;
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
  BlockSums sum(blocks.front().a.size(), conjugates());
  for (const auto& block : blocks) sum += block;
  return sum;
}

Eigen::VectorXd Ensemble::State::single(const Eigen::VectorXd& mean) const {
  Eigen::VectorXd result = Eigen::VectorXd::Zero(k().size());
  for (const Histogram& h : histograms)
    if (h.bins > 0) result += h.basis.transpose() * mean.segment(h.first, h.bins);
  return result;
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
  Eigen::VectorXd result = Eigen::VectorXd::Zero(k().size());
  for (std::size_t s = 0; s < histograms.size(); ++s) {
    const Histogram& h = histograms[s];
    const PairTable& table = scatterers.tables[s];
    for (Eigen::Index i = 0; i < h.bins; ++i) {
      const double weight = mean[h.first + i];
      if (weight == 0.0) continue;
      const double r = h.from + settings.bin * static_cast<double>(i);
      result += weight * (table.chi(r * (1 + step)) - table.chi(r * (1 - step))) / (2 * step);
    }
  }
  return result;
}

}  // namespace twin::xas
