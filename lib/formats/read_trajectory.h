// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "atoms/trajectory.h"

namespace twin::formats {

/// How H5MD is read of an open file: here and now, or in a child of less rights. \p path is FILE or
/// FILE::GROUP, as below.
struct H5mdAccess {
  std::function<std::unique_ptr<atoms::TrajectoryReader>(int file, const std::string& path)> open;
  std::function<std::vector<std::string>(int file, const std::string& path)> list;
};

/// By h5md().
[[nodiscard]] H5mdAccess h5md_here();

/// Opens a trajectory and sees from its content what it is: a text dump of LAMMPS, extended XYZ,
/// DCD, XTC (each plain or gzip) or H5MD. It is read frame by frame.
///
/// \param path  a file; FILE::GROUP takes one group of particles of H5MD
/// \throws Error{no_input}  missing, a folder, a pipe (it is read more than once)
/// \throws Error{data}      none of these formats: says what is expected
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> open_trajectory(
    const std::string& path, const H5mdAccess& hdf5 = h5md_here());

/// The trajectories in a file, each as open_trajectory() takes it: itself, or a FILE::GROUP for
/// each replica of what twin-simulate wrote.  \throws Error as above
[[nodiscard]] std::vector<std::string> trajectories_in(const std::string& path,
                                                       const H5mdAccess& hdf5 = h5md_here());

/// FILE of FILE::GROUP.
[[nodiscard]] std::string file_of(const std::string& path);

/// GROUP of it; "" where there is none.
[[nodiscard]] std::string group_of(const std::string& path);

/// The bytes of a file in memory, by the first of them; no H5MD.  \throws Error{data}  as above
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> parse_trajectory(const std::string& bytes,
                                                                        const std::string& name);

}  // namespace twin::formats
