// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/model.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/text.h"

namespace twin::record {

namespace {

constexpr char joint = ':';  // no name of a potential or of a structure has it

/// Atoms of each element in one cell.
std::map<std::string, int> atoms_of(const Structure& structure) {
  static const std::map<std::string, int> lattices = {{"sc", 1}, {"bcc", 2}, {"fcc", 4}};
  std::map<std::string, int> count;
  for (const CellSite& site : structure.sites) ++count[site.element];
  const auto lattice = lattices.find(structure.lattice);
  if (count.empty() && lattice != lattices.end()) count[structure.element] = lattice->second;
  return count;
}

/// Of whose atoms a parameter is a fraction; "" of none.
std::string element_of(const std::string& parameter, const Structure& structure) {
  constexpr std::string_view of_vacancies = "vacancy_", of_substitutions = "fraction_";
  if (parameter.starts_with(of_vacancies)) return parameter.substr(of_vacancies.size());
  if (!parameter.starts_with(of_substitutions)) return "";
  for (const Substitution& one : structure.substitutions)
    if (one.by == parameter.substr(of_substitutions.size())) return one.element;
  return "";
}

}  // namespace

Structure& structure_to_run(Model& model) {
  if (model.alternative.empty()) return model.structure;
  const auto found = std::ranges::find(model.alternatives, model.alternative, &Alternative::name);
  if (found == model.alternatives.end())
    throw Error(Cause::configuration,
                "alternative '" + printable(model.alternative) + "' is none of alternatives");
  return found->structure;
}

Model running(Model model) {
  if (!model.alternative.empty()) {
    model.structure = Structure(structure_to_run(model));
    model.absorption.reference_a = 0;
  }
  model.alternatives.clear();
  model.alternative.clear();
  return model;
}

std::string alternative_name(const std::string& structure, const std::string& potential) {
  return structure.empty() ? potential : structure + joint + potential;
}

std::vector<std::string> alternatives_of(const Model& model) {
  std::vector<std::string> structures{""};
  for (const Alternative& one : model.alternatives) structures.push_back(one.name);
  std::vector<std::string> potentials = model.potentials;
  if (potentials.empty()) potentials = {model.potential};
  std::vector<std::string> out;
  for (const std::string& structure : structures)
    for (const std::string& potential : potentials)
      out.push_back(alternative_name(structure, potential));
  return out;
}

std::string structure_of(const std::string& alternative) {
  const auto at = alternative.find(joint);
  return at == std::string::npos ? std::string(own_structure) : alternative.substr(0, at);
}

Model with_alternative(Model model, const std::string& alternative) {
  const auto at = alternative.find(joint);
  const bool own = at == std::string::npos;
  model.alternative = own ? "" : alternative.substr(0, at);
  model.potential = own ? alternative : alternative.substr(at + 1);
  return model;
}

bool is_factor(const std::string& name) {
  constexpr std::string_view terms[] = {"A_", "rho_", "C_", "epsilon_", "sigma_", "k_", "r0_"};
  return std::ranges::any_of(terms, [&](std::string_view term) {
    const std::size_t dash = name.find('-', term.size());
    return name.starts_with(term) && dash != std::string::npos && dash > term.size() &&
           dash + 1 < name.size();
  });
}

std::string fraction_of(const std::string& phase) { return "fraction:" + phase; }

bool is_phase_fraction(const std::string& name) { return name.starts_with(fraction_of("")); }

std::vector<double> shares_of(const Model& model) {
  std::vector<double> out{1.0};
  for (const Phase& phase : model.phases) {
    const auto own = std::ranges::find(model.free, fraction_of(phase.name), &FreeParameter::name);
    out.push_back(own == model.free.end() ? phase.fraction : own->value);
    out.front() -= out.back();
  }
  return out;
}

double smallest_step(const Model& model, const FreeParameter& parameter) {
  const Structure structure = running(model).structure;
  const std::string element = element_of(parameter.name, structure);
  if (element.empty()) return 0;
  const auto count = atoms_of(structure);
  const auto own = count.find(element);
  if (own == count.end()) return 0;
  int leaving = 1;
  if (parameter.move == "remove-unit") {
    int divisor = 0;
    for (const auto& entry : count) divisor = std::gcd(divisor, entry.second);
    leaving = own->second / divisor;
  }
  double atoms = own->second;
  for (const int cells : structure.supercell) atoms *= cells;
  return leaving / atoms;
}

}  // namespace twin::record
