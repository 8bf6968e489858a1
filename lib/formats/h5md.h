// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "atoms/trajectory.h"
#include "formats/hdf5_tree.h"

namespace twin::formats {

/// True where an HDF5 file says that it is H5MD.
[[nodiscard]] bool is_h5md(Hdf5Tree& tree);

/// The groups of particles that have positions in time, sorted by name, numbers in them by value.
[[nodiscard]] std::vector<std::string> h5md_groups(Hdf5Tree& tree);

/// True where twin-simulate wrote it: each group is a replica.
[[nodiscard]] bool is_h5md_of_replicas(Hdf5Tree& tree);

/// H5MD 1.x: positions in time of one group of particles in a periodic box, fixed or not,
/// orthogonal or not; `image` unwraps them. `species` tells which atoms are alike, and names them
/// where it is an enumeration of element symbols. Lengths and times by the units module; a length
/// without unit is taken as Å, with a warning. Temperature and potential energy from `observables`
/// where the module thermodynamics is there (its energies are per particle), and what twin-simulate
/// adds: `virial_pressure`, and in `parameters/twin-simulate` how the run was made.
///
/// \param group  of particles; "" where there is one only
/// \throws Error{data}  no such group, several and none named; from next() as well
///
/// Source: P. de Buyl, P.H. Colberg, F. Höfling, Comput. Phys. Commun. 185, 1546 (2014),
/// doi:10.1016/j.cpc.2014.01.018; H5MD 1.1, https://www.nongnu.org/h5md
[[nodiscard]] std::unique_ptr<atoms::TrajectoryReader> h5md(std::unique_ptr<Hdf5Tree> tree,
                                                            const std::string& group);

/// What \p text ("nm", "100 pm", "kJ mol-1") is in twin-units(7)' \p to; nothing where it is
/// unknown, or of another dimension.
[[nodiscard]] std::optional<double> h5md_unit(std::string_view text, std::string_view to);

}  // namespace twin::formats
