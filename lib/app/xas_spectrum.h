// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>

#include "record/recipe.h"
#include "record/records.h"
#include "xas/reduce.h"

namespace twin::app {

/// χ(k) ready for the fit, and how it came about.
struct XasSpectrum {
  Eigen::VectorXd k, chi;
  std::optional<xas::Reduction> reduction;  ///< physical measurements only
};

/// How the recipe reduces the scan called \p scan; a synthetic repeat ("cu_150k+3") as its
/// original.
[[nodiscard]] const record::ReduceSettings& reduce_settings(const record::Recipe& recipe,
                                                            const std::string& scan);

/// Columns → µ(E) → χ(k); or χ(k) as a simulation brings it.
/// \throws Error{data} a column is missing, µ can't be reduced
[[nodiscard]] XasSpectrum spectrum_of(const record::Measurement& m, const record::Recipe& recipe);

}  // namespace twin::app
