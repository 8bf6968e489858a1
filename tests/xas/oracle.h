// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "xas/scattering_path.h"

/// Measured spectra with the answers of Larch 2026.3.1, below $TWIN_DATA/xas; nothing where absent.
namespace oracle {

/// The folder, or nothing.
std::optional<std::string> folder();

/// oracle.json.
const nlohmann::json& answers();

/// The curve `mu`, `chi` or `chir` of a spectrum, a column each; 0 × 0 where there is none.
Eigen::MatrixXd curve(const std::string& spectrum, const std::string& kind);

/// feffNNNN.dat, named relative to the folder.
twin::xas::ScatteringPath path(const std::string& file);

/// What Larch was told: autobk with kweight 2 and its other defaults.
twin::record::AutobkSettings autobk();

}  // namespace oracle

#define SKIP_WITHOUT_ORACLE() \
  if (!oracle::folder()) GTEST_SKIP() << "skipped: no measured data ($TWIN_DATA/xas)"
