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

}  // namespace

Structure decode_structure(Fields fields, const std::string& document) {
  Structure out;
  const Value* sites = fields.find("sites");
  const std::string cif = fields.text("cif");
  const bool any = sites != nullptr || !cif.empty();
  if (!any) {
    out.lattice = choice(fields, "lattice", out.lattice, {"fcc", "bcc", "sc"});
    fields.need("element");
    out.element = fields.identifier("element");
    fields.need("a");
  } else if (sites != nullptr) {
    decode_cell(fields, out);
    decode_sites(fields, *sites, out);
    out.cif = cif;
  } else {
    out.cif = beside(document, cif);
  }
  if (const auto a = fields.measure("a", "Å")) out.a = positive(fields, "a", *a);
  if (sites != nullptr && out.a == 0)
    out.a = std::hypot(out.cell[0][0], out.cell[0][1], out.cell[0][2]);
  out.supercell = decode_supercell(fields, out.supercell);
  fields.refuse_rest();
  return out;
}

}  // namespace twin::stream
