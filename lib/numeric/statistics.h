// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

namespace twin::numeric {

/// P(χ² with \p dof degrees of freedom ≥ \p chi2). dof ≥ 1. GSL.
[[nodiscard]] double chi_squared_survival(double chi2, double dof);

/// χ² that is exceeded with probability \p p, 0 < p < 1. dof > 0. GSL.
[[nodiscard]] double chi_squared_quantile(double p, double dof);

/// Two-sided p of a standard normal deviate.
[[nodiscard]] double normal_two_sided(double z);

/// z such that P(|Z| > z) = \p p for a standard normal.
[[nodiscard]] double normal_two_sided_quantile(double p);

/// Two-sided p of Student's t.
[[nodiscard]] double student_two_sided(double t, double dof);

/// t with a probability \p p below it, 0 < p < 1: the quantile of Student's distribution.
[[nodiscard]] double student_quantile(double p, double dof);

/// Holm's step-down adjustment: [n] p → [n] adjusted p, in the order given.
/// S. Holm, Scand. J. Stat. 6, 65 (1979).
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

/// g = 1 + 2 Σ (1 - t/N) C(t), cut at the first C(t) ≤ 0; ≥ 1. N_eff = N/g.
/// J.D. Chodera, J. Chem. Theory Comput. 12, 1799 (2016), doi:10.1021/acs.jctc.5b00784.
[[nodiscard]] double statistical_inefficiency(std::span<const double> series);

/// MSER-5: the start of the part of \p series whose mean has the least squared standard error,
/// from batch means of 5, at most the first half cut. Returns an index into the series.
/// K.P. White, Simulation 69, 323 (1997), doi:10.1177/003754979706900601.
[[nodiscard]] std::size_t mser5(std::span<const double> series);

/// Covariance of estimates from their delete-one values: [m blocks × n] → [n × n],
/// (m-1)/m Σ (x_i - x̄)(x_i - x̄)ᵀ. B. Efron, The Jackknife (SIAM 1982), eq. 3.5.
[[nodiscard]] Eigen::MatrixXd jackknife_covariance(const Eigen::MatrixXd& delete_one);

/// Standard deviation of the noise on a smooth curve, from third differences of \p y over the
/// points with \p x in [from, to], scaled by the median: outliers do not count.
/// T. Gasser, L. Sroka, C. Jennen-Steinmetz, Biometrika 73, 625 (1986).
/// \throws Error{data} fewer than 10 points
[[nodiscard]] double noise_by_differences(std::span<const double> x, std::span<const double> y,
                                          double from, double to);

}  // namespace twin::numeric
