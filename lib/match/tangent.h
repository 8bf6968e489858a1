// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

#include "record/model.h"

namespace twin::match {

/// The jacobian that all runs of an alternative together give, at the newest of them.
struct Tangent {
  Eigen::MatrixXd jacobian;  ///< [n × p]
  Eigen::MatrixXd sigma;     ///< [n × p] how well each element is known
  std::vector<bool> known;   ///< [p] false: nothing has moved or told this parameter yet
};

/// Pools the jacobians of \p runs, in their order.
///
/// Each row is followed by a Kalman filter. It is fed two kinds of evidence: the jacobian that a
/// run brings (from fluctuations; taken to be good to 20 % of each element and 4 % of the largest
/// of its row), and the secant between one run and the next, good to the noise of both values and
/// to the curvature in between. Between two runs what is known fades with the relative change of
/// the quantity, because jacobians of a quantity that has halved are not those of before: near the
/// end, where runs differ little, this is the equally weighted mean of their jacobians. With no
/// jacobians at all it is Broyden's update, C.G. Broyden, Math. Comp. 19, 577 (1965); Broyden's
/// unweighted secant on noisy runs would spoil the jacobian where steps are small.
[[nodiscard]] Tangent pooled_tangent(const std::vector<record::Evaluation>& runs,
                                     const std::vector<std::string>& names,
                                     const record::Model& model);

/// The same elements as a record, for compare().
[[nodiscard]] record::Jacobian named(const Tangent& tangent, const std::vector<std::string>& names,
                                     const record::Model& model);

}  // namespace twin::match
