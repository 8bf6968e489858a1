// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "atoms/neighbours.h"
#include "xas/block_sums.h"
#include "xas/ensemble.h"
#include "xas/mean_path.h"
#include "xas/path_copies.h"

namespace twin::xas {

/// The distances to one species of scatterers, in bins.
struct Histogram {
  Eigen::Index first = 0, bins = 0;  ///< where it is in the observables
  double from = 0;                   ///< centre of the first bin, Å
  Eigen::MatrixXd basis;             ///< [bins × m]
};

/// What an ensemble knows. The observables A of a frame are one vector: the histograms of distances
/// for one absorber, then for each multiple-scattering path ⟨d⟩ and ⟨d²⟩, d = half length - reff.
struct Ensemble::State {
  State(Scatterers given, const std::vector<ScatteringPath>& multiple, atoms::Frame ideal_frame,
        const EnsembleSettings& given_settings);

  /// [observables] A of a frame.
  [[nodiscard]] Eigen::VectorXd observe(const atoms::Frame& frame);

  /// The sums of all blocks.  \throws Error{data} no frame, too many pairs lost
  [[nodiscard]] BlockSums total() const;

  // [m] of the means of the observables:
  [[nodiscard]] Eigen::VectorXd single(const Eigen::VectorXd& mean) const;
  [[nodiscard]] Eigen::VectorXd chi(const Eigen::VectorXd& mean) const;
  /// How χ changes when the means do, to first order.
  [[nodiscard]] Eigen::VectorXd response(const Eigen::VectorXd& mean,
                                         const Eigen::VectorXd& change) const;
  /// ∂/∂ε of the paths' moments where all lengths grow by (1 + ε); nothing for the histogram ...
  [[nodiscard]] Eigen::VectorXd affine_change(const Eigen::VectorXd& mean) const;
  /// ... whose part is Σ h(r) ∂χ(r (1 + ε))/∂ε.
  [[nodiscard]] Eigen::VectorXd affine_single(const Eigen::VectorXd& mean) const;

  /// Energy, strain slope, slopes by parameters: what the sums' covariances are with.
  [[nodiscard]] Eigen::Index conjugates() const { return 2 + settings.parameters; }

  [[nodiscard]] const Eigen::VectorXd& k() const { return scatterers.tables.front().k(); }

  /// What has a site: atoms, and the centres of molecules as a species of their own.
  [[nodiscard]] atoms::Frame homes(const atoms::Frame& frame) const {
    return atoms::homes(frame, settings.molecules, static_cast<int>(scatterers.tables.size()));
  }

  Scatterers scatterers;
  atoms::Frame ideal;
  EnsembleSettings settings;
  atoms::Frame sites;                   ///< homes of the ideal frame
  Eigen::MatrixX3d fractions;           ///< of the sites
  std::vector<double> allowed;          ///< [species, centres] Å from a site
  std::vector<atoms::FixedPair> pairs;  ///< that have an absorber
  std::vector<int> species;             ///< [pairs] that of the scatterer
  std::vector<double> shares;           ///< [pairs] what one counts for an absorber
  PathCopies copies;
  std::vector<double> reff;           ///< [paths] Å
  std::vector<MeanPath> paths;        ///< [paths]
  std::vector<Histogram> histograms;  ///< [species]
  Eigen::Index bins = 0;              ///< of all
  std::vector<BlockSums> blocks;
  Eigen::VectorXd reference;  ///< [conjugates] of the first frame
  int frames = 0;

 private:
  void allow_distances();
  void choose_pairs();
  void make_bins();
  void count_pairs(const atoms::Frame& frame, Eigen::VectorXd& a);
  void measure_paths(const atoms::Frame& frame, Eigen::VectorXd& a);
  /// Where the moments of a path begin.
  [[nodiscard]] Eigen::Index first(std::size_t path) const {
    return bins + 2 * static_cast<Eigen::Index>(path);
  }

  std::size_t sampled_absorbers_ = 0;
  double counted_ = 0, lost_ = 0;  ///< pairs
};

}  // namespace twin::xas
