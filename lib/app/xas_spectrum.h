// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "app/xas_absorption.h"
#include "record/recipe.h"
#include "record/records.h"
#include "xas/reduce.h"

namespace twin::app {

/// χ(k) ready for the fit, and how it came about.
struct XasSpectrum {
  Eigen::VectorXd k, chi;                   ///< empty where the data do not reach far enough
  Eigen::VectorXd delta_chi;                ///< [k] standard error by the background
  std::optional<xas::Reduction> reduction;  ///< physical measurements only
  double e0_sigma = 0.0;                    ///< eV
  std::string e0_from;                      ///< "stated", "derivative", "half", "table", ...
  std::optional<double> edge_step_sigma, edge_step_sys;  ///< units of µ; nothing = not known
  Eigen::VectorXd norm_sys;  ///< [n] of norm, by self-absorption; empty without
  std::vector<std::string> warnings;
  record::Value done = record::Value::Object{};
};

/// How the recipe reduces the scan called \p scan; a synthetic repeat ("cu_150k+3") as its
/// original.
[[nodiscard]] const record::ReduceSettings& reduce_settings(const record::Recipe& recipe,
                                                            const std::string& scan);

/// Columns → µ(E) → χ(k); or χ(k) as a simulation, or a file, brings it.
/// \throws Error{data} a column is missing, µ can't be reduced
[[nodiscard]] XasSpectrum spectrum_of(const record::Measurement& m, const record::Recipe& recipe,
                                      const XasConditions& conditions);

/// µ(E), prepared, → χ(k): E0, ranges between the edges of the sample, normalisation, background.
[[nodiscard]] XasSpectrum reduced(const Absorption& absorption, const record::Recipe& recipe,
                                  const XasConditions& conditions, const std::string& scan);

}  // namespace twin::app
