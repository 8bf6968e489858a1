// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/xanes.h"

namespace twin::xas {

/// One line of a fit, in the shape asked for. Its area is in steps · eV.
struct Peak {
  double centre = 0.0, centre_sigma = 0.0;  ///< eV
  double area = 0.0, area_sigma = 0.0;
  double fwhm = 0.0, fwhm_sigma = 0.0;  ///< eV, of the whole line
  double height = 0.0, height_sigma = 0.0;
};

/// Peaks on the rise of an edge.
struct PrePeaks {
  Eigen::VectorXd energy, norm;         ///< [n] over emin .. emax
  Eigen::VectorXd baseline, fit;        ///< [n] fit = baseline and lines; baseline alone without
  double area = 0.0, area_sigma = 0.0;  ///< ∫ (norm - baseline) dE over emin .. emax, steps · eV
  double centroid = 0.0, centroid_sigma = 0.0;  ///< eV, over the same
  double height = 0.0, height_sigma = 0.0;      ///< the greatest of norm - baseline
  double height_at = 0.0;                       ///< eV
  std::vector<Peak> peaks;                      ///< settings.peaks of them, by energy
  double noise = 0.0;                           ///< of a point
  double reduced_chi2 = 0.0, r_factor = 0.0;  ///< of the baseline outside of elo .. ehi, or of all
  bool converged = false;
  std::vector<std::string> warnings;
};

/// Baseline (a line; with a Lorentzian of positive area, or an arctan step, for the foot of the
/// edge) fitted to emin .. elo and ehi .. emax; what stands above it. With settings.peaks > 0 lines
/// are then fitted together with the baseline over emin .. emax; area, centroid and height are of
/// norm less that baseline. "voigt" is its sum form, a mixture of both shapes of one width.
///
/// \param energy  [n] eV, increasing; \param norm  [n]
/// \param noise   of a point; nothing = by differences below elo, else from the residuals
/// Uncertainties: noise of the points summed, and covariance of the baseline; scaled up where the
/// baseline misfits. A fit that did not converge says so.
/// \throws Error{configuration} ranges that are not emin < elo < ehi < emax, unknown baseline or
///         shape; Error{data} shapes disagree, not finite, too few points
[[nodiscard]] PrePeaks fit_prepeaks(const Eigen::VectorXd& energy, const Eigen::VectorXd& norm,
                                    const record::PrePeakSettings& settings,
                                    std::optional<double> noise = std::nullopt);

}  // namespace twin::xas
