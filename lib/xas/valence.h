// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "xas/lcf.h"

namespace twin::xas {

/// A number with its standard deviations: random, and systematic where it has one.
struct Estimate {
  double value = 0.0, sigma = 0.0, sigma_sys = 0.0;
};

/// Where norm first reaches \p level on the rise, eV: the last crossing before the points stay
/// above it, within 20 eV below and 40 eV above e0. sigma from \p noise and the slope there.
/// Nothing where there is no crossing.
[[nodiscard]] std::optional<Estimate> edge_at_level(const Eigen::VectorXd& energy,
                                                    const Eigen::VectorXd& norm, double e0,
                                                    double level = 0.5, double noise = 0.0);

/// The mean of the energies between two levels, (1/(b-a)) ∫ E d(norm) from a to b: less moved by
/// structure of the edge than one crossing.
/// H. Dau, P. Liebisch, M. Haumann, Anal. Bioanal. Chem. 376, 562 (2003),
/// doi:10.1007/s00216-003-1982-2.
[[nodiscard]] std::optional<Estimate> edge_by_integral(const Eigen::VectorXd& energy,
                                                       const Eigen::VectorXd& norm, double e0,
                                                       double low = 0.15, double high = 1.0,
                                                       double noise = 0.0);

struct ValencePoint {
  std::string name;
  Estimate edge;     ///< eV
  Estimate valence;  ///< sigma 0 where it is exact
};

/// valence = a + b (edge - mean edge), by least squares with errors of both.
struct ValenceLine {
  double mean_edge = 0.0, a = 0.0, b = 0.0;
  double a_variance = 0.0, b_variance = 0.0, covariance = 0.0;
  double scatter = 0.0;       ///< rms of the standards about the line that their errors leave open
  double reduced_chi2 = 0.0;  ///< of the line; 0 where two points only
  double lowest = 0.0, highest = 0.0;  ///< edges of the standards, eV
};

/// \throws Error{data} fewer than two standards, or all at one edge
/// With three standards or more the scatter about the line counts as an uncertainty of any
/// sample's valence too: the edge also moves with ligands.
[[nodiscard]] ValenceLine calibrate_valence(const std::vector<ValencePoint>& standards);

/// The valence that belongs to an edge: errors of edge, line and scatter.
/// \param warnings  an edge outside of the standards' is said here
[[nodiscard]] Estimate valence_of(const ValenceLine& line, const Estimate& edge,
                                  std::vector<std::string>* warnings = nullptr);

/// Σ f_j v_j / Σ f_j with both covariances of the fractions. The valences' own sigma counts as
/// systematic: it is the same for each spectrum.
/// \param valences  [n] in the order of the fit's standards
/// \throws Error{data} shapes disagree
[[nodiscard]] Estimate mean_valence(const LcfFit& fit, const std::vector<Estimate>& valences);

}  // namespace twin::xas
