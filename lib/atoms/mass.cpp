// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/mass.h"

#include <xraylib.h>

#include "atoms/element.h"
#include "core/error.h"

namespace twin::atoms {

double atomic_mass(const std::string& symbol) {
  const double mass = AtomicWeight(atomic_number(symbol), nullptr);
  if (!(mass > 0))
    throw Error(Cause::configuration, "element: the mass of " + symbol + " is not known");
  return mass;
}

}  // namespace twin::atoms
