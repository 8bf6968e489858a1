// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// What of a model's wishes can be compared.
struct Pairing {
  std::vector<std::string> fitted, held_back;
  std::vector<std::string> unpaired;  ///< "name: why"
};

/// Sorts the names of model.fit_to and model.hold_back into those that both sides know by the same
/// unit and method and with uncertainties, and the others. A name of both lists counts as fitted.
[[nodiscard]] Pairing pair_up(const record::Result& measured, const record::Evaluation& simulated,
                              const record::Model& model);

/// Two sides over n names, and the parts of V = covariance of their difference, each [n × n].
struct Difference {
  std::vector<std::string> names;
  Eigen::VectorXd measured, simulated;
  Eigen::MatrixXd random;       ///< of the measurement
  Eigen::MatrixXd systematic;   ///< of the extraction that both sides went through: it is one error
                                ///< made twice, so the larger of the two counts, not the sum
  Eigen::MatrixXd simulation;   ///< statistical error of the simulation
  Eigen::MatrixXd discrepancy;  ///< declared for the model, diagonal
  Eigen::MatrixXd input;  ///< J σ² Jᵀ of a measured temperature that the simulation was given

  [[nodiscard]] Eigen::VectorXd residual() const { return measured - simulated; }
  [[nodiscard]] Eigen::MatrixXd covariance() const {
    return random + systematic + simulation + discrepancy + input;
  }
};

/// \p names as pair_up() gave them. A covariance is used where both names are in it, else the
/// squared sigma on the diagonal. Of two systematic variances the larger stands on the diagonal,
/// the measurement's correlations are kept: V → D V D.
[[nodiscard]] Difference difference(const record::Result& measured,
                                    const record::Evaluation& simulated, const record::Model& model,
                                    const std::vector<std::string>& names);

/// rᵀ V⁻¹ r; 0 when empty. Directions in which V has no extent within rounding (a singular V of
/// fully correlated data) are infinitely costly and come out as such.
[[nodiscard]] double chi_squared(const Eigen::VectorXd& residual,
                                 const Eigen::MatrixXd& covariance);

/// ∂(names)/∂(model.free) [n × p] out of a named jacobian; nothing when an element is missing.
[[nodiscard]] std::optional<Eigen::MatrixXd> jacobian_of(const record::Jacobian& jacobian,
                                                         const std::vector<std::string>& names,
                                                         const record::Model& model);

/// The free parameters' values of an evaluation, in model.free's order.
/// \throws Error{data} one is missing
[[nodiscard]] Eigen::VectorXd parameters_of(const record::Evaluation& evaluation,
                                            const record::Model& model);

}  // namespace twin::match
