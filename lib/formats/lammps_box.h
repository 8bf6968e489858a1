// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>
#include <string_view>

namespace twin::formats {

/// The box of a frame of a LAMMPS dump.
struct LammpsBox {
  Eigen::Matrix3d cell;       ///< rows are the axes, in the dump's unit of length
  Eigen::RowVector3d origin;  ///< the corner that scaled coordinates count from
};

/// How its three lines are to be read: what follows "ITEM: BOX BOUNDS".
struct LammpsBoxKind {
  bool tilted = false;   ///< "xy xz yz": bounds of the box around it, and a tilt a line
  bool vectors = false;  ///< "abc origin": an axis and a component of the origin a line
  bool periodic = true;  ///< in all three directions
};

/// Nothing where \p words are none of those.
[[nodiscard]] std::optional<LammpsBoxKind> lammps_box_kind(std::string_view words);

/// Numbers a line: 2, 3 or 4.
[[nodiscard]] std::size_t numbers_a_line(const LammpsBoxKind& kind);

/// \param lines  the numbers of each line, as many as numbers_a_line() has, the rest 0
[[nodiscard]] LammpsBox lammps_box(const LammpsBoxKind& kind,
                                   const std::array<std::array<double, 4>, 3>& lines);

/// Å and ps of LAMMPS' units of length and time.
struct LammpsUnits {
  double length_A = 1.0;
  std::optional<double> time_ps;
};

/// Of "metal", "real", ...; nothing for lj and what is unknown.
/// Source: https://docs.lammps.org/units.html
[[nodiscard]] std::optional<LammpsUnits> lammps_units(std::string_view name);

}  // namespace twin::formats
