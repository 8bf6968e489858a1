// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace twin::md {

/// What two types do to each other beside their charges: A exp(-r/ρ) - C/r⁶ (R.A. Buckingham,
/// Proc. R. Soc. Lond. A 168, 264 (1938), doi:10.1098/rspa.1938.0173).
struct Buckingham {
  double a_eV = 0.0, rho = 0.0, c_eV_A6 = 0.0;  ///< ρ in Å
};

/// Or 4 ε [(σ/r)¹² - (σ/r)⁶] (J.E. Jones, Proc. R. Soc. Lond. A 106, 463 (1924),
/// doi:10.1098/rspa.1924.0082).
struct LennardJones {
  double epsilon_eV = 0.0, sigma = 0.0;  ///< σ in Å
};

/// A kind of atom: an element, or an element by what it is bonded to.
struct AtomType {
  std::string name, element;
  std::vector<std::string> bonded_to;  ///< elements of all its bonded neighbours, sorted
};

/// K (r - r0)², without a half; rigid: held at r0 by SHAKE (J.-P. Ryckaert, G. Ciccotti, H.J.C.
/// Berendsen, J. Comput. Phys. 23, 327 (1977), doi:10.1016/0021-9991(77)90098-5).
struct BondTerm {
  std::array<std::string, 2> types;
  double k_eV_A2 = 0.0, r0 = 0.0;  ///< r0 in Å
  bool rigid = false;
};

/// K (θ - θ0)², without a half, θ in radian; the second type is the one in the middle.
struct AngleTerm {
  std::array<std::string, 3> types;
  double k_eV = 0.0, theta0_deg = 0.0;
};

/// K [1 + cos(n φ - d)] of each chain of four bonded atoms.
struct DihedralTerm {
  std::array<std::string, 4> types;
  double k_eV = 0.0;
  int periods = 0, phase_deg = 0;
};

/// What is known of a deep potential: models of DeePMD-kit's, and what they were trained on.
struct Deep {
  std::vector<std::string> models;  ///< files: the first drives, all together tell a deviation
  double volume_min = 0.0, volume_max = 0.0;     ///< Å³ an atom, of the training; 0 = not said
  double error_force = 0.0;                      ///< eV/Å, of frames held back; 0 = not said
  double own_volume = 0.0, own_stiffness = 0.0;  ///< Å³ an atom, eV/Å³: where the labels' own
                                                 ///< pressure vanishes; 0 = not said
  std::string gate;                              ///< "passed", "refused" or "": none has judged it
  std::string gate_models;                       ///< SHA-256 of the models that it judged
  double gate_temperature = 0.0;                 ///< K, that it judged them at
  std::string gate_reasons;
};

/// An interatomic potential as share/potentials/NAME.yaml describes it.
struct Potential {
  std::string name;
  std::vector<std::string> elements;
  std::string pair_style;  ///< "eam", "eam/alloy", "buck/coul/long", "lj/cut/coul/long", both of
                           ///< the latter, a blank between, "deepmd", or "zero": see restrains()
  std::string file;        ///< eam: as lammps-data names it, no folder; else ""
  double mass = 0.0;       ///< u, eam; 0: standard atomic weights
  std::vector<AtomType> types;            ///< one an element where the file has no types
  std::map<std::string, double> charges;  ///< e, by type; none of eam
  std::map<std::pair<std::string, std::string>, Buckingham> pairs;  ///< of types, both ways round
  std::map<std::pair<std::string, std::string>, LennardJones>
      lennard_jones;  ///< those not in pairs
  std::vector<BondTerm> bonds;
  std::vector<AngleTerm> angles;
  std::vector<DihedralTerm> dihedrals;
  std::array<double, 3> scaling_lj{1, 1, 1};       ///< of what is 1, 2 or 3 bonds away
  std::array<double, 3> scaling_coulomb{1, 1, 1};  ///< likewise
  Deep deep;                                       ///< of no models where it is none
  double cutoff = 0.0;                             ///< Å, of what is not eam
  double timestep_fs = 0.0;                        ///< the longest to be used; 0 = not said
  std::string source;                              ///< citation
  std::string licence;  ///< of the file or the numbers, and where they are from
  std::string caveat;   ///< what every record that it makes says; "" for nothing
  double lattice_min = 0.0, lattice_max = 0.0;  ///< Å, where it may be believed
  int lattice_atoms = 0;  ///< of the cube that has this edge; 0: of a model's own cell, its a
  double temperature_min = 0.0, temperature_max = 0.0;  ///< K

  /// Only bonds and right angles hold the atoms, which otherwise do not know of each other: of
  /// complexes that are by themselves, and stay what they are.
  [[nodiscard]] bool restrains() const { return pair_style == "zero"; }
  [[nodiscard]] double mass_of(const std::string& element) const;
  [[nodiscard]] const AtomType& type(const std::string& type_name) const;
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

/// The file that describes the potential called \p name.  \throws Error  as find_potential()
[[nodiscard]] std::string description_of(const std::string& name);

/// Names of all that there are, sorted: in the folders of $TWIN_POTENTIALS (colons between), then
/// in share/potentials.
[[nodiscard]] std::vector<std::string> potential_names();

/// The folder that has the potential's file: $LAMMPS_POTENTIALS, else /usr/share/lammps/potentials;
/// the latter where there is no file.  \throws Error{unavailable}  it is in neither
[[nodiscard]] std::string folder_of(const Potential& potential);

}  // namespace twin::md
