// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "record/model.h"
#include "record/records.h"

/// A laboratory whose truth is known to the last digit: a bond in an anharmonic well, its six sites
/// empty now and then. Each simulation is a finite sample: means, covariance and fluctuation
/// jacobian are noisy, as those of molecular dynamics are.
///
///     U(x)/kT = ½ k u² (1 - γ u + 7/12 γ² u²) - μ N,   u = x - r0,   γ = 2 / Å,   N of 6 sites
///
/// Free: r0 (Å), log_k (k in 1/Å²), mu. Seen: n, r (Å), sigma2 (Å²), c3 (Å³), a (Å).
namespace bond {

inline constexpr int parameters = 3, observables = 5;
using Parameters = Eigen::Matrix<double, parameters, 1>;
using Observed = Eigen::Matrix<double, observables, 1>;
using Covariance = Eigen::Matrix<double, observables, observables>;

[[nodiscard]] const std::vector<std::string>& names();  ///< of the observables
[[nodiscard]] Covariance measurement_covariance();      ///< correlated as EXAFS fits are

/// What an endless simulation would say, by quadrature.
struct Exact {
  Observed mean;
  Covariance of_one;  ///< covariance of one sample; that of a run is this over its samples
};
[[nodiscard]] Exact exact(const Parameters& at);

/// A run of so many independent samples; without_jacobian: of the parameters named by index.
[[nodiscard]] twin::record::Evaluation simulate(const twin::record::Model& model, int samples,
                                                bool with_jacobian = true);

/// A measurement of a hidden truth, and a model to begin with, χ²/5 ≥ 50 away.
struct Problem {
  Parameters truth;
  twin::record::Result measured;
  twin::record::Model model;
};

/// Drawn by the seed. Kept are draws whose best fit has χ²/5 < 0.8: without that one in seven
/// measurements would fall to no model, as 5 % must by p.
[[nodiscard]] Problem draw(std::uint64_t seed, int samples);

/// Any draw: nothing is selected, the start is anywhere.
[[nodiscard]] Problem draw_any(std::uint64_t seed);

/// χ²/5 of an endless simulation at \p at, V = measurement's + that of \p samples. True: < 1.2, p
/// 0.05 of the two degrees of freedom that five data and three parameters leave.
[[nodiscard]] double misfit(const twin::record::Result& measured, const Parameters& at,
                            int samples);
inline constexpr double true_below = 1.2;

[[nodiscard]] Parameters parameters_of(const std::map<std::string, double>& named);
[[nodiscard]] Observed observed(const twin::record::Quantities& quantities);

}  // namespace bond
