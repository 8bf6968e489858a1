// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "md/potentials.h"

namespace twin::md {

/// Whether a free parameter is what a number of the potential is multiplied by: "A_Cs-I" is of the
/// term A of the pair Cs-I. There are A, rho, C (Buckingham), epsilon, sigma (Lennard-Jones), and
/// k, r0 of bonds.
[[nodiscard]] bool is_factor(const std::string& name);

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
