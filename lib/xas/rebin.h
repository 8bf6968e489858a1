// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "record/detection.h"

namespace twin::xas {

/// Columns on a coarser grid.
struct Rebinned {
  Eigen::VectorXd energy;   ///< [m] eV, increasing
  Eigen::MatrixXd columns;  ///< [m × c]
  Eigen::VectorXi points;  ///< [m] of the data in each bin: the noise falls by 1/√points; 0 where
                           ///< the value is interpolated (boxcar, spline)
};

/// The grid that follows the information: steps of pre_step eV to -30 eV, of xanes_step to +50 eV
/// (default e0/25000 rounded to 0.05 eV, at least 0.05), of exafs_kstep 1/Å above, within the data.
/// \param first, last  eV, of the data
/// \throws Error{configuration} a step that is not above 0
[[nodiscard]] Eigen::VectorXd rebin_grid(double first, double last, double e0,
                                         const record::RebinSettings& settings);

/// QXAFS and other oversampled scans.
///   "boxcar"    mean of the points nearer to this grid point than to others, at the grid's energy;
///               an empty bin is interpolated between its neighbours
///   "centroid"  the same mean, at the mean energy of the points; an empty bin is left out
///   "spline"    a cubic spline through all points: noise is not reduced
/// Points need no order (a scan that jitters is sorted); a scan that ends early ends the grid
/// early.
///
/// \param energy   [n] eV; \p columns  [n × c] µ and what else belongs to the points
/// \throws Error{data} shapes disagree, not finite, fewer than 4 points; Error{configuration}
/// method
[[nodiscard]] Rebinned rebin(const Eigen::VectorXd& energy, const Eigen::MatrixXd& columns,
                             double e0, const record::RebinSettings& settings);

}  // namespace twin::xas
