// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "md/potentials.h"
#include "record/structure.h"

namespace twin::md {

/// A crystal before its substitutions.
struct Unmixed {
  const Potential& potential;               ///< without types where it is only a name
  const std::vector<std::string>& species;  ///< elements, those that come too
  const atoms::Frame& ideal;
};

/// What its atoms become.
struct Mixed {
  std::vector<int> species;       ///< [atoms]
  std::vector<double> fractions;  ///< [substitutions] that were made: whole numbers of atoms
};

/// Gives sites of the ideal crystal another element: for each entry the whole number of them that
/// is nearest to its fraction, those that are first in the order of \p arrangement
/// (arrangement.h). Each entry is of the sites that the structure has for its element, whatever
/// the others make of theirs. The order is random: no pair of elements seeks or shuns the other,
/// as they may in a real crystal.
///
/// \throws Error{configuration}  the structure has no such element, or it is in molecules, given
///                               twice, or its own substitute; a fraction outside of 0 to 1; the
///                               potential is not of the substitute; the two have different charges
[[nodiscard]] Mixed make_substitutions(const Unmixed& crystal,
                                       const std::vector<record::Substitution>& substitutions,
                                       int arrangement);

/// Whether a free parameter is the fraction of a substitution: "fraction_Br".
[[nodiscard]] bool is_of_substitution(const std::string& parameter);

/// Puts the value of such a parameter into the structure's one substitution by its element.
/// \throws Error{configuration}  there is none, or there are two; a fraction outside of 0 to 1
void put_fraction_in(const std::string& parameter, double value, record::Structure& structure);

/// What the parameters of a state say of \p substitutions: "fraction_Br"; of several by one
/// element, "fraction_Br_I" with the element whose sites they are.
[[nodiscard]] std::map<std::string, double> made_fractions(
    const std::vector<record::Substitution>& substitutions, const std::vector<double>& fractions);

}  // namespace twin::md
