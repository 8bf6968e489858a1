// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// χ(R), and where the recipe asks for them χ(q) and the wavelet, as arrays of \p out: r, chi_r
/// (magnitude), chi_r_re, chi_r_im; q, chi_q (real part), chi_q_im; wavelet [r × k] (magnitude)
/// with wavelet_r and wavelet_k. What was used goes into its parameters. A χ(k) that ends before
/// the range of the transform makes the result partial, with a warning.
///
/// \param k    [n] 0, 0.05 ... 1/Å; empty where the data do not reach far enough
/// \param chi  [n] on the scale that shall be transformed, S0² divided out
void add_transforms(record::Result& out, const record::Recipe& recipe, const Eigen::VectorXd& k,
                    const Eigen::VectorXd& chi);

}  // namespace twin::app
