// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "record/recipe.h"
#include "xas/transform.h"

namespace twin::xas {

/// √⟨|χ(R)|²⟩ over the points with rmin ≤ R ≤ rmax (Å).
/// \throws Error{configuration} no point of χ(R) lies in the band
[[nodiscard]] double band_rms(const Transform& transform, double rmin, double rmax);

/// Noise of Re and of Im χ(R) in 1/Å^(w+1): their rms from 15 to 30 Å, where no signal is left,
/// over the mean of the window. As Larch's estimate. Holds where the noise is white in k.
/// \param chi  [n] on k = 0, 0.05 ... 1/Å
[[nodiscard]] double epsilon_r(const Eigen::VectorXd& chi, const record::FitSettings& settings,
                               double kweight);

/// The same as noise of χ(k), by Parseval's theorem.
[[nodiscard]] double epsilon_k(const Eigen::VectorXd& chi, const record::FitSettings& settings,
                               double kweight);

/// epsilon_k / epsilon_r = √(2π (2w+1) / (kstep (kmax^(2w+1) - kmin^(2w+1)))).
[[nodiscard]] double epsilon_ratio(const record::FitSettings& settings, double kweight);

}  // namespace twin::xas
