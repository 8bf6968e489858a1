// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::numeric {

/// x ≥ 0 of the least |A x - b|², from the normal equations: \p normal = AᵀA [n × n] and
/// \p right = Aᵀb [n]. One normal matrix serves many right sides.
///
/// Active sets; finite, and quick for small n. Columns that repeat others get zero.
/// R. Bro, S. de Jong, J. Chemometrics 11, 393 (1997),
/// doi:10.1002/(SICI)1099-128X(199709/10)11:5<393::AID-CEM483>3.0.CO;2-L.
/// \throws Error{internal} shapes disagree
[[nodiscard]] Eigen::VectorXd nonnegative_solve(const Eigen::MatrixXd& normal,
                                                const Eigen::VectorXd& right);

}  // namespace twin::numeric
