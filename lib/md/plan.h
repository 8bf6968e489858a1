// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "md/factors.h"
#include "md/replica.h"
#include "record/model.h"

namespace twin::md {

/// A model made definite: parameters put in, the potential found, everything checked.
struct Plan {
  System system;
  record::Structure structure;         ///< with the free parameters put in
  std::map<std::string, double> made;  ///< free parameters as they are, where that is not as asked:
                                       ///< vacancies and substitutions are of whole atoms
  Factors factors;                     ///< the potential of the system has them already ...
  Potential described;                 ///< ... this one has not
  double temperature = 0.0;            ///< K, physical
  bool einstein = false;  ///< run at the classical temperature of the zero-point motion
  int equilibrate = 0;    ///< steps, a multiple of sample_every; production likewise
  int produce = 0;
  std::int64_t seed = 0;
  std::vector<std::string> warnings;
};

/// The name of the potential that a model runs with now; "" where it has none.
[[nodiscard]] std::string potential_of(const record::Model& model);

/// The structure that a model runs now, its free parameters (a, strain, vacancies, fractions) put
/// in: a strain e makes every length 1 + e times that of the model's structure. \throws
/// Error{configuration}  a and strain are both free; no substitution that a fraction is of
[[nodiscard]] record::Structure structure_of(const record::Model& model);

/// A sentence where a crystal is outside of what the plan's potential is believed for; "" where it
/// is not. The potential's range is of the edge of a cube of so many atoms: whatever cell a crystal
/// is given by, that of a cube with its volume an atom, vacancies filled, is compared.
///
/// \param a       Å, of the structure's cell, for a potential that does not say of how many atoms
/// \param volume  Å³, of that cell
[[nodiscard]] std::string outside_lattice(const Plan& plan, double a, double volume);

/// \throws Error{configuration}  the potential is unknown or lacks an element, there is no
///                               temperature, a free parameter is unknown, or a number is outside
///                               of what makes sense
[[nodiscard]] Plan make_plan(const record::Model& model);

/// The plan for a trajectory that was run elsewhere: the potential is a name, of which nothing else
/// need be known; temperature 0 where the model has none.
/// \throws Error{configuration}  as above, but for the potential and the temperature
[[nodiscard]] Plan make_trajectory_plan(const record::Model& model);

/// Warnings where lattice and temperature are outside of what the potential is believed for.
void warn_outside_validity(Plan& plan);

}  // namespace twin::md
