// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/substitutions.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "md/arrangement.h"
#include "md/topology.h"

namespace twin::md {

namespace {

using record::Substitution;

constexpr std::string_view of_fractions = "fraction_";
constexpr double same_charge = 1e-6;  // e

[[noreturn]] void refuse(const Substitution& one, const std::string& what) {
  throw Error(Cause::configuration, "structure: substitutions: " + printable(one.element) + " by " +
                                        printable(one.by) + ": " + what);
}

std::size_t index_of(const Unmixed& crystal, const std::string& element) {
  return static_cast<std::size_t>(std::ranges::find(crystal.species, element) -
                                  crystal.species.begin());
}

void check_names(const std::vector<Substitution>& all, const Substitution& one) {
  if (!(one.fraction >= 0 && one.fraction <= 1))
    refuse(one, "fraction " + shortest(one.fraction) + "; expected 0 to 1");
  if (one.element == one.by) refuse(one, "is what is there already; expected another element");
  if (std::ranges::count(all, one.element, &Substitution::element) > 1)
    refuse(one, "sites of " + printable(one.element) +
                    " are given twice; expected one substitution of each element's sites");
}

/// The type of an element's atoms that are by themselves; none where the potential has none.
const AtomType* single_type(const Potential& potential, const std::string& element) {
  const auto found = std::ranges::find_if(potential.types, [&](const AtomType& type) {
    return type.element == element && type.bonded_to.empty();
  });
  return found == potential.types.end() ? nullptr : &*found;
}

/// What would leave the crystal with a charge, or the potential without a word for its atoms.
void check_potential(const Potential& potential, const Substitution& one, double atoms) {
  const auto& known = potential.elements;
  if (known.empty()) return;  // it is only a name
  if (std::ranges::find(known, one.by) == known.end())
    refuse(one, "potential " + potential.name + " is of " + join(known, ", ") +
                    "; expected one that is of " + printable(one.by) + " too");
  const AtomType* const before = single_type(potential, one.element);
  const AtomType* const after = single_type(potential, one.by);
  if (potential.charges.empty() || before == nullptr || after == nullptr) return;
  const double had = potential.charges.at(before->name), has = potential.charges.at(after->name);
  if (std::abs(has - had) > same_charge)
    refuse(one, "each " + one.element + " has " + shortest(had) + " e and each " + one.by + " " +
                    shortest(has) + " e: the crystal would have " +
                    significant(std::round(one.fraction * atoms) * (has - had), 3) +
                    " e; expected a potential in which they have the same");
}

/// [atoms] Whether each is in a molecule of the crystal as it is before.
std::vector<bool> in_molecules(const Unmixed& crystal) {
  std::vector<bool> out(crystal.ideal.species.size(), false);
  if (crystal.potential.bonds.empty()) return out;
  const Topology topology = find_topology(crystal.potential, crystal.ideal, crystal.species);
  for (const atoms::Molecule& molecule : topology.molecules)
    for (const int atom : molecule.atoms) out[static_cast<std::size_t>(atom)] = true;
  return out;
}

/// The atoms of an element, the first to be substituted first.
std::vector<int> sites_in_order(const Unmixed& crystal, const Substitution& one, int arrangement) {
  const auto element = static_cast<int>(index_of(crystal, one.element));
  std::vector<int> sites;
  for (std::size_t i = 0; i < crystal.ideal.species.size(); ++i)
    if (crystal.ideal.species[i] == element) sites.push_back(static_cast<int>(i));
  if (sites.empty())
    refuse(one, "the structure has no " + printable(one.element) + "; it has " +
                    join(crystal.species, ", "));
  std::ranges::sort(sites, {}, [&](int atom) {
    return place_in_order(Chosen::substitutions, arrangement, atom);
  });
  return sites;
}

}  // namespace

Mixed make_substitutions(const Unmixed& crystal, const std::vector<Substitution>& substitutions,
                         int arrangement) {
  Mixed out{crystal.ideal.species, {}};
  if (substitutions.empty()) return out;
  if (crystal.potential.restrains())
    refuse(substitutions.front(), "of a complex; expected its ligands as they are to be");
  for (const Substitution& one : substitutions) check_names(substitutions, one);
  const std::vector<bool> held = in_molecules(crystal);
  for (const Substitution& one : substitutions) {
    const std::vector<int> sites = sites_in_order(crystal, one, arrangement);
    if (std::ranges::any_of(sites, [&](int atom) { return held[static_cast<std::size_t>(atom)]; }))
      refuse(one, printable(one.element) +
                      " is in molecules; expected an element whose atoms are by themselves");
    const auto all = static_cast<double>(sites.size());
    check_potential(crystal.potential, one, all);
    const auto made = static_cast<std::size_t>(std::lround(one.fraction * all));
    const auto by = static_cast<int>(index_of(crystal, one.by));
    for (std::size_t i = 0; i < made; ++i) out.species[static_cast<std::size_t>(sites[i])] = by;
    out.fractions.push_back(static_cast<double>(made) / all);
  }
  return out;
}

bool is_of_substitution(const std::string& parameter) {
  return parameter.starts_with(of_fractions) && parameter.size() > of_fractions.size();
}

void put_fraction_in(const std::string& parameter, double value, record::Structure& structure) {
  const std::string element = parameter.substr(of_fractions.size());
  const auto fail = [&](const std::string& what) {
    throw Error(Cause::configuration, "free parameter '" + printable(parameter) + "': " + what);
  };
  auto& all = structure.substitutions;
  const auto found = std::ranges::find(all, element, &Substitution::by);
  if (found == all.end())
    fail("the structure has no substitution by " + printable(element) +
         "; expected one, as in substitutions: {Cu: {by: Ni, fraction: 0.1}}");
  if (std::ranges::count(all, element, &Substitution::by) > 1)
    fail("the structure has two substitutions by " + printable(element) +
         "; expected one, whose fraction is meant");
  if (!(value >= 0 && value <= 1)) fail(shortest(value) + "; expected 0 to 1");
  found->fraction = value;
}

std::map<std::string, double> made_fractions(const std::vector<Substitution>& substitutions,
                                             const std::vector<double>& fractions) {
  std::map<std::string, double> out;
  for (std::size_t i = 0; i < substitutions.size(); ++i) {
    const Substitution& one = substitutions[i];
    const bool only = std::ranges::count(substitutions, one.by, &Substitution::by) == 1;
    out[std::string(of_fractions) + one.by + (only ? "" : "_" + one.element)] = fractions[i];
  }
  return out;
}

}  // namespace twin::md
