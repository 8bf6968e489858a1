// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/records.h"

/// Scans and results that nobody measured.
namespace tools {

/// A copper K edge in 300 points, columns energy (eV) and mu; \p mark makes the bytes differ.
[[nodiscard]] std::string columns(int mark = 0);
/// The same as XDI.
[[nodiscard]] std::string xdi(int mark = 0);

/// Fits the first shell of copper. Its paths come from FEFF, 2 legs, to 4 Å.
[[nodiscard]] std::string recipe();

/// A copper model that runs in a fraction of a second, too short for equilibrium.
[[nodiscard]] std::string model();

/// A result of a period: r of the first shell.
[[nodiscard]] twin::record::Result result(const std::string& period, double r, double sigma);

[[nodiscard]] std::string policy();

}  // namespace tools
