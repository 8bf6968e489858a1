// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "xas/fit.h"

/// The inner loops of a fit, compiled for each width of the processor's vectors.
namespace twin::xas {

/// FEFF's columns at the points of k: for each point amp, pha, rep, λ and their derivatives by q,
/// and q itself, all [stride], stride a multiple of 8.
struct PathPoints {
  enum Column { q, amp, pha, rep, lambda, columns = 9 };  ///< column + 4: its derivative
  Eigen::Index count = 0;
  Eigen::MatrixXd values;  ///< [stride × 9]
};

/// Cubics of one interval at the points from .. of \p to: of four columns, \p coefficients [4][4]
/// in powers of q - \p origin. Writes whole vectors, up to 7 points past \p end: go through
/// intervals in order of their points.
void spline_points(const double* coefficients, double origin, Eigen::Index from, Eigen::Index end,
                   PathPoints& to);

/// χ at the points, and the slopes by those values whose bit is in \p moving (path_model.h has the
/// formula).  \param slopes  [count × 6] or nothing
void path_waves(double reff, const PathValues& values, const PathPoints& points, double* chi,
                Eigen::MatrixXd* slopes, unsigned moving);

/// \p out [rows × n] = \p transposed ᵀ [count × rows] · \p x [count × n], for rows of few tens and
/// n of a few: \p transposed has a row for each point, padded with zeros to a multiple of 8
/// columns.
void thin_product(
    const Eigen::Ref<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>& transposed,
    const Eigen::Ref<const Eigen::MatrixXd>& x, Eigen::Ref<Eigen::MatrixXd> out);

}  // namespace twin::xas
