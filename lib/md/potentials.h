// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twin::md {

/// An interatomic potential as share/potentials/NAME.yaml describes it.
struct Potential {
  std::string name;
  std::string element;
  std::string file;                             ///< as lammps-data names it: no folder
  std::string pair_style;                       ///< "eam" or "eam/alloy"
  std::string source;                           ///< citation
  std::string licence;                          ///< of the file, and where it is from
  double mass = 0.0;                            ///< u
  double lattice_min = 0.0, lattice_max = 0.0;  ///< Å, where it may be believed
  double temperature_max = 0.0;                 ///< K
};

/// Reads a description: one `key: value` a line, `#` begins a comment line; all keys are required.
/// It is YAML, of its flattest kind, so that this room needs no parser of the whole language.
///
/// \param where  name of the file, for messages
/// \throws Error{configuration}  an unknown, double or missing key, a value that does not fit, or a
///                               word that must not reach an input script
[[nodiscard]] Potential parse_potential(std::string_view text, const std::string& where);

/// \throws Error{configuration}  no such potential: the message has those that exist
[[nodiscard]] Potential find_potential(const std::string& name);

/// Names of all that share/potentials has, sorted.
[[nodiscard]] std::vector<std::string> potential_names();

/// The folder that has the potential's file: $LAMMPS_POTENTIALS, else /usr/share/lammps/potentials.
/// \throws Error{unavailable}  it is in neither
[[nodiscard]] std::string folder_of(const Potential& potential);

/// The pair_style and pair_coeff lines.
[[nodiscard]] std::string pair_commands(const Potential& potential);

}  // namespace twin::md
