// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/model_structure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "core/text.h"
#include "stream/document.h"
#include "stream/parts.h"

namespace twin::stream {

using namespace record;

namespace {

std::array<int, 3> decode_supercell(Fields& fields, std::array<int, 3> out) {
  const Value* found = fields.find("supercell");
  if (found == nullptr) return out;
  const std::vector<double> cells = fields.numbers("supercell");
  if (cells.size() != 3)
    fields.fail("supercell", std::to_string(cells.size()) + " numbers, expected 3", found);
  for (std::size_t i = 0; i < 3; ++i) {
    if (cells[i] < 1 || cells[i] > 200 || cells[i] != static_cast<int>(cells[i]))
      fields.fail("supercell", shortest(cells[i]) + "; expected a whole number of 1 to 200", found);
    out[i] = static_cast<int>(cells[i]);
  }
  return out;
}

/// Three axes of three lengths each.
void decode_cell(Fields& fields, Structure& out) {
  const Value& cell = fields.need("cell");
  if (!cell.is_array() || cell.array().size() != 3)
    fields.fail("cell", "expected three axes", &cell);
  for (std::size_t row = 0; row < 3; ++row) {
    const Value& axis = cell.array()[row];
    if (!axis.is_array() || axis.array().size() != 3)
      fields.fail("cell", "expected three lengths an axis", &axis);
    for (std::size_t i = 0; i < 3; ++i)
      out.cell[row][i] = fields.measure_of("cell", axis.array()[i], "Å", false);
  }
}

void decode_sites(Fields& fields, const Value& sites, Structure& out) {
  constexpr std::size_t most = 10'000;
  if (!sites.is_array() || sites.array().empty() || sites.array().size() > most)
    fields.fail("sites", "expected a list of 1 to 10000 sites", &sites);
  for (const Value& item : sites.array()) {
    Fields site = fields.inside("sites", item);
    CellSite one;
    site.need("element");
    one.element = site.identifier("element");
    const std::vector<double> at = site.numbers("at");
    if (at.size() != 3) site.fail("at", std::to_string(at.size()) + " numbers, expected 3");
    std::ranges::copy(at, one.at.begin());
    site.refuse_rest();
    out.sites.push_back(one);
  }
}

/// Ligands at their distances: {centre: Pb, ligands: [{element: I, count: 3, at: 3.2 Å}]}.
Complex decode_complex(Fields fields) {
  Complex out;
  fields.need("centre");
  out.centre = fields.identifier("centre");
  out.box = positive(fields, "box", fields.measure("box", "Å").value_or(40));
  const Value& list = fields.need("ligands");
  constexpr int corners = 6;
  int left = corners;
  if (!list.is_array() || list.array().empty())
    fields.fail("ligands", "expected a list of elements with count and distance", &list);
  for (const Value& item : list.array()) {
    Fields one = fields.inside("ligands", item);
    Ligand ligand;
    one.need("element");
    ligand.element = one.identifier("element");
    ligand.count = one.whole("count", 1, 0, corners);
    one.need("at");
    ligand.at = positive(one, "at", *one.measure("at", "Å"));
    one.refuse_rest();
    left -= ligand.count;
    out.ligands.push_back(ligand);
  }
  if (left < 0 || left == corners) fields.fail("ligands", "expected 1 to 6 in all", &list);
  fields.refuse_rest();
  return out;
}

/// Of an element's atoms.
double decode_fraction(Fields& fields, double most) {
  fields.need("fraction");
  const double fraction = fields.fraction("fraction", 0);
  if (!(fraction >= 0 && fraction <= most))
    fields.fail("fraction", "expected 0 to " + shortest(most));
  return fraction;
}

std::vector<Vacancies> decode_vacancies(const Fields& fields, const Value& found) {
  std::vector<Vacancies> out;
  const Fields all = fields.inside("vacancies", found);
  for (const auto& [element, entry] : found.object()) {
    Fields one = all.inside(element, entry);
    Vacancies vacancies;
    vacancies.element = all.check_identifier(element, Value(element));
    vacancies.fraction = decode_fraction(one, most_vacancies);
    vacancies.move = decode_move(one);
    one.refuse_rest();
    out.push_back(vacancies);
  }
  return out;
}

/// {Cu: {by: Ni, fraction: 0.25}}.
std::vector<Substitution> decode_substitutions(const Fields& fields, const Value& found) {
  std::vector<Substitution> out;
  const Fields all = fields.inside("substitutions", found);
  for (const auto& [element, entry] : found.object()) {
    Fields one = all.inside(element, entry);
    Substitution substitution;
    substitution.element = all.check_identifier(element, Value(element));
    one.need("by");
    substitution.by = one.identifier("by");
    if (substitution.by == element)
      one.fail("by", element + " is what is there already; expected another element");
    substitution.fraction = decode_fraction(one, 1);
    one.refuse_rest();
    out.push_back(substitution);
  }
  return out;
}

/// {pattern: "--+", angles: [8 deg, 8 deg, 10 deg]}.
Tilts decode_tilts(Fields fields) {
  Tilts out;
  out.pattern = fields.need_text("pattern");
  if (out.pattern.size() != 3 || out.pattern.find_first_not_of("+-0") != std::string::npos)
    fields.fail("pattern", "expected three of + - 0, as in \"--+\"");
  const Value& angles = fields.need("angles");
  if (!angles.is_array() || angles.array().size() != 3)
    fields.fail("angles", "expected three angles", &angles);
  for (std::size_t i = 0; i < 3; ++i) {
    out.angles[i] = fields.measure_of("angles", angles.array()[i], "rad", false);
    constexpr double most = 0.35;  // 20 degrees
    if (!(std::abs(out.angles[i]) <= most))
      fields.fail("angles", "expected -20 to 20 deg", &angles.array()[i]);
  }
  fields.refuse_rest();
  return out;
}

/// Where the atoms are from: one of four.
void decode_source(Fields& fields, const std::string& document, Structure& out) {
  const Value* sites = fields.find("sites");
  const Value* complex = fields.find("complex");
  const std::string cif = fields.text("cif"), data = fields.text("data");
  if (!cif.empty() && !data.empty()) fields.fail("data", "stands beside cif; expected one");
  if (complex != nullptr) out.complex = decode_complex(fields.inside("complex", *complex));
  if (complex != nullptr && !(cif.empty() && data.empty()))
    fields.fail("complex", "stands beside a file; expected one");
  if (sites != nullptr) {
    decode_cell(fields, out);
    decode_sites(fields, *sites, out);
    out.cif = cif;
    out.data = data;
  } else if (!cif.empty()) {
    out.cif = beside(document, cif);
  } else if (!data.empty()) {
    out.data = beside(document, data);
  } else if (complex == nullptr) {
    out.lattice = choice(fields, "lattice", out.lattice, {"fcc", "bcc", "sc"});
    fields.need("element");
    out.element = fields.identifier("element");
    fields.need("a");
  }
}

Structure decode_fields(Fields& fields, const std::string& document) {
  Structure out;
  decode_source(fields, document, out);
  if (const auto a = fields.measure("a", "Å")) out.a = positive(fields, "a", *a);
  if (!out.sites.empty() && out.a == 0)
    out.a = std::hypot(out.cell[0][0], out.cell[0][1], out.cell[0][2]);
  const bool whole = !out.data.empty() || !out.complex.centre.empty();
  out.supercell = decode_supercell(fields, whole ? std::array{1, 1, 1} : out.supercell);
  if (const Value* found = fields.find("tilts"))
    out.tilts = decode_tilts(fields.inside("tilts", *found));
  if (const Value* found = fields.find("vacancies"))
    out.vacancies = decode_vacancies(fields, *found);
  if (const Value* found = fields.find("substitutions"))
    out.substitutions = decode_substitutions(fields, *found);
  out.arrangement = fields.whole("arrangement", out.arrangement, 1, 1'000'000);
  fields.refuse_rest();
  return out;
}

/// The items of a list of structures, and their names.
std::vector<Fields> named_structures(Fields& fields, std::string_view key,
                                     std::vector<std::string>& names) {
  static const Value none{Value::Array{}};
  const Value* found = fields.find(key);
  const Value& list = found == nullptr ? none : *found;
  if (!list.is_array()) fields.fail(key, "expected a list of structures with names", found);
  std::vector<Fields> out;
  for (const Value& item : list.array()) {
    Fields& one = out.emplace_back(fields.inside(key, item));
    one.need("name");
    const std::string name = one.identifier("name");
    if (name.find_first_of("/:@") != std::string::npos)
      one.fail("name", "\"" + name + "\" is no name; letters, digits and _.+- are");
    if (std::ranges::find(names, name) != names.end()) one.fail("name", name + " is there twice");
    names.push_back(name);
  }
  return out;
}

}  // namespace

std::string decode_move(Fields& fields) {
  return choice(fields, "move", "remove", {"remove", "remove-pair", "remove-unit"});
}

Structure decode_structure(Fields fields, const std::string& document) {
  return decode_fields(fields, document);
}

void decode_alternatives(Fields& fields, const std::string& document, Model& out) {
  out.alternative = fields.identifier("alternative");
  std::vector<std::string> names;
  for (Fields& one : named_structures(fields, "alternatives", names))
    out.alternatives.push_back({names[out.alternatives.size()], decode_fields(one, document)});
  if (!out.alternative.empty() && std::ranges::find(names, out.alternative) == names.end())
    fields.fail("alternative",
                out.alternative + " is none of alternatives" + perhaps(out.alternative, names));
}

void decode_phases(Fields& fields, const std::string& document, Model& out) {
  std::vector<std::string> names;
  double total = 0;
  for (Fields& one : named_structures(fields, "phases", names)) {
    const std::string& name = names[out.phases.size()];
    if (name == own_phase) one.fail("name", name + " is what the model's own is called");
    const double fraction = one.find("fraction") == nullptr ? 0.0 : decode_fraction(one, 1);
    total += fraction;
    if (total > 1 + 1e-9)
      one.fail("fraction", "those of all phases add up to " + shortest(total) +
                               "; expected 1 at most: the model's own structure has the rest");
    out.phases.push_back({name, decode_fields(one, document), fraction});
  }
}

}  // namespace twin::stream
