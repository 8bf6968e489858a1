// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "steer/noise.h"

namespace twin::steer {

/// The autocorrelation at lag 1 of whitened residuals, into \p out: phi, phi_found, phi_sigma and
/// second, as estimate_noise() says.
///
/// By pairs of samples, over the squares of the samples in them: samples that are missing, and
/// gaps, take pairs away and no more. Where less than 10 are neighbours (each second is missing)
/// those of the next distance h ≤ 8 with 10 of them tell φ^h; where none has, it counts as none.
///
/// \param u        [samples × m] nan where a coordinate is missing
/// \param samples  where they stand: their lags
void correlate_in_time(const Eigen::MatrixXd& u, const std::vector<Sample>& samples, Drift drift,
                       double cautious, Noise& out);

}  // namespace twin::steer
