// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <istream>
#include <memory>
#include <string>

#include "atoms/trajectory.h"

namespace twin::formats {

/// XTC, the compressed trajectories of GROMACS: coordinates rounded to a step (0.01 Å unless its
/// writer asked for another), cell and time. nm become Å. They name no elements.
/// \throws Error{data}  from next(): `name: ...`
///
/// Own code: Debian's libgromacs ends the process on a damaged file, and nothing else there reads
/// XTC. Source: https://manual.gromacs.org/current/reference-manual/file-formats.html#xtc
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> xtc(std::shared_ptr<std::istream> in,
                                                           const std::string& name);

}  // namespace twin::formats
