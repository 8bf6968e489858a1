// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "atoms/edges.h"
#include "record/detection.h"

/// Fluorescence of a flat, homogeneous sample, with x = the edge's absorption in units of its step:
///
///   N(x) = x · (α + 1)/(α + x) · [1 - exp(-D (α + x))]/[1 - exp(-D (α + 1))]
///   α = (µ of all else + g µ at the emission line)/(edge step),  g = sin θ_in/sin θ_out
///   D = edge step · areal density/sin θ_in
///
/// so that N(1) = 1. A thick sample (D → ∞) has x = α N/(α + 1 - N): FLUO, D. Haskel (1999). With
/// x = 1 + χ the same formula is that of C.H. Booth and F. Bridges, Phys. Scr. T115, 202 (2005),
/// doi:10.1238/Physica.Topical.115a00202, before they expand the exponential.
/// Holds for a detector that is small, no secondary fluorescence, and one emission line.
namespace twin::xas {

/// A sample in a beam, at each energy.
struct SelfAbsorption {
  Eigen::VectorXd alpha;        ///< [n]
  Eigen::VectorXd depth;        ///< [n] D; infinite where the sample is thick
  Eigen::VectorXd alpha_sigma;  ///< [n] of α, systematic: by the concentration of the absorber
  std::vector<std::string> warnings;
};

/// \param sample  formula, angles, areal density
/// \param edge    that was measured, of an element of the formula
/// \param energy  [n] eV; the table is used around them, other edges of the sample left out
/// \param concentration_sigma  relative uncertainty of the absorber's mass fraction; all other
///        elements take up the difference
/// \throws Error{configuration} no formula, no absorber in it, angles outside of 0 .. 90 degrees
[[nodiscard]] SelfAbsorption self_absorption(const record::Sample& sample,
                                             const atoms::TabulatedEdge& edge,
                                             const Eigen::VectorXd& energy,
                                             double concentration_sigma = 0.01);

/// x → N: what such a sample does to a spectrum without self-absorption.
/// \param norm  [n] µ in units of the edge step, flattened: 0 below, about 1 above the edge
[[nodiscard]] Eigen::VectorXd apply_self_absorption(const SelfAbsorption& sample,
                                                    const Eigen::VectorXd& norm);

/// A spectrum put right, with the systematic uncertainty of having done so.
struct Unabsorbed {
  Eigen::VectorXd norm;       ///< [n]
  Eigen::VectorXd slope;      ///< [n] dx/dN: multiplies the noise
  Eigen::VectorXd sigma_sys;  ///< [n] |dx/dα| σ(α)
};

/// N → x.
/// \throws Error{data} a value that no spectrum gives with this sample (N ≥ α + 1, thick)
[[nodiscard]] Unabsorbed correct_self_absorption(const SelfAbsorption& sample,
                                                 const Eigen::VectorXd& norm);

/// The same for χ(k): x = 1 + χ.
/// \param sample  at the energies e0 + k²/0.2625 of the grid
[[nodiscard]] Unabsorbed correct_chi(const SelfAbsorption& sample, const Eigen::VectorXd& chi);

}  // namespace twin::xas
