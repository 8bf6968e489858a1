// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observables.h"

#include "atoms/crystal.h"
#include "core/constants.h"
#include "core/error.h"

namespace twin::md {

namespace {

constexpr double bar_per_eV_A3 = 1.602176634e6;  // CODATA 2018
constexpr double gram_per_cm3_of_u_A3 = 1.66053906660;

}  // namespace

FirstShell::FirstShell(const atoms::Frame& ideal, const record::Structure& structure)
    : ideal_(ideal) {
  const auto shells = atoms::shells(structure, 2 * structure.a);
  if (shells.size() < 2) throw Error(Cause::internal, "first shell: the crystal has no two shells");
  distance_ = shells[0].r;
  half_way_ = (shells[0].r + shells[1].r) / 2;
  bonds_ = atoms::fixed_pairs(ideal_, 0.5 * distance_, half_way_);
}

FrameValues FirstShell::of(const Eigen::MatrixX3d& positions) const {
  atoms::Frame frame{ideal_.cell, positions, {}};
  FrameValues values;
  for (const atoms::FixedPair& bond : bonds_) {
    const double d = atoms::separation(bond, frame).norm() - distance_;
    values.d1 += d;
    values.d2 += d * d;
    values.d3 += d * d * d;
  }
  const auto count = static_cast<double>(bonds_.size());
  values.d1 /= count;
  values.d2 /= count;
  values.d3 /= count;
  const Eigen::MatrixX3d moved = positions - ideal_.positions;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  values.rmsd = std::sqrt((moved.rowwise() - drift).rowwise().squaredNorm().mean());
  return values;
}

double FirstShell::neighbours(const Eigen::MatrixX3d& positions) const {
  std::size_t pairs = 0;
  atoms::for_each_pair({ideal_.cell, positions, ideal_.species}, half_way_,
                       [&](int, int, const Eigen::Vector3d&) { ++pairs; });
  return 2 * static_cast<double>(pairs) / static_cast<double>(positions.rows());
}

Cumulants cumulants(const std::vector<Trajectory>& replicas, double ideal_distance) {
  const double d1 = mean_over(replicas, [](const FrameValues& f) { return f.d1; }).value;
  const double d2 = mean_over(replicas, [](const FrameValues& f) { return f.d2; }).value;
  Cumulants all;
  all.r = mean_over(replicas, [&](const FrameValues& f) { return ideal_distance + f.d1; });
  // Moments about the mean of all; their means over frames are the cumulants.
  all.sigma2 =
      mean_over(replicas, [&](const FrameValues& f) { return f.d2 - 2 * d1 * f.d1 + d1 * d1; });
  const double variance = d2 - d1 * d1;
  all.c3 = mean_over(replicas, [&](const FrameValues& f) {
    // The last term has no mean: the centre moves with the sample, and takes its part of c3 along.
    return f.d3 - 3 * d1 * f.d2 + 3 * d1 * d1 * f.d1 - d1 * d1 * d1 - 3 * variance * (f.d1 - d1);
  });
  return all;
}

double pressure_bar(const FrameValues& frame, Eigen::Index atoms, double volume) {
  const double kinetic = static_cast<double>(atoms - 1) * boltzmann_eV * frame.temperature / volume;
  return frame.virial_bar + kinetic * bar_per_eV_A3;
}

double density(Eigen::Index atoms, double mass, double volume) {
  return static_cast<double>(atoms) * mass * gram_per_cm3_of_u_A3 / volume;
}

}  // namespace twin::md
