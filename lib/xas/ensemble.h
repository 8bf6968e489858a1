// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "atoms/frame.h"
#include "atoms/molecules.h"
#include "xas/pair_table.h"
#include "xas/scattering_path.h"

namespace twin::xas {

struct EnsembleSettings {
  double rmin = 1.6, rmax = 6.0;  ///< Å; pairs whose *sites* are this far apart are counted
  double bin = 0.005;             ///< Å
  int blocks = 8;                 ///< for the statistical error
  int absorbers_per_frame = 16;   ///< for multiple scattering, sampled in turn
  int copies_per_absorber = 4;    ///< of each multiple-scattering path, sampled in turn
  double room = 1.0;   ///< Å that a pair may be longer or shorter than its sites are apart
  int parameters = 0;  ///< that tangents are wanted by, beside temperature and strain
  std::vector<atoms::Molecule> molecules = {};  ///< that turn: their atoms have no sites
  std::vector<int> sites = {};  ///< [atoms] of a mixed crystal, which atoms have sites alike, by a
                                ///< number below that of species; empty: those of a species
};

/// Which atoms absorb, and how each species scatters: a table a species, all on one k grid.
struct Scatterers {
  int absorber = 0;               ///< species
  std::vector<PairTable> tables;  ///< [species]
};

/// What goes with a frame, for the tangents: ∂⟨A⟩/∂λ = ⟨∂A/∂λ⟩ - β cov(A, ∂U/∂λ).
struct FrameWeight {
  double energy_eV = 0.0;  ///< potential energy U
  double strain_slope_eV =
      0.0;              ///< ∂U/∂ε at uniform scaling of all lengths by (1 + ε): -3 V P_virial
  double weight = 1.0;  ///< what the frame counts for, ≥ 0
  std::vector<double> slopes_eV = {};  ///< [parameters] ∂U/∂λ of the potential's parameters
};

/// χ(k) of a trajectory of a crystal, every atom of one species an absorber; FEFF runs once only.
///
/// Single scattering: the distribution of the distances of all pairs whose sites are closer than
/// rmax (so that a shell is in or out as a whole), through a PairTable: nothing is assumed of its
/// shape. The binning is of third order: 2e-5 of χ at k = 18.
///
/// Molecules turn, and their atoms wander as far as they are large. A molecule's site is its
/// centre: that of an absorber and a molecule are closer than rmax, and all its atoms count
/// wherever they are. So nothing is cut at rmax, where a distribution by distance alone would end
/// in a step that rings in χ(k). Absorbers inside of molecules are refused.
///
/// Multiple scattering: the ideal crystal's paths with the mean and the variance of each path's
/// half length taken from the trajectory (amplitude and phase at the ideal angles, the length's
/// distribution Gaussian): ΔR = ⟨L⟩ - reff, σ² = var L in the path equation.
///
/// What the frozen angles cost, FEFF6L itself as the judge: Cu K, fcc 3.61 Å,
/// atoms displaced independently by 0.07 Å an axis (σ² of a pair 0.0098 Å², room temperature), 2 ×
/// 30 absorbers, every copy of every path to 5.6 Å and four legs (618 an absorber) through genfmt
/// with the ideal crystal's potentials. |χ(R)|, k 3-14, k², Hanning; rms of the difference over the
/// rms:
///   2.0-2.6 Å 0.1 %,  2.8-3.6 Å 0.7-1.8 %,  3.6-4.2 Å 1.2-1.3 %,  4.2-5.5 Å 2.7-3.4 %
/// (single scattering alone: 2, 30, 9, 55 %). Declare 2, 2, 2 and 4 % for it at least. It grows
/// with the mean square displacement; not measured above 0.07 Å an axis, and not for correlated
/// motion. It says nothing of the Gaussian: with independent normal displacements half lengths are
/// nearly normal. Anharmonic motion skews them, and what leaving that out costs is not measured.
/// Potentials that are frozen cost another 1-2 %. Sampled naively the same comparison shows 10-20 %
/// beyond 4.2 Å: that is the noise of a few absorbers at high k, not the approximation. Correcting
/// the amplitudes to first order in the angles was tried and made 4.2-5.5 Å worse (9-10 %).
///
/// What is kept is a sum a block (about 1100 numbers three times), never a frame. 256 atoms to
/// 6 Å: 0.2 ms a frame.
class Ensemble {
 public:
  /// \param ideal     the frame whose atoms sit on their sites, same order as in the trajectory;
  ///                  axes as in the crystal of the paths, lattice parameter free
  /// \param multiple  multiple-scattering paths of the ideal crystal (legs ≥ 3); may be empty
  /// \throws Error{configuration} settings out of range, the table too short for the crystal, or an
  ///                              absorber in a molecule
  /// \throws Error{data} the paths are not of this lattice
  Ensemble(PairTable table, const std::vector<ScatteringPath>& multiple, atoms::Frame ideal,
           EnsembleSettings settings);

  /// Of several species: each pair by the table of its scatterer. Multiple-scattering paths are for
  /// crystals of one element.  \throws Error{configuration} as above; a species without a table
  Ensemble(Scatterers scatterers, const std::vector<ScatteringPath>& multiple, atoms::Frame ideal,
           EnsembleSettings settings);
  ~Ensemble();
  Ensemble(Ensemble&&) noexcept;
  Ensemble& operator=(Ensemble&&) noexcept;

  /// Adds a frame of block \p block (0 ≤ block < blocks). Positions unwrapped; a drift of the whole
  /// crystal does not matter.
  /// \throws Error{data} not the same atoms, not finite, or an atom (or a molecule's centre)
  /// farther
  ///                     from its site than 0.47 of the way to the nearest site like its own
  ///                     (to the nearest molecule)
  void add(const atoms::Frame& frame, int block, const FrameWeight& weight);

  [[nodiscard]] int frames() const;
  [[nodiscard]] bool has_molecules() const;

  /// [m] mean χ(k) for one absorber, S0² = 1.  \throws Error{data} no frame (all of these do), or
  /// more than one pair in a thousand was outside of the table
  [[nodiscard]] Eigen::VectorXd chi() const;

  /// The same without multiple scattering.
  [[nodiscard]] Eigen::VectorXd chi_single() const;

  /// [blocks × m] χ(k) with block b left out: for the jackknife.
  [[nodiscard]] Eigen::MatrixXd chi_without_block() const;

  /// [m] ∂χ/∂T in 1/K at constant cell, sampled at \p temperature (K): cov(χ, U)/(k T²).
  ///
  /// Covariances are taken about the mean of all frames: blocks and replicas sample one ensemble,
  /// and a block's own mean would take the slow part of the covariance away with it.
  [[nodiscard]] Eigen::VectorXd temperature_tangent(double temperature) const;

  /// [m] ∂χ/∂ε at constant temperature for uniform strain ε of the cell: affine part and
  /// fluctuations. Of molecules it is no derivative of anything: a strain of the cell moves them
  /// apart, and leaves their bonds as they are.
  [[nodiscard]] Eigen::VectorXd strain_tangent(double temperature) const;

  /// [m] ∂χ/∂λ of parameter \p index of the potential: -β cov(χ, ∂U/∂λ). The cell is constant, or
  /// moves at a constant pressure.
  [[nodiscard]] Eigen::VectorXd parameter_tangent(int index, double temperature) const;

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace twin::xas
