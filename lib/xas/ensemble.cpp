// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/ensemble.h"

#include <Eigen/Dense>
#include <cmath>
#include <string>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/ensemble_state.h"

namespace twin::xas {

namespace {

void check(const EnsembleSettings& settings) {
  const bool good = settings.rmin >= 0 && settings.rmax > settings.rmin && settings.bin >= 1e-4 &&
                    settings.bin <= 0.02 && settings.blocks >= 2 &&
                    settings.absorbers_per_frame >= 1 && settings.copies_per_absorber >= 1 &&
                    settings.parameters >= 0;
  if (!good)
    throw Error(
        Cause::configuration,
        "ensemble: settings out of range; expected rmin < rmax, a bin of 1e-4 to 0.02 Å, two "
        "blocks or more, an absorber and a copy or more");
}

/// In the order of State::conjugates().
Eigen::VectorXd conjugates_of(const FrameWeight& weight) {
  Eigen::VectorXd out(2 + static_cast<Eigen::Index>(weight.slopes_eV.size()));
  out << weight.energy_eV, weight.strain_slope_eV,
      Eigen::Map<const Eigen::VectorXd>(weight.slopes_eV.data(), out.size() - 2);
  return out;
}

/// How far atoms are from their sites, the drift of all taken out: the worst, as a share of what is
/// allowed.
struct Farthest {
  double distance = 0.0, share = 0.0;
};
Farthest farthest(const atoms::Frame& frame, const Ensemble::State& state) {
  Eigen::MatrixX3d moved = state.homes(frame).positions - state.fractions * frame.cell;
  const Eigen::RowVector3d drift = moved.colwise().mean();
  moved.rowwise() -= drift;
  Farthest worst;
  for (Eigen::Index i = 0; i < moved.rows(); ++i) {
    const double distance = moved.row(i).norm();
    const auto species = static_cast<std::size_t>(state.sites.species[static_cast<std::size_t>(i)]);
    const double share = distance / state.allowed[species];
    if (!(share <= worst.share)) worst = {distance, share};
  }
  return worst;
}

}  // namespace

Ensemble::Ensemble(PairTable table, const std::vector<ScatteringPath>& multiple, atoms::Frame ideal,
                   EnsembleSettings settings)
    : Ensemble(Scatterers{0, {std::move(table)}}, multiple, std::move(ideal), settings) {}

Ensemble::Ensemble(Scatterers scatterers, const std::vector<ScatteringPath>& multiple,
                   atoms::Frame ideal, EnsembleSettings settings) {
  check(settings);
  state_ = std::make_unique<State>(std::move(scatterers), multiple, std::move(ideal), settings);
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
  const Farthest moved = farthest(frame, state);
  const Eigen::VectorXd conjugates = conjugates_of(weight);
  if (conjugates.size() != state.conjugates())
    throw Error(Cause::internal, "ensemble: slopes of " + std::to_string(weight.slopes_eV.size()) +
                                     " parameters of " + std::to_string(state.settings.parameters));
  if (!(moved.share <= 1) || !conjugates.allFinite() || !std::isfinite(weight.weight))
    throw Error(Cause::data,
                "ensemble: an atom is " + significant(moved.distance, 3) +
                    " Å from its site; atoms left their sites: a liquid needs pairs found anew");
  const Eigen::VectorXd a = state.observe(frame);
  if (state.frames++ == 0) state.reference = conjugates;
  state.blocks[static_cast<std::size_t>(block)].add(a, conjugates - state.reference, weight.weight);
}

int Ensemble::frames() const { return state_->frames; }

bool Ensemble::has_molecules() const { return !state_->settings.molecules.empty(); }

Eigen::VectorXd Ensemble::chi() const { return state_->chi(state_->total().mean()); }

Eigen::VectorXd Ensemble::chi_single() const { return state_->single(state_->total().mean()); }

Eigen::MatrixXd Ensemble::chi_without_block() const {
  const BlockSums total = state_->total();
  Eigen::MatrixXd result(state_->settings.blocks, state_->k().size());
  for (int b = 0; b < state_->settings.blocks; ++b) {
    BlockSums rest = total;
    rest -= state_->blocks[static_cast<std::size_t>(b)];
    if (!(rest.weight > 1e-9 * total.weight))
      throw Error(Cause::data, "ensemble: all frames are in one block; expected two or more");
    result.row(b) = state_->chi(rest.mean()).transpose();
  }
  return result;
}

Eigen::VectorXd Ensemble::temperature_tangent(double temperature) const {
  const BlockSums total = state_->total();
  return state_->response(total.mean(), total.covariance(0)) /
         (boltzmann_eV * temperature * temperature);
}

Eigen::VectorXd Ensemble::strain_tangent(double temperature) const {
  const BlockSums total = state_->total();
  const Eigen::VectorXd mean = total.mean();
  const Eigen::VectorXd change =
      state_->affine_change(mean) - total.covariance(1) / (boltzmann_eV * temperature);
  return state_->affine_single(mean) + state_->response(mean, change);
}

Eigen::VectorXd Ensemble::parameter_tangent(int index, double temperature) const {
  const BlockSums total = state_->total();
  return state_->response(total.mean(), total.covariance(2 + index)) /
         -(boltzmann_eV * temperature);
}

}  // namespace twin::xas
