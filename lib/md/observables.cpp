// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observables.h"

#include <Eigen/LU>
#include <numeric>

#include "core/constants.h"
#include "core/error.h"

namespace twin::md {

namespace {

constexpr double farthest_shell = 9.0;           // Å
constexpr double bar_per_eV_A3 = 1.602176634e6;  // CODATA 2018
constexpr double gram_per_cm3_of_u_A3 = 1.66053906660;

bool joins(const atoms::PairShell& shell, int one, int other) {
  return std::minmax(one, other) == std::minmax(shell.centre, shell.neighbour);
}

/// [framework] The sites of its atoms; their species where the crystal is not mixed.
std::vector<int> sites_of(const atoms::Frame& ideal, const std::vector<int>& framework,
                          const std::vector<int>& sites) {
  const std::vector<int>& all = sites.empty() ? ideal.species : sites;
  std::vector<int> out;
  for (const int atom : framework) out.push_back(all[static_cast<std::size_t>(atom)]);
  return out;
}

}  // namespace

std::vector<int> all_atoms(const atoms::Frame& frame) {
  std::vector<int> atoms(frame.species.size());
  std::iota(atoms.begin(), atoms.end(), 0);
  return atoms;
}

Shells::Shells(const atoms::Frame& ideal) : Shells(ideal, all_atoms(ideal)) {}

Shells::Shells(const atoms::Frame& ideal, std::vector<int> framework, const std::vector<int>& sites)
    : framework_(std::move(framework)),
      ideal_(framework_of(ideal)),
      fractions_(ideal_.positions * ideal.cell.inverse()),
      shells_(sites.empty() ? atoms::first_shells(ideal_, farthest_shell)
                            : atoms::first_shells(ideal_, farthest_shell,
                                                  sites_of(ideal, framework_, sites))),
      octahedra_(ideal_, sites_of(ideal, framework_, sites)) {
  if (shells_.empty())
    throw Error(
        Cause::configuration,
        "structure: no two atoms are within 9 Å of each other, those of molecules left out");
  bonds_.resize(shells_.size());
  for (const atoms::PairShell& shell : shells_) cutoff_ = std::max(cutoff_, shell.cutoff());
  for (const auto& pair : atoms::fixed_pairs(ideal_, 0.0, cutoff_)) {
    const double r = atoms::separation(pair, ideal_).norm();
    for (std::size_t s = 0; s < shells_.size(); ++s)
      if (r < (shells_[s].farthest + shells_[s].next) / 2 &&
          joins(shells_[s], ideal_.species[static_cast<std::size_t>(pair.i)],
                ideal_.species[static_cast<std::size_t>(pair.j)]))
        bonds_[s].push_back(pair);
  }
}

atoms::Frame Shells::framework_of(const atoms::Frame& frame) const {
  atoms::Frame out{frame.cell, frame.positions(framework_, Eigen::all), {}};
  for (const int atom : framework_)
    out.species.push_back(frame.species[static_cast<std::size_t>(atom)]);
  return out;
}

FrameValues Shells::of(const atoms::Frame& whole) const {
  const atoms::Frame frame = framework_of(whole);
  FrameValues values;
  for (std::size_t s = 0; s < shells_.size(); ++s) {
    Moments moments;
    for (const atoms::FixedPair& bond : bonds_[s]) {
      const double d = atoms::separation(bond, frame).norm() - shells_[s].r;
      moments.d1 += d;
      moments.d2 += d * d;
      moments.d3 += d * d * d;
    }
    const auto count = static_cast<double>(bonds_[s].size());
    values.shells.push_back({moments.d1 / count, moments.d2 / count, moments.d3 / count});
  }
  const Eigen::MatrixX3d moved = frame.positions - fractions_ * frame.cell;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  values.rmsd = std::sqrt((moved.rowwise() - drift).rowwise().squaredNorm().mean());
  values.axes = frame.cell.rowwise().norm();
  values.volume = std::abs(frame.cell.determinant());
  values.octahedra = octahedra_.of(frame);
  return values;
}

Eigen::VectorXd Shells::neighbours(const atoms::Frame& whole) const {
  const atoms::Frame frame = framework_of(whole);
  Eigen::VectorXd pairs = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(shells_.size()));
  const auto species = [&](int atom) { return ideal_.species[static_cast<std::size_t>(atom)]; };
  atoms::for_each_pair(frame, cutoff_, [&](int i, int j, const Eigen::Vector3d& r) {
    for (std::size_t s = 0; s < shells_.size(); ++s)
      if (joins(shells_[s], species(i), species(j)) && r.norm() < shells_[s].cutoff())
        pairs[static_cast<Eigen::Index>(s)] += 1;
  });
  for (std::size_t s = 0; s < shells_.size(); ++s) {
    const auto centres = static_cast<double>(std::ranges::count(ideal_.species, shells_[s].centre));
    pairs[static_cast<Eigen::Index>(s)] *=
        (shells_[s].centre == shells_[s].neighbour ? 2.0 : 1.0) / centres;
  }
  return pairs;
}

Cumulants cumulants(const std::vector<Trajectory>& replicas, double ideal_distance,
                    std::size_t shell) {
  const auto of = [shell](const FrameValues& f) -> const Moments& { return f.shells[shell]; };
  const double d1 = mean_over(replicas, [&](const FrameValues& f) { return of(f).d1; }).value;
  const double d2 = mean_over(replicas, [&](const FrameValues& f) { return of(f).d2; }).value;
  Cumulants all;
  all.r = mean_over(replicas, [&](const FrameValues& f) { return ideal_distance + of(f).d1; });
  // Moments about the mean of all; their means over frames are the cumulants.
  all.sigma2 = mean_over(
      replicas, [&](const FrameValues& f) { return of(f).d2 - 2 * d1 * of(f).d1 + d1 * d1; });
  const double variance = d2 - d1 * d1;
  all.c3 = mean_over(replicas, [&](const FrameValues& f) {
    const Moments& m = of(f);
    // The last term has no mean: the centre moves with the sample, and takes its part of c3 along.
    return m.d3 - 3 * d1 * m.d2 + 3 * d1 * d1 * m.d1 - d1 * d1 * d1 - 3 * variance * (m.d1 - d1);
  });
  return all;
}

numeric::Mean weighted_mean(const std::vector<Weighted>& replicas) {
  double weight = 0, sum = 0, count = 0;
  for (const Weighted& replica : replicas)
    for (std::size_t i = 0; i < replica.values.size(); ++i) {
      weight += replica.weights[i];
      sum += replica.weights[i] * replica.values[i];
      ++count;
    }
  if (!(weight > 0)) return {};
  numeric::Mean all{sum / weight, 0, count};
  double spread = 0;  // Σ w (x - ⟨x⟩)²
  std::vector<std::vector<double>> influence;
  for (const Weighted& replica : replicas) {
    auto& own = influence.emplace_back();
    for (std::size_t i = 0; i < replica.values.size(); ++i) {
      const double d = replica.values[i] - all.value;
      own.push_back(count / weight * replica.weights[i] * d);
      spread += replica.weights[i] * d * d;
    }
  }
  const auto autocovariance = numeric::autocovariance(influence);
  all.sigma = numeric::standard_error(autocovariance, count);
  if (all.sigma > 0) all.n_eff = count * spread / weight / autocovariance.sum();
  return all;
}

double pressure_bar(const FrameValues& frame, Eigen::Index atoms, int constraints) {
  const double free = static_cast<double>(atoms - 1) - constraints / 3.0;
  const double kinetic = free * boltzmann_eV * frame.temperature / frame.volume;
  return frame.virial_bar + kinetic * bar_per_eV_A3;
}

double strain_slope_eV(double volume, double virial_bar) {
  return -3.0 * volume * virial_bar * eV_per_bar_A3;
}

double density(double mass, double volume) { return mass * gram_per_cm3_of_u_A3 / volume; }

}  // namespace twin::md
