// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

namespace twin::xas {

/// Rates as they came in.
struct TrueRates {
  Eigen::VectorXd rate;   ///< [n] as the input: counts/s, or counts where times were given
  Eigen::VectorXd slope;  ///< [n] d true / d seen: multiplies the uncertainty of what was seen
  std::vector<Eigen::Index> saturated;  ///< seen above the most that can be: rate is that of the
                                        ///< maximum, 1/τ, and the slope is infinite
};

/// Undoes a paralysable counter, seen = true · exp(-true · τ), on the branch below its maximum
/// 1/(e τ), by Newton steps: true τ = -W₀(-seen τ).
///
/// \param seen  [n] counts/s, ≥ 0; \p tau  s, ≥ 0
/// \throws Error{data} a negative or not finite rate; Error{configuration} τ negative or not finite
[[nodiscard]] TrueRates undo_dead_time(const Eigen::VectorXd& seen, double tau);

/// The same for counts in \p time s each.
/// \param time  [n] > 0  \throws also Error{data} shapes disagree or a time not above 0
[[nodiscard]] TrueRates undo_dead_time(const Eigen::VectorXd& counts, double tau,
                                       const Eigen::VectorXd& time);

/// Counts scaled by input over output rate, as the electronics has both; slope is that ratio.
/// Where nothing came in, the ratio is 1.
/// \param counts, icr, ocr  [n]
/// \throws Error{data} shapes disagree, negative or not finite, or an output without an input;
///         points with more input than output e-fold are listed as saturated, not refused
[[nodiscard]] TrueRates undo_dead_time_by_rates(const Eigen::VectorXd& counts,
                                                const Eigen::VectorXd& icr,
                                                const Eigen::VectorXd& ocr);

}  // namespace twin::xas
