// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "md/potentials.h"
#include "md/topology.h"

/// A potential in LAMMPS' own words, units metal: from typed values, never from text of a file.
namespace twin::md {

/// atom_style, and the styles of bonds that must be known before atoms are read.
[[nodiscard]] std::string style_commands(const Potential& potential, const Topology& topology);

/// The pair_style, pair_coeff and kspace_style lines; LAMMPS' types are \p types in their order.
/// \param every  steps between two deviations of the models of a deep potential
[[nodiscard]] std::string pair_commands(const Potential& potential,
                                        const std::vector<std::string>& types, int every = 100);

/// Coefficients of bonds, angles and dihedrals; "" of a structure without molecules.
[[nodiscard]] std::string bonded_commands(const Potential& potential, const Topology& topology);

/// SHAKE for the rigid bonds, where there are any: a fix that must come after those that change
/// forces.
[[nodiscard]] std::string rigid_command(const Potential& potential, const Topology& topology);

/// A LAMMPS data file: the cell, types, atoms at \p frame's positions, bonds; with charges where
/// the potential has them.
/// \param frame  with a cell as atoms::upright() makes it
/// \throws Error{configuration}  the charges do not add up to zero
[[nodiscard]] std::string data_file(const Potential& potential, const Topology& topology,
                                    const atoms::Frame& frame);

}  // namespace twin::md
