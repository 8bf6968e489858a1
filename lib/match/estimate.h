// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>

#include "record/model.h"

namespace twin::match {

/// How far a parameter may be thought to lie from where it is: the width of its bounds; a tenth of
/// its value where they are open. The scale of steps, and a weak prior that keeps what the data do
/// not determine finite.
[[nodiscard]] Eigen::VectorXd ranges(const record::Model& model);

/// Jᵀ V⁻¹ J + priors [p × p].
[[nodiscard]] Eigen::MatrixXd information(const Eigen::MatrixXd& jacobian,
                                          const Eigen::MatrixXd& covariance,
                                          const record::Model& model);

/// Inverse of an information matrix: the covariance of the estimated parameters.
[[nodiscard]] Eigen::MatrixXd parameter_covariance(const Eigen::MatrixXd& information);

/// Σ ((θ - mean)/sigma)² over the parameters that have a prior, and how many have.
struct PriorMisfit {
  double chi2 = 0.0;
  int count = 0;
};
[[nodiscard]] PriorMisfit prior_misfit(const Eigen::VectorXd& parameters,
                                       const record::Model& model);

/// What the free fractions of phases and the fixed ones leave to the model's own structure; less
/// than 0 where together they are more than all.
[[nodiscard]] double own_share(const Eigen::VectorXd& parameters, const record::Model& model);

/// Free fractions that leave the model's own structure less than nothing, made smaller: what each
/// is above its lower bound, all by one factor.
[[nodiscard]] Eigen::VectorXd kept_to_one(Eigen::VectorXd parameters, const record::Model& model);
[[nodiscard]] record::Model kept_to_one(record::Model model);

/// A step of the parameters and by how much it should lower χ² + priors, were all linear.
struct Proposal {
  Eigen::VectorXd step;
  double decrease = 0.0;
};

/// The minimum of the linear model inside the bounds and with no component beyond \p radius of its
/// range: Levenberg's λ grows until the step fits. What leaves the box is held at its side and the
/// others are solved for again. Fractions of phases that together would be more than all are
/// charged for what they take, at the price at which they are just all (the multiplier of that
/// sum).
///
/// \param at        [p] where the residual was found
/// \param residual  [n] measured - simulated
/// \param fixed     a parameter that must not move
[[nodiscard]] Proposal propose(const Eigen::VectorXd& at, const Eigen::VectorXd& residual,
                               const Eigen::MatrixXd& jacobian, const Eigen::MatrixXd& covariance,
                               const record::Model& model, double radius,
                               std::optional<Eigen::Index> fixed = {});

}  // namespace twin::match
