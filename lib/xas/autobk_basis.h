// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "numeric/spline.h"
#include "xas/autobk.h"

/// What autobk_basis.cpp makes and autobk.cpp uses; of no use elsewhere.
namespace twin::xas {

struct AutobkBasis::Parts {
  Eigen::VectorXd energy;
  double e0 = 0.0;
  record::AutobkSettings asked, used;
  std::vector<std::string> warnings;

  Eigen::Index first = 0, count = 0;  ///< the measured points that the spline spans
  int points_r = 0;                   ///< points of χ(R) below rbkg
  Eigen::VectorXd k;
  std::optional<numeric::CubicInterpolator> to_k;  ///< from those points to k
  Eigen::VectorXd weight;                          ///< [m] kstep/√π k^w Ω
  Eigen::VectorXi clamped;                         ///< [c] indices of k
  Eigen::VectorXd clamp;                           ///< [c] their weights

  // In the coordinates z in which the problem with s = 0.1 is orthonormal and AᵀA diagonal:
  // A = axes · diag(gain).
  Eigen::MatrixXd spline;      ///< [count × p]
  Eigen::MatrixXd chi;         ///< [m × p]  D
  Eigen::MatrixXd axes;        ///< [2 points_r × p]  orthonormal columns
  Eigen::VectorXd gain;        ///< [p]  0 .. 1
  Eigen::MatrixXd clamp_rows;  ///< [p × c]  (w D)ᵀ at the clamps

  Parts(const Eigen::VectorXd& energies, double edge, const record::AutobkSettings& settings);

  /// [2 points_r] Re and Im of the windowed transform of \p chi [m], below rbkg.
  [[nodiscard]] Eigen::VectorXd low_part(const Eigen::VectorXd& chi) const;

  [[nodiscard]] bool is_for(const Eigen::VectorXd& energies, double edge,
                            const record::AutobkSettings& settings) const;

 private:
  void choose_range(const Eigen::VectorXd& raw);
  [[nodiscard]] Eigen::VectorXd knots(const Eigen::VectorXd& raw);
  void make_clamps();
  void choose_coordinates(const Eigen::MatrixXd& low);
};

/// The scale of the clamps where the residual vanishes.
inline constexpr double least_clamp_scale = 0.1;

}  // namespace twin::xas
