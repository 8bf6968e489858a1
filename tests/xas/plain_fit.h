// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "record/recipe.h"
#include "xas/fit.h"

/// xas::fit in its plainest form: the path equation in complex numbers, every row of the transform,
/// nothing kept from one fit to the next. What the quick one must agree with.
namespace plain {

/// χ(k) of a path at one point and its derivatives by the six values; no point of k = 0.
struct Point {
  double chi = 0.0;
  double slope[6] = {};
};
Point path_point(const twin::xas::ScatteringPath& path, const twin::xas::PathValues& values,
                 double k);

struct Fit {
  Eigen::VectorXd values;
  Eigen::MatrixXd covariance;
  double reduced_chi2 = 0.0, r_factor = 0.0, epsilon_r = 0.0;
  int evaluations = 0;
};

/// n, r, σ² of each path free, s02 = 1, and one E0 for all: in the order of xas::Fit.
/// \param start  of those
Fit fit(const Eigen::VectorXd& chi, const twin::record::FitSettings& settings,
        const std::vector<twin::xas::ScatteringPath>& paths, const Eigen::VectorXd& start);

}  // namespace plain
