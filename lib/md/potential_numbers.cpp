// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potential_numbers.h"

#include <string_view>

namespace twin::md {

namespace {

using Form = PotentialNumber::Form;

struct Kind {
  std::string_view name;
  Form form;
  std::size_t place;
};
constexpr Kind kinds[] = {
    {"A", Form::buckingham, 0},
    {"rho", Form::buckingham, 1},
    {"C", Form::buckingham, 2},
    {"epsilon", Form::lennard_jones, 0},
    {"sigma", Form::lennard_jones, 1},
    {"k", Form::bond, 0},
    {"r0", Form::bond, 1},
};

}  // namespace

std::array<double, 3> all_of(const Potential& potential, const PotentialNumber& number) {
  if (number.form == Form::bond) {
    const BondTerm& bond = potential.bonds.at(number.bond);
    return {bond.k_eV_A2, bond.r0, 0};
  }
  const std::pair types{number.types[0], number.types[1]};
  if (number.form == Form::lennard_jones) {
    const LennardJones& pair = potential.lennard_jones.at(types);
    return {pair.epsilon_eV, pair.sigma, 0};
  }
  const Buckingham& pair = potential.pairs.at(types);
  return {pair.a_eV, pair.rho, pair.c_eV_A6};
}

void multiply(Potential& potential, const PotentialNumber& number, double by) {
  if (number.form == Form::bond) {
    BondTerm& bond = potential.bonds.at(number.bond);
    (number.place == 0 ? bond.k_eV_A2 : bond.r0) *= by;
    return;
  }
  const auto once = [&](const std::pair<std::string, std::string>& types) {
    if (number.form == Form::lennard_jones) {
      LennardJones& pair = potential.lennard_jones.at(types);
      (number.place == 0 ? pair.epsilon_eV : pair.sigma) *= by;
    } else {
      Buckingham& pair = potential.pairs.at(types);
      (number.place == 0 ? pair.a_eV : number.place == 1 ? pair.rho : pair.c_eV_A6) *= by;
    }
  };
  once({number.types[0], number.types[1]});
  if (number.types[0] != number.types[1]) once({number.types[1], number.types[0]});
}

std::vector<PotentialNumber> numbers_of(const Potential& potential) {
  std::vector<PotentialNumber> out;
  const auto add = [&](Form form, const std::string& one, const std::string& other,
                       std::size_t bond) {
    for (const Kind& kind : kinds)
      if (kind.form == form)
        out.push_back({std::string(kind.name) + "_" + one + "-" + other,
                       form,
                       {one, other},
                       bond,
                       kind.place});
  };
  for (const auto& [types, pair] : potential.pairs)
    add(Form::buckingham, types.first, types.second, 0);
  for (const auto& [types, pair] : potential.lennard_jones)
    if (!potential.pairs.contains(types)) add(Form::lennard_jones, types.first, types.second, 0);
  for (std::size_t i = 0; i < potential.bonds.size(); ++i) {
    const auto& types = potential.bonds[i].types;
    add(Form::bond, types[0], types[1], i);
    if (types[0] != types[1]) add(Form::bond, types[1], types[0], i);
  }
  std::erase_if(out, [&](const PotentialNumber& number) {
    return all_of(potential, number)[number.place] == 0;  // nothing times a factor stays nothing
  });
  return out;
}

}  // namespace twin::md
