// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/commands.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "md/deep.h"
#include "md/potential_file.h"

namespace twin::md {

namespace {

std::string number(double value) { return shortest(value); }

std::string numbers(const std::array<double, 3>& values) {
  return number(values[0]) + " " + number(values[1]) + " " + number(values[2]);
}

/// "pair_coeff 1 2 buck/coul/long 1 0.3 0": the sub-style is named where there are two.
std::string pair_coefficients(const Potential& potential, const std::string& one,
                              const std::string& other, bool hybrid) {
  const auto lj = potential.lennard_jones.find({one, other});
  if (lj != potential.lennard_jones.end())
    return (hybrid ? "lj/cut/coul/long " : "") + number(lj->second.epsilon_eV) + " " +
           number(lj->second.sigma);
  const Buckingham& pair = potential.pairs.at({one, other});
  return (hybrid ? "buck/coul/long " : "") + number(pair.a_eV) + " " + number(pair.rho) + " " +
         number(pair.c_eV_A6);
}

std::string ion_commands(const Potential& potential, const std::vector<std::string>& types) {
  const auto styles = words(potential.pair_style);
  const bool hybrid = styles.size() > 1;
  std::string text = std::string("pair_style") + (hybrid ? " hybrid" : "");
  for (const auto style : styles) text += " " + std::string(style) + " " + number(potential.cutoff);
  text += "\n";
  for (std::size_t i = 0; i < types.size(); ++i)
    for (std::size_t j = i; j < types.size(); ++j)
      text += "pair_coeff " + std::to_string(i + 1) + " " + std::to_string(j + 1) + " " +
              pair_coefficients(potential, types[i], types[j], hybrid) + "\n";
  return text + "kspace_style pppm 1.0e-4\n";
}

/// "7 2 5 6": number, kind, atoms.
template <std::size_t N>
std::string section(const char* title, const std::vector<Link<N>>& links) {
  if (links.empty()) return "";
  std::string text = std::string("\n") + title + "\n\n";
  for (std::size_t i = 0; i < links.size(); ++i) {
    text += std::to_string(i + 1) + " " + std::to_string(links[i].term + 1);
    for (const int atom : links[i].atoms) text += " " + std::to_string(atom + 1);
    text += "\n";
  }
  return text;
}

/// "960 atoms", and the numbers of all else.
std::string counts(const Potential& potential, const Topology& topology) {
  std::string text = std::to_string(topology.type.size()) + " atoms\n" +
                     std::to_string(topology.types.size()) + " atom types\n";
  const auto add = [&](const char* kind, std::size_t links, std::size_t terms) {
    if (topology.bonds.empty() || terms == 0) return;
    text += std::to_string(links) + " " + kind + "s\n" + std::to_string(terms) + " " + kind +
            " types\n";
  };
  add("bond", topology.bonds.size(), potential.bonds.size());
  add("angle", topology.angles.size(), potential.angles.size());
  add("dihedral", topology.dihedrals.size(), potential.dihedrals.size());
  return text;
}

/// [atoms] 1, 2 ...: molecules first, then every other atom by itself.
std::vector<int> molecule_numbers(const Topology& topology) {
  std::vector<int> numbers(topology.type.size(), 0);
  int number = 0;
  for (const atoms::Molecule& molecule : topology.molecules) {
    ++number;
    for (const int atom : molecule.atoms) numbers[static_cast<std::size_t>(atom)] = number;
  }
  for (int& one : numbers)
    if (one == 0) one = ++number;
  return numbers;
}

/// "1 1 1.36 0 0 0": number, perhaps a molecule, type, perhaps a charge, position.
std::string atom_lines(const Potential& potential, const Topology& topology,
                       const atoms::Frame& frame) {
  const bool charged = !potential.charges.empty(), bonded = !topology.bonds.empty();
  const std::vector<int> molecules = molecule_numbers(topology);
  std::string text = std::string("\nAtoms # ") +
                     (potential.restrains() ? "angle"
                      : bonded              ? "full"
                      : charged             ? "charge"
                                            : "atomic") +
                     "\n\n";
  for (std::size_t i = 0; i < topology.type.size(); ++i) {
    const auto type = static_cast<std::size_t>(topology.type[i]);
    text += std::to_string(i + 1) + " ";
    if (bonded) text += std::to_string(molecules[i]) + " ";
    text += std::to_string(type + 1);
    if (charged) text += " " + number(potential.charges.at(topology.types[type]));
    for (int axis = 0; axis < 3; ++axis)
      text += " " + number(frame.positions(static_cast<Eigen::Index>(i), axis));
    text += "\n";
  }
  return text;
}

void check_neutral(const Potential& potential, const Topology& topology) {
  if (potential.charges.empty()) return;
  double total = 0;
  for (const int type : topology.type)
    total += potential.charges.at(topology.types[static_cast<std::size_t>(type)]);
  if (std::abs(total) > 1e-6 * static_cast<double>(topology.type.size()))
    throw Error(Cause::configuration, "structure: the charges of " + potential.name +
                                          " add up to " + significant(total, 3) +
                                          " e; expected a neutral cell");
}

}  // namespace

std::string style_commands(const Potential& potential, const Topology& topology) {
  if (potential.restrains())
    return std::string("atom_style angle\nbond_style harmonic\n") +
           (potential.angles.empty() ? "" : "angle_style harmonic\n");
  if (topology.bonds.empty())
    return potential.charges.empty() ? "atom_style atomic\n" : "atom_style charge\n";
  return std::string("atom_style full\nbond_style harmonic\n") +
         (potential.angles.empty() ? "" : "angle_style harmonic\n") +
         (potential.dihedrals.empty() ? "" : "dihedral_style charmm\n") + "special_bonds lj " +
         numbers(potential.scaling_lj) + " coul " + numbers(potential.scaling_coulomb) + "\n";
}

std::string pair_commands(const Potential& potential, const std::vector<std::string>& types,
                          int every) {
  if (!potential.deep.models.empty()) return deep_commands(potential, types, every);
  if (!potential.charges.empty()) return ion_commands(potential, types);
  // What is farther apart than any bond of a complex need not be known to each other.
  if (potential.restrains()) return "pair_style zero 6.0\npair_coeff * *\n";
  if (potential.pair_style == "eam/alloy")
    return std::string("pair_style eam/alloy\npair_coeff * * ") + potential_name + " " +
           join(types, " ") + "\n";
  return std::string("pair_style eam\npair_coeff 1 1 ") + potential_name + "\n";
}

std::string bonded_commands(const Potential& potential, const Topology& topology) {
  std::string text;
  if (topology.bonds.empty()) return text;
  const auto begin = [&](const char* kind, std::size_t i) {
    text += std::string(kind) + "_coeff " + std::to_string(i + 1) + " ";
  };
  for (std::size_t i = 0; i < potential.bonds.size(); ++i) {
    const BondTerm& term = potential.bonds[i];
    begin("bond", i);
    text += number(term.k_eV_A2) + " " + number(term.r0) + "\n";
  }
  for (std::size_t i = 0; i < potential.angles.size(); ++i) {
    const AngleTerm& term = potential.angles[i];
    begin("angle", i);
    text += number(term.k_eV) + " " + number(term.theta0_deg) + "\n";
  }
  for (std::size_t i = 0; i < potential.dihedrals.size(); ++i) {
    const DihedralTerm& term = potential.dihedrals[i];
    begin("dihedral", i);
    // The last number would scale what three bonds are apart once more: special_bonds does it.
    text += number(term.k_eV) + " " + std::to_string(term.periods) + " " +
            std::to_string(term.phase_deg) + " 0\n";
  }
  return text;
}

std::string rigid_command(const Potential& potential, const Topology& topology) {
  if (topology.constraints == 0) return "";
  std::string text = "fix rigid all shake 1.0e-4 50 0 b";
  for (std::size_t i = 0; i < potential.bonds.size(); ++i)
    if (potential.bonds[i].rigid) text += " " + std::to_string(i + 1);
  return text + "\n";
}

std::string data_file(const Potential& potential, const Topology& topology,
                      const atoms::Frame& frame) {
  const Eigen::Matrix3d& cell = frame.cell;
  if (!cell.isLowerTriangular(1e-9) || !(cell.diagonal().minCoeff() > 0))
    throw Error(Cause::internal, "data file: the cell's axes are not along x and in the xy plane");
  check_neutral(potential, topology);
  std::string text = "crystal\n\n" + counts(potential, topology);
  const char* const axes[] = {"x", "y", "z"};
  for (int i = 0; i < 3; ++i)
    text += "0 " + number(cell(i, i)) + " " + axes[i] + "lo " + axes[i] + "hi\n";
  if (!cell.isDiagonal(1e-9))
    text +=
        number(cell(1, 0)) + " " + number(cell(2, 0)) + " " + number(cell(2, 1)) + " xy xz yz\n";
  text += "\nMasses\n\n";
  for (std::size_t i = 0; i < topology.types.size(); ++i)
    text += std::to_string(i + 1) + " " +
            number(potential.mass_of(potential.type(topology.types[i]).element)) + "\n";
  return text + atom_lines(potential, topology, frame) + section("Bonds", topology.bonds) +
         section("Angles", topology.angles) + section("Dihedrals", topology.dihedrals);
}

}  // namespace twin::md
