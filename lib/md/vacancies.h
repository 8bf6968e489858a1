// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "md/potentials.h"
#include "md/topology.h"
#include "record/structure.h"

namespace twin::md {

/// A crystal, the potential's types of its atoms, and what charge they have.
struct Crystal {
  const Potential& potential;  ///< without types where it is only a name
  std::vector<std::string> species;
  const atoms::Frame& ideal;
  const Topology& topology;
};

/// Atoms that leave a crystal, and what is left.
struct Emptied {
  std::vector<int> kept;          ///< atoms in their order
  std::vector<double> fractions;  ///< [vacancies] that were made: whole numbers of atoms
  double charge = 0.0;            ///< e, of what is left
  std::size_t moves = 0;          ///< atoms, pairs or units that left
};

/// Takes atoms out of the ideal crystal: for each entry the whole number of them (or of formula
/// units) nearest to its fraction.
///
/// Which ones is a random order of the element's atoms that depends on \p arrangement alone: the
/// same in every run, whatever its seed, and the vacancies of a small fraction are among those of
/// every larger one (arrangement.h), so that a search over the fraction compares neighbours. With a
/// pair leaves the nearest ion or molecule of opposite charge, of the kind that cancels it best,
/// which must be to a quarter; with a unit, of each other kind of the formula unit those nearest to
/// the atom. Molecules leave whole. Vacancies are not moved afterwards: they are where they are
/// made.
///
/// \throws Error{configuration}  no such element outside of molecules, or twice; a fraction outside
///                               of 0 to 0.25; charges that "remove" would leave, or that no pair
///                               cancels; nothing of an element would be left
[[nodiscard]] Emptied make_vacancies(const Crystal& crystal,
                                     const std::vector<record::Vacancies>& vacancies,
                                     int arrangement);

/// The atoms of \p frame that are kept.
[[nodiscard]] atoms::Frame part_of(const atoms::Frame& frame, const std::vector<int>& kept);

}  // namespace twin::md
