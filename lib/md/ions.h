// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "md/description.h"
#include "md/potentials.h"

namespace twin::md {

/// The pair_style is of charges with Buckingham or Lennard-Jones terms, or both.
[[nodiscard]] bool is_of_ions(const std::string& pair_style);

/// Reads elements, types, charges, pairs, and what holds molecules together; twin-model(5) has the
/// keys, of which \p required and \p allowed are those of every potential.
/// \throws Error{configuration}  a key is missing, unknown or says what can't be
void read_ions(const Description& lines, const std::vector<std::string>& required,
               const std::vector<std::string>& allowed, Potential& potential);

/// Reads elements, bonds and right angles of what is held by these alone: Potential::restrains().
/// \throws Error{configuration}  as above; an angle that is not of 90 degrees
void read_restraints(const Description& lines, const std::vector<std::string>& required,
                     const std::vector<std::string>& allowed, Potential& potential);

}  // namespace twin::md
