// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "md/potentials.h"

namespace twin::md {

/// A number of a potential that a model may vary.
struct PotentialNumber {
  std::string name;  ///< "A_Cs-I"
  enum class Form { buckingham, lennard_jones, bond } form = Form::buckingham;
  std::array<std::string, 2> types;  ///< of the pair
  std::size_t bond = 0;              ///< index into Potential::bonds, of a bond
  std::size_t place = 0;             ///< 0, 1, 2: A, ρ, C; ε, σ; K, r0
};

/// Those that are not 0, pairs both ways round.
[[nodiscard]] std::vector<PotentialNumber> numbers_of(const Potential& potential);

/// A, ρ, C; ε, σ; K, r0 of the pair or bond that \p number is of.
[[nodiscard]] std::array<double, 3> all_of(const Potential& potential,
                                           const PotentialNumber& number);

/// Both ways round.
void multiply(Potential& potential, const PotentialNumber& number, double by);

}  // namespace twin::md
