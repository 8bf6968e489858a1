// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twin::md {

/// What two elements do to each other beside their charges: A exp(-r/ρ) - C/r⁶ (R.A. Buckingham,
/// Proc. R. Soc. Lond. A 168, 264 (1938), doi:10.1098/rspa.1938.0173).
struct Buckingham {
  double a_eV = 0.0, rho = 0.0, c_eV_A6 = 0.0;  ///< ρ in Å
};

/// An interatomic potential as share/potentials/NAME.yaml describes it.
struct Potential {
  std::string name;
  std::vector<std::string> elements;
  std::string pair_style;                 ///< "eam", "eam/alloy" or "buck/coul/long"
  std::string file;                       ///< eam: as lammps-data names it, no folder; else ""
  double mass = 0.0;                      ///< u, eam; 0: standard atomic weights
  std::map<std::string, double> charges;  ///< e, by element; buck/coul/long
  std::map<std::pair<std::string, std::string>, Buckingham> pairs;  ///< both ways round
  double cutoff = 0.0;                                              ///< Å, buck/coul/long
  std::string source;                                               ///< citation
  std::string licence;  ///< of the file or the numbers, and where they are from
  std::string caveat;   ///< what every record that it makes says; "" for nothing
  double lattice_min = 0.0, lattice_max = 0.0;          ///< Å, where it may be believed
  double temperature_min = 0.0, temperature_max = 0.0;  ///< K

  [[nodiscard]] double mass_of(const std::string& element) const;
};

/// Reads a description: one `key: value` a line, `#` begins a comment line. It is YAML, of its
/// flattest kind, so that this room needs no parser of the whole language. twin-model(5) has the
/// keys; an embedded-atom potential has a file, pairs have a line each.
///
/// \param where  name of the file, for messages
/// \throws Error{configuration}  an unknown, double or missing key, a value that does not fit, or a
///                               word that must not reach an input script
[[nodiscard]] Potential parse_potential(std::string_view text, const std::string& where);

/// \throws Error{configuration}  no such potential: the message has those that exist
[[nodiscard]] Potential find_potential(const std::string& name);

/// Names of all that share/potentials has, sorted.
[[nodiscard]] std::vector<std::string> potential_names();

/// The folder that has the potential's file: $LAMMPS_POTENTIALS, else /usr/share/lammps/potentials;
/// the latter where there is no file.  \throws Error{unavailable}  it is in neither
[[nodiscard]] std::string folder_of(const Potential& potential);

/// The pair_style, pair_coeff and kspace_style lines, units metal; LAMMPS' types are \p species in
/// their order.
/// \throws Error{configuration}  the potential does not cover one of them
[[nodiscard]] std::string pair_commands(const Potential& potential,
                                        const std::vector<std::string>& species);

}  // namespace twin::md
