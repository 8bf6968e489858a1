// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::xas {

/// What to add to energies so that a spectrum lies over another.
struct Shift {
  double shift = 0.0;      ///< eV
  double sigma = 0.0;      ///< eV, from the misfit, propagated through the derivative
  double scale = 1.0;      ///< of the reference over ours
  double misfit = 0.0;     ///< rms of the difference over rms of the reference's derivative
  bool converged = false;  ///< and the spectra are alike: misfit < 0.8
};

/// Least squares of scale · dµ/dE (E - shift) against the reference's dµ/dE, from \p from to \p to
/// eV about \p e0; the start is found by trying shifts of up to 10 eV. Larch's range. Derivatives
/// are those of lines through the points within e0/4000, so that other grids give the same and
/// noise does not pull the shift to whole steps.
///
/// \param energy, mu                      [n] eV, increasing
/// \param reference_energy, reference_mu  [m] likewise
/// \param e0                              eV, of the reference
/// \throws Error{data} fewer than 10 points of either in the range
[[nodiscard]] Shift align(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu,
                          const Eigen::VectorXd& reference_energy,
                          const Eigen::VectorXd& reference_mu, double e0, double from = -15.0,
                          double to = 35.0);

/// Pixels as energies, E = Σ polynomial[i] · pixel^i.
struct PixelEnergy {
  Eigen::VectorXd polynomial;   ///< [order + 1] eV, eV/pixel ...
  double sigma = 0.0;           ///< eV, of the energies, mean over the pixels that were used
  double rms = 0.0;             ///< misfit in units of the edge step
  double from = 0.0, to = 0.0;  ///< pixels that were used
  bool converged = false;
};

/// Lays a foil seen by a dispersive spectrometer over its step-by-step spectrum:
/// µ_dispersive(p) = scale · µ_reference(E(p)) + cubic baseline. The start is found by trying
/// dispersions of both signs with the steepest rises laid on each other.
///
/// \param pixels, mu_dispersive  [n] pixels increasing
/// \param energy, mu_reference   [m] eV, increasing
/// \param order                  of the polynomial, 1 .. 4
/// \throws Error{data} fewer than 50 points of either, or a flat one; Error{configuration} order
[[nodiscard]] PixelEnergy calibrate_pixels(const Eigen::VectorXd& pixels,
                                           const Eigen::VectorXd& mu_dispersive,
                                           const Eigen::VectorXd& energy,
                                           const Eigen::VectorXd& mu_reference, int order = 2);

/// [n] eV: the polynomial at each pixel.
/// \throws Error{data} energies that turn back within these pixels
[[nodiscard]] Eigen::VectorXd energies_of(const Eigen::VectorXd& polynomial,
                                          const Eigen::VectorXd& pixels);

}  // namespace twin::xas
