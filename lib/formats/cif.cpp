// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/cif.h"

#include <Eigen/LU>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <gemmi/cif.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/unitcell.hpp>
#include <optional>

#include "atoms/element.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/cif_symmetry.h"

namespace twin::formats {

namespace {

namespace cif = gemmi::cif;

constexpr std::size_t most_bytes = 4u << 20;
constexpr std::size_t most_sites = 10000;

[[noreturn]] void fail(const std::string& what) { throw Error(Cause::data, what); }

/// A number of the file, its standard uncertainty in brackets dropped.
double number(const std::string& raw, const std::string& what) {
  const double value = cif::as_number(raw);
  if (!std::isfinite(value) || std::abs(value) > 1e6)
    fail(what + " is '" + printable(raw) + "'; expected a number");
  return value;
}

/// The value of the first tag that is there and not "?" or "."; else "".
std::string first_of(cif::Block& block, std::initializer_list<const char*> tags) {
  for (const char* tag : tags)
    if (const std::string* raw = block.find_value(tag); raw && !cif::is_null(*raw))
      return cif::as_string(*raw);
  return {};
}

Eigen::Matrix3d cell_of(cif::Block& block) {
  static const std::array<std::string, 6> tags{"length_a",    "length_b",   "length_c",
                                               "angle_alpha", "angle_beta", "angle_gamma"};
  std::array<double, 6> values{};
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string* raw = block.find_value("_cell_" + tags[i]);
    if (!raw) fail("has no _cell_" + tags[i] + "; expected the cell's lengths and angles");
    values[i] = number(*raw, "_cell_" + tags[i]);
    if (i < 3 ? !(values[i] > 0.5 && values[i] < 1000) : !(values[i] > 1 && values[i] < 179))
      fail("_cell_" + tags[i] + " is " + shortest(values[i]) +
           (i < 3 ? " Å; expected 0.5 to 1000" : " degrees; expected 1 to 179"));
  }
  const auto orth = gemmi::UnitCell(values).orth.mat;  // its columns are a, b, c
  Eigen::Matrix3d cell;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) cell(i, j) = orth[j][i];
  // The smallest volume that a·b·c can have and still hold atoms apart.
  const double volume = std::abs(cell.determinant());
  if (!(cell.allFinite() && volume > 1e-3 * values[0] * values[1] * values[2]))
    fail("the angles of its cell leave no volume");
  return cell;
}

StatedSymmetry symmetry_of(cif::Block& block) {
  StatedSymmetry stated;
  for (const char* tag : {"_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz",
                          "_symmetry_equiv_pos_as_xyz"}) {
    for (const auto& raw : block.find_values(tag)) stated.triplets.push_back(cif::as_string(raw));
    if (!stated.triplets.empty()) break;
  }
  stated.hall = first_of(block, {"_space_group_name_Hall", "_symmetry_space_group_name_Hall"});
  stated.hermann_mauguin =
      first_of(block, {"_space_group_name_H-M_alt", "_symmetry_space_group_name_H-M"});
  stated.number = first_of(block, {"_space_group_IT_number", "_symmetry_Int_Tables_number"});
  return stated;
}

/// "PB" and "pb" as Pb; nothing where there is no such element. Isotopes of hydrogen are hydrogen.
std::optional<std::string> element_named(std::string letters) {
  if (letters.empty() || letters.size() > 2) return std::nullopt;
  letters = lower(letters);
  letters[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(letters[0])));
  if (letters == "D" || letters == "T") return "H";
  try {
    static_cast<void>(atoms::atomic_number(letters));
  } catch (const Error&) {
    return std::nullopt;
  }
  return letters;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string leading_letters(const std::string& text) {
  std::size_t length = 0;
  while (length < text.size() && is_letter(text[length])) ++length;
  return text.substr(0, length);
}

/// Of "Pb2+", where nothing but the element's letters can stand.
std::string element_of_symbol(const std::string& symbol) {
  if (const auto element = element_named(leading_letters(symbol))) return *element;
  fail("'" + printable(symbol) + "' is no chemical element; expected one such as Pb or Pb2+");
}

/// Of "Pb1A": the first two letters or the first alone. Where both are elements, only the usual
/// spelling (Pb, not PB) decides.
std::string element_of_label(const std::string& label) {
  const std::string letters = leading_letters(label);
  const auto two = letters.size() > 1 ? element_named(letters.substr(0, 2)) : std::nullopt;
  const auto one = element_named(letters.substr(0, 1));
  const bool usual = letters.size() > 1 && std::islower(static_cast<unsigned char>(letters[1]));
  if (two && (usual || !one)) return *two;
  if (one && !two && !usual) return *one;
  if (one && two)
    fail("the label " + printable(label) + " may mean " + *one + " or " + *two +
         "; expected _atom_site_type_symbol");
  fail("the label '" + printable(label) + "' begins with no chemical element");
}

/// Columns of the loop of atoms, in the order asked for below.
enum Column : std::size_t { label_at, x_at, y_at, z_at, symbol_at, occupancy_at, flag_at };

cif::Table atom_table(cif::Block& block) {
  return block.find("_atom_site_", {"label", "fract_x", "fract_y", "fract_z", "?type_symbol",
                                    "?occupancy", "?calc_flag"});
}

/// Nothing for what is no atom.
std::optional<atoms::Site> site_of(cif::Table::Row& row) {
  if (row.has2(flag_at) && lower(cif::as_string(row[flag_at])) == "dum") return std::nullopt;
  atoms::Site site;
  site.label = cif::as_string(row[label_at]);
  const std::string name = "atom " + printable(site.label);
  if (row.has2(occupancy_at)) site.occupancy = number(row[occupancy_at], name + ": its occupancy");
  if (site.occupancy == 0) return std::nullopt;
  if (!(site.occupancy > 0 && site.occupancy < 1.1))
    fail(name + ": its occupancy is " + shortest(site.occupancy) + "; expected 0 to 1");
  site.element = row.has2(symbol_at) ? element_of_symbol(cif::as_string(row[symbol_at]))
                                     : element_of_label(site.label);
  for (int i = 0; i < 3; ++i)
    site.fractional[i] = number(row[x_at + static_cast<std::size_t>(i)],
                                name + ": its fractional " + std::string(1, "xyz"[i]));
  return site;
}

atoms::Structure structure_of(cif::Block& block, const std::string& name) {
  atoms::Structure structure;
  structure.name = name;
  structure.cell = cell_of(block);
  const auto symmetry = operations(symmetry_of(block), structure.cell);
  for (auto row : atom_table(block)) {
    auto site = site_of(row);
    if (!site) continue;
    for (const auto& place : orbit(site->fractional, symmetry, structure.cell)) {
      site->fractional = place;
      structure.sites.push_back(*site);
    }
    if (structure.sites.size() > most_sites)
      fail("over " + std::to_string(most_sites) + " atoms in its cell");
  }
  if (structure.sites.empty()) fail("has no atoms");
  return structure;
}

/// What gemmi says of bad syntax is `name:line:column: ...` already or has no place at all.
[[noreturn]] void fail_as_cif(const std::string& name, const std::string& what) {
  const bool has_place = what.starts_with(name + ":");
  throw Error(Cause::data, printable(has_place ? what : name + ": " + what) +
                               "; expected a crystal structure in CIF");
}

cif::Document document_of(const std::string& text, const std::string& name) {
  try {
    return cif::read_memory(text.data(), text.size(), name.c_str());
  } catch (const std::exception& error) {
    fail_as_cif(name, error.what());
  }
}

}  // namespace

atoms::Structure parse_cif(const std::string& text, const std::string& name) {
  if (text.size() > most_bytes)
    throw Error(Cause::data, printable(name) + ": over 4 MiB; expected a crystal structure in CIF");
  auto document = document_of(text, name);
  for (auto& block : document.blocks) {
    if (!atom_table(block).ok()) continue;
    try {
      return structure_of(block, name);
    } catch (const Error& error) {
      throw error.at(printable(name));
    } catch (const std::exception& error) {
      fail_as_cif(name, error.what());
    }
  }
  throw Error(Cause::data, printable(name) +
                               ": has no atoms; expected a loop of _atom_site_label and "
                               "_atom_site_fract_x, _y, _z");
}

atoms::Structure read_cif(const std::string& path) {
  return parse_cif(read_file(path, most_bytes), std::filesystem::path(path).filename().string());
}

}  // namespace twin::formats
