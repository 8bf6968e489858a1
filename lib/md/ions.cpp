// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/ions.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"

namespace twin::md {

namespace {

constexpr const char* buckingham = "buck/coul/long";
constexpr const char* lennard_jones = "lj/cut/coul/long";
const std::string both = std::string(buckingham) + " " + lennard_jones;

/// What joins the types of a term, as "HC-C-N": no type's name has it.
constexpr char joint = '-';

std::vector<std::string> names_of(const Potential& potential) {
  std::vector<std::string> names;
  for (const AtomType& type : potential.types) names.push_back(type.name);
  return names;
}

/// "H bonded to C"; of a type without such a line, its name is its element.
AtomType read_type(const Description& lines, const Potential& potential, const std::string& name) {
  const std::string key = "type " + name;
  AtomType type{name, name, {}};
  if (lines.has(key)) {
    const std::vector<std::string> said = lines.plain_words(key);
    const bool bonded = said.size() > 3 && said[1] == "bonded" && said[2] == "to";
    if (said.size() != 1 && !bonded)
      lines.fail(key, "expected an element, or as in `H bonded to C`");
    type.element = said.front();
    if (bonded) type.bonded_to.assign(said.begin() + 3, said.end());
    std::ranges::sort(type.bonded_to);
  }
  std::vector<std::string> elements = type.bonded_to;
  elements.push_back(type.element);
  for (const std::string& element : elements)
    if (std::ranges::find(potential.elements, element) == potential.elements.end())
      lines.fail(lines.has(key) ? key : "types",
                 element + " is none of the elements" + perhaps(element, potential.elements));
  return type;
}

void read_types(const Description& lines, Potential& potential) {
  potential.elements = lines.plain_words("elements");
  const bool own = lines.has("types");
  const char* const key = own ? "types" : "elements";
  for (const std::string& name : own ? lines.plain_words(key) : potential.elements) {
    if (name.find(joint) != std::string::npos) lines.fail(key, "a name has a '-': " + name);
    const AtomType type = read_type(lines, potential, name);
    for (const AtomType& other : potential.types) {
      if (other.name == name) lines.fail(key, name + " is there twice");
      if (other.element == type.element && other.bonded_to == type.bonded_to)
        lines.fail(key, other.name + " and " + name +
                            " are bonded to the same: nothing tells them "
                            "apart");
    }
    potential.types.push_back(type);
  }
  if (potential.types.empty()) lines.fail(key, "expected one or more");
}

/// "C-HC", both of them types.
template <std::size_t N>
std::array<std::string, N> types_of(const Description& lines, const Potential& potential,
                                    const std::string& key, const std::string& joined) {
  const std::vector<std::string> names = names_of(potential);
  const auto parts = split(joined, joint);
  if (parts.size() != N)
    lines.fail(key, "'" + printable(joined) + "'; expected " + std::to_string(N) +
                        " types, a '-' between");
  std::array<std::string, N> types;
  for (std::size_t i = 0; i < N; ++i) {
    types[i] = parts[i];
    if (std::ranges::find(names, types[i]) == names.end())
      lines.fail(key, "there is no type '" + printable(types[i]) + "'" + perhaps(types[i], names));
  }
  return types;
}

Buckingham read_buckingham(const Description& lines, const std::string& key) {
  const auto values = lines.numbers(key, {"eV", "Å", "eV Å⁶"}, "A, ρ and C, each with its unit");
  const Buckingham out{values[0], values[1], values[2]};
  if (!(out.a_eV >= 0 && out.rho > 0 && out.c_eV_A6 >= 0))
    lines.fail(key, "a term is negative, or ρ is not positive");
  return out;
}

LennardJones read_lennard_jones(const Description& lines, const std::string& key) {
  const auto values = lines.numbers(key, {"eV", "Å"}, "ε and σ, each with its unit");
  if (!(values[0] >= 0 && values[1] > 0)) lines.fail(key, "ε is negative, or σ not positive");
  return {values[0], values[1]};
}

/// The one line that a pair of types has, in the order of the types.
void read_pair(const Description& lines, const std::string& one, const std::string& other,
               Potential& potential) {
  const std::string joined = one + joint + other;
  const std::string pair = "pair " + joined, lj = "lj " + joined;
  const bool may_pair = potential.pair_style != lennard_jones;
  const bool may_lj = potential.pair_style != buckingham;
  if (lines.has(pair) && lines.has(lj)) lines.fail(lj, "there is a pair " + joined + " too");
  if (may_pair && lines.has(pair)) {
    potential.pairs[{one, other}] = potential.pairs[{other, one}] = read_buckingham(lines, pair);
  } else if (may_lj && lines.has(lj)) {
    potential.lennard_jones[{one, other}] = potential.lennard_jones[{other, one}] =
        read_lennard_jones(lines, lj);
  } else {
    lines.fail((may_pair ? pair : lj) + (may_pair && may_lj ? ", or " + lj + "," : "") +
               " is missing");
  }
}

template <class Term>
void check_once(const Description& lines, const std::string& key, const std::vector<Term>& terms,
                Term term) {
  auto reversed = term.types;
  std::ranges::reverse(reversed);
  for (const Term& other : terms)
    if (other.types == term.types || other.types == reversed)
      lines.fail(key, "the same term is there before");
}

void read_bonds(const Description& lines, Potential& potential) {
  for (const std::string& joined : lines.after("bond ")) {
    const std::string key = "bond " + joined;
    BondTerm term{types_of<2>(lines, potential, key, joined)};
    const auto values = lines.numbers(key, {"eV/Å²", "Å"}, "K and r0, each with its unit");
    term.k_eV_A2 = values[0];
    term.r0 = values[1];
    if (!(term.k_eV_A2 > 0 && term.r0 > 0)) lines.fail(key, "K or r0 is not positive");
    check_once(lines, key, potential.bonds, term);
    potential.bonds.push_back(term);
  }
  for (const std::string& joined : lines.plain_words("rigid")) {
    auto types = types_of<2>(lines, potential, "rigid", joined);
    auto found = std::ranges::find(potential.bonds, types, &BondTerm::types);
    std::ranges::reverse(types);
    if (found == potential.bonds.end())
      found = std::ranges::find(potential.bonds, types, &BondTerm::types);
    if (found == potential.bonds.end()) lines.fail("rigid", "there is no bond " + joined);
    found->rigid = true;
  }
}

void read_angles(const Description& lines, Potential& potential) {
  for (const std::string& joined : lines.after("angle ")) {
    const std::string key = "angle " + joined;
    AngleTerm term{types_of<3>(lines, potential, key, joined)};
    const auto values = lines.numbers(key, {"eV", "rad"}, "K and θ0, each with its unit");
    constexpr double straight = 3.14159266;
    if (!(values[0] >= 0 && values[1] > 0 && values[1] <= straight))
      lines.fail(key, "K is negative, or θ0 not from 0 to 180°");
    term.k_eV = values[0];
    term.theta0_deg = lines.numbers(key, {"eV", "deg"}, "")[1];
    check_once(lines, key, potential.angles, term);
    potential.angles.push_back(term);
  }
}

void read_dihedrals(const Description& lines, Potential& potential) {
  for (const std::string& joined : lines.after("dihedral ")) {
    const std::string key = "dihedral " + joined;
    DihedralTerm term{types_of<4>(lines, potential, key, joined)};
    const auto values = lines.numbers(key, {"eV", "", "deg"}, "K, n and d, units with K and d");
    const double phase = std::round(values[2]);
    if (!(values[1] >= 0 && values[1] <= 6 && values[1] == std::round(values[1])))
      lines.fail(key, "n is not a whole number from 0 to 6");
    if (!(std::abs(values[2] - phase) < 1e-9 && std::abs(phase) <= 360))
      lines.fail(key, "d is not a whole number of degrees up to 360");
    term.k_eV = values[0];
    term.periods = static_cast<int>(values[1]);
    term.phase_deg = static_cast<int>(phase);
    check_once(lines, key, potential.dihedrals, term);
    potential.dihedrals.push_back(term);
  }
}

/// "0, 0, 0.5" of neighbours over one, two and three bonds.
std::array<double, 3> read_scaling(const Description& lines, const std::string& key) {
  const auto values = lines.numbers(key, {"", "", ""}, "three numbers, of 1, 2 and 3 bonds");
  for (const double value : values)
    if (!(value >= 0 && value <= 1)) lines.fail(key, "expected numbers from 0 to 1");
  return {values[0], values[1], values[2]};
}

}  // namespace

bool is_of_ions(const std::string& pair_style) {
  return pair_style == buckingham || pair_style == lennard_jones || pair_style == both;
}

void read_restraints(const Description& lines, const std::vector<std::string>& required,
                     const std::vector<std::string>& allowed, Potential& potential) {
  read_types(lines, potential);
  auto must = required, may = allowed;
  must.emplace_back("elements");
  may.emplace_back("timestep");
  for (const char* kind : {"bond ", "angle "})
    for (const std::string& joined : lines.after(kind)) may.push_back(kind + joined);
  lines.check_keys(must, may);
  read_bonds(lines, potential);
  read_angles(lines, potential);
  if (potential.bonds.empty()) lines.fail("there is no bond");
  for (const AngleTerm& term : potential.angles)
    if (term.theta0_deg != 90)
      lines.fail("angle " + term.types[0] + joint + term.types[1] + joint + term.types[2],
                 "expected 90 deg: only right angles are held");
  if (lines.has("timestep")) potential.timestep_fs = lines.positive("timestep", "fs");
}

void read_ions(const Description& lines, const std::vector<std::string>& required,
               const std::vector<std::string>& allowed, Potential& potential) {
  read_types(lines, potential);
  auto must = required, may = allowed;
  for (const char* key : {"elements", "cutoff"}) must.emplace_back(key);
  for (const char* key : {"types", "timestep", "rigid"}) may.emplace_back(key);
  for (const char* kind : {"bond ", "angle ", "dihedral "})
    for (const std::string& joined : lines.after(kind)) may.push_back(kind + joined);
  for (const char* key : {"scaling_lj", "scaling_coulomb"})
    (lines.after("bond ").empty() ? may : must).emplace_back(key);
  for (std::size_t i = 0; i < potential.types.size(); ++i) {
    const std::string& name = potential.types[i].name;
    must.push_back("charge " + name);
    may.push_back("type " + name);
    for (std::size_t j = 0; j <= i; ++j) {
      const std::string joined = potential.types[j].name + joint + name;
      auto& keys = potential.pair_style == both ? may : must;  // either of two, or the only one
      if (potential.pair_style != lennard_jones) keys.push_back("pair " + joined);
      if (potential.pair_style != buckingham) keys.push_back("lj " + joined);
    }
  }
  lines.check_keys(must, may);
  potential.cutoff = lines.positive("cutoff", "Å");
  if (lines.has("timestep")) potential.timestep_fs = lines.positive("timestep", "fs");
  for (std::size_t i = 0; i < potential.types.size(); ++i) {
    const std::string& name = potential.types[i].name;
    potential.charges[name] = lines.number("charge " + name, "");
    for (std::size_t j = 0; j <= i; ++j) read_pair(lines, potential.types[j].name, name, potential);
  }
  read_bonds(lines, potential);
  read_angles(lines, potential);
  read_dihedrals(lines, potential);
  if (lines.has("scaling_lj")) potential.scaling_lj = read_scaling(lines, "scaling_lj");
  if (lines.has("scaling_coulomb"))
    potential.scaling_coulomb = read_scaling(lines, "scaling_coulomb");
}

}  // namespace twin::md
