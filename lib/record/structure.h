// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <string>
#include <vector>

namespace twin::record {

/// An atom of a crystal's cell.
struct CellSite {
  std::string element;         ///< symbol
  std::array<double, 3> at{};  ///< fractions of the cell's axes
};

/// Atoms of one element that are taken out of the ideal crystal.
struct Vacancies {
  std::string element;
  double fraction = 0.0;        ///< of that element's atoms in the crystal, 0 to 0.25
  std::string move = "remove";  ///< what leaves with each, so that the crystal stays neutral:
                                ///< "remove" nothing, "remove-pair" the nearest ion of opposite
                                ///< sign, "remove-unit" all else of a formula unit
};

/// Atoms of one element whose sites another takes: a mixed crystal, MAPb(I,Br)3.
struct Substitution {
  std::string element;    ///< whose sites they are
  std::string by;         ///< the element that comes
  double fraction = 0.0;  ///< of that element's atoms in the crystal, 0 to 1
};

/// Ligands of one element around a complex' centre.
struct Ligand {
  std::string element;
  int count = 0;
  double at = 0.0;  ///< Å from the centre
};

/// A complex by itself in an empty box: [PbI3O3]. Its ligands stand on the corners of an octahedron
/// in the order +x, +y, +z, -x, -y, -z: three of a kind are facial, fewer than six leave one side
/// open (hemidirected).
struct Complex {
  std::string centre;
  std::vector<Ligand> ligands;  ///< six atoms at most
  double box = 0.0;             ///< Å
};

/// How the octahedra of a perovskite are turned where a run begins.
struct Tilts {
  std::array<double, 3> angles{};  ///< rad, about the pseudo-cubic axes
  std::string pattern{};           ///< Glazer's signs of the three, + - or 0; "" = no tilts
};

/// A crystal to build: a lattice of one element, or any cell with its sites.
struct Structure {
  std::string lattice = "fcc";  ///< fcc, bcc or sc; of no meaning where there are sites
  std::string element;          ///< symbol; likewise
  double a = 0.0;               ///< Å, length of the first axis: cell and sites scale with it
  std::array<int, 3> supercell{4, 4, 4};
  std::array<std::array<double, 3>, 3> cell{};  ///< Å, rows are the axes; where there are sites
  std::vector<CellSite> sites{};                ///< all atoms of the cell
  std::string cif{};   ///< the file that cell and sites are from, or are to be read from
  std::string data{};  ///< likewise, a data file of LAMMPS
  Complex complex{};   ///< likewise, where it has a centre
  Tilts tilts{};       ///< of the start alone
  std::vector<Vacancies> vacancies{};
  std::vector<Substitution> substitutions{};
  int arrangement = 1;  ///< of vacancies and substitutions: another number, another choice of atoms

  /// Nothing else is known of where its atoms are: the model is of no atoms.
  [[nodiscard]] bool none() const { return element.empty() && sites.empty() && !unread(); }

  /// It is named, and not read yet.
  [[nodiscard]] bool unread() const {
    return sites.empty() && !(cif.empty() && data.empty() && complex.centre.empty());
  }
};

/// Another structure that the sample may have.
struct Alternative {
  std::string name;
  Structure structure;
};

/// What the model's own structure is called among the phases of a mixture.
inline constexpr const char* own_phase = "structure";

/// A structure that a part of the sample may have, beside the model's own.
struct Phase {
  std::string name;
  Structure structure;
  double fraction = 0.0;  ///< of the absorbing atoms, 0 to 1; what is left is the model's own
};

}  // namespace twin::record
