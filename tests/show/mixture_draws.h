// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <random>
#include <string>
#include <vector>

#include "numeric/spline.h"
#include "record/recipe.h"
#include "xas/lcf.h"

/// Mixtures made of measured standards, and the standards that they are fitted with.
namespace mixtures {

using Random = std::mt19937_64;

struct Case {
  std::string name;
  std::vector<std::vector<std::string>> standards;  ///< repeats of each, names of curves
  twin::record::ReduceSettings reduce;
  double emin, emax;
  double noise;       ///< of the mixture, in edge steps
  std::string limit;  ///< why these data can't tell; "" = they must
};

[[nodiscard]] std::vector<Case> cases();

struct Curve {
  Eigen::VectorXd energy, mu;
};

[[nodiscard]] Eigen::VectorXd normalised(const Curve& curve,
                                         const twin::record::ReduceSettings& reduce);

/// A spline through one repeat's norm, and a Gaussian over it by nine nodes of Gauss and Hermite.
struct Broadened {
  twin::numeric::CubicSpline spline;
  double operator()(double energy, double sigma, Eigen::Index& hint) const;
};

struct Distortion {
  double shift = 0, broadening = 0, self_absorption = 0;
};

/// Everything of one standard that is read once, by repeat.
struct Standard {
  std::vector<Curve> repeats;
  std::vector<Broadened> splines;
  std::vector<double> step;
  std::vector<twin::xas::StepUncertainty> known;
  std::vector<Eigen::MatrixXd> spreads;  ///< on the grid of each repeat
};

/// Ends the program where a curve is missing.
[[nodiscard]] Standard load(const std::vector<std::string>& names, const Case& what);

/// One draw: the mixture's raw µ and the standards that it is fitted with.
struct Draw {
  Curve mixture;
  std::vector<double> fractions;
  std::vector<twin::xas::LcfStandard> standards;
};

[[nodiscard]] Draw draw(Random& random, const Case& what, const std::vector<Standard>& standards,
                        const Distortion& distortion);

}  // namespace mixtures
