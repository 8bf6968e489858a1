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
  Eigen::MatrixXd transform;  ///< [2 points_r × m] Re and Im of the windowed transform
  Eigen::VectorXi clamped;    ///< [c] indices of k
  Eigen::VectorXd clamp;      ///< [c] their weights

  // In the coordinates z in which the problem with s = 0.1 is orthonormal.
  Eigen::MatrixXd spline;        ///< [count × p]
  Eigen::MatrixXd chi;           ///< [m × p]  D
  Eigen::MatrixXd low_r;         ///< [2 points_r × p]  A
  Eigen::MatrixXd low_r_normal;  ///< [p × p]  AᵀA
  Eigen::MatrixXd clamp_rows;    ///< [c × p]

  Parts(const Eigen::VectorXd& energies, double edge, const record::AutobkSettings& settings);

  [[nodiscard]] bool is_for(const Eigen::VectorXd& energies, double edge,
                            const record::AutobkSettings& settings) const;

 private:
  void choose_range(const Eigen::VectorXd& raw);
  [[nodiscard]] Eigen::VectorXd knots(const Eigen::VectorXd& raw);
  void make_transform();
  void make_clamps();
};

/// The scale of the clamps where the residual vanishes.
inline constexpr double least_clamp_scale = 0.1;

}  // namespace twin::xas
