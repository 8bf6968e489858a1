// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "atoms/trajectory.h"

namespace twin::formats {

/// Opens a trajectory and sees from its content what it is: a text dump of LAMMPS, extended XYZ,
/// DCD, XTC (each plain or gzip) or H5MD. It is read frame by frame.
///
/// \param path  a file; FILE::GROUP takes one group of particles of H5MD
/// \throws Error{no_input}  missing, a folder, a pipe (it is read more than once)
/// \throws Error{data}      none of these formats: says what is expected
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> open_trajectory(const std::string& path);

/// The trajectories in a file, each as open_trajectory() takes it: itself, or a FILE::GROUP for
/// each replica of what twin-simulate wrote.  \throws Error as above
[[nodiscard]] std::vector<std::string> trajectories_in(const std::string& path);

/// FILE of FILE::GROUP.
[[nodiscard]] std::string file_of(const std::string& path);

/// The bytes of a file in memory, by the first of them; no H5MD.  \throws Error{data}  as above
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> parse_trajectory(const std::string& bytes,
                                                                        const std::string& name);

}  // namespace twin::formats
