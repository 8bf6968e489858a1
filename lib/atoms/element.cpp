// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/element.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

// In the order of atomic number, H first.
constexpr const char* symbols =
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se "
    "Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb "
    "Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm "
    "Bk Cf Es Fm Md No Lr";

const std::vector<std::string_view>& table() {
  static const auto all = words(symbols);
  return all;
}

}  // namespace

int atomic_number(const std::string& symbol) {
  const auto found = std::find(table().begin(), table().end(), symbol);
  if (found == table().end())
    throw Error(Cause::configuration, "element: '" + printable(symbol) +
                                          "' is no chemical symbol; expected one such as Cu");
  return static_cast<int>(found - table().begin()) + 1;
}

std::string symbol_of(int z) {
  if (z < 1 || z > static_cast<int>(table().size()))
    throw Error(Cause::configuration, "element: no symbol has the atomic number " +
                                          std::to_string(z) + "; expected 1 to 103");
  return std::string(table()[static_cast<std::size_t>(z) - 1]);
}

Edge parse_edge(const std::string& text) {
  const auto parts = words(text);
  if (parts.size() != 2)
    throw Error(Cause::configuration,
                "edge: '" + printable(text) + "'; an element and its edge are expected, as Cu K");
  Edge edge{std::string(parts[0]), std::string(parts[1])};
  static_cast<void>(atomic_number(edge.element));
  return edge;
}

}  // namespace twin::atoms
