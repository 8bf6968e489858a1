// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/cif.h"

#include <Eigen/LU>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <gemmi/unitcell.hpp>
#include <optional>

#include "atoms/element.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "formats/cif_document.h"
#include "formats/cif_symmetry.h"

namespace twin::formats {

namespace {

constexpr std::size_t most_bytes = 4u << 20;
constexpr std::size_t most_sites = 10000;

[[noreturn]] void fail(const std::string& what) { throw Error(Cause::data, what); }

/// A number of the file; its standard uncertainty in brackets is dropped.
double number(const std::string& text, const std::string& what) {
  std::string_view digits = text;
  if (const auto open = digits.find('('); open != digits.npos && digits.ends_with(')')) {
    const auto uncertainty = digits.substr(open + 1, digits.size() - open - 2);
    if (uncertainty.find_first_not_of("0123456789.") == uncertainty.npos)
      digits = digits.substr(0, open);
  }
  const auto value = parse_double(digits);
  if (!value || !(std::abs(*value) <= 1e6))
    fail(what + " is '" + (text.empty() ? "?" : printable(text)) + "'; expected a number");
  return *value;
}

/// The value of the first tag that has one; else "".
std::string first_of(const CifBlock& block, std::initializer_list<const char*> tags) {
  for (const char* tag : tags)
    if (const std::string value = block.value(tag); !value.empty()) return value;
  return {};
}

Eigen::Matrix3d cell_of(const CifBlock& block) {
  static const std::array<std::string, 6> tags{"length_a",    "length_b",   "length_c",
                                               "angle_alpha", "angle_beta", "angle_gamma"};
  std::array<double, 6> values{};
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string tag = "_cell_" + tags[i];
    if (block.count(tag) == 0) fail("has no " + tag + "; expected the cell's lengths and angles");
    values[i] = number(block.value(tag), tag);
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

StatedSymmetry symmetry_of(const CifBlock& block) {
  StatedSymmetry stated;
  for (const char* tag : {"_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz",
                          "_symmetry_equiv_pos_as_xyz"})
    if (const auto found = block.values.find(tag);
        found != block.values.end() && stated.triplets.empty())
      stated.triplets = found->second;
  stated.hall = first_of(block, {"_space_group_name_hall", "_symmetry_space_group_name_hall"});
  stated.hermann_mauguin =
      first_of(block, {"_space_group_name_h-m_alt", "_symmetry_space_group_name_h-m"});
  stated.number = first_of(block, {"_space_group_it_number", "_symmetry_int_tables_number"});
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

/// Nothing for what is no atom.
std::optional<atoms::Site> site_of(const CifBlock& block, std::size_t row) {
  const auto value = [&](const char* column) {
    return block.value(std::string("_atom_site_") + column, row);
  };
  if (lower(value("calc_flag")) == "dum") return std::nullopt;
  atoms::Site site;
  site.label = value("label");
  const std::string name = "atom " + printable(site.label);
  if (const auto text = value("occupancy"); !text.empty())
    site.occupancy = number(text, name + ": its occupancy");
  if (site.occupancy == 0) return std::nullopt;
  if (!(site.occupancy > 0 && site.occupancy < 1.1))
    fail(name + ": its occupancy is " + shortest(site.occupancy) + "; expected 0 to 1");
  const std::string symbol = value("type_symbol");
  site.element = symbol.empty() ? element_of_label(site.label) : element_of_symbol(symbol);
  const std::array<const char*, 3> axes{"fract_x", "fract_y", "fract_z"};
  for (std::size_t i = 0; i < 3; ++i)
    site.fractional[static_cast<Eigen::Index>(i)] =
        number(value(axes[i]), name + ": its _atom_site_" + axes[i]);
  return site;
}

bool has_atoms(const CifBlock& block) {
  return block.count("_atom_site_label") > 0 && block.count("_atom_site_fract_x") > 0;
}

atoms::Structure structure_of(const CifBlock& block, const std::string& name) {
  atoms::Structure structure;
  structure.name = name;
  structure.cell = cell_of(block);
  const auto symmetry = operations(symmetry_of(block), structure.cell);
  for (std::size_t row = 0; row < block.count("_atom_site_label"); ++row) {
    auto site = site_of(block, row);
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

std::vector<CifBlock> blocks_of(const std::string& text, const std::string& name) {
  try {
    return cif_blocks(text, name);
  } catch (const std::exception& error) {  // of the parser, with its place or without
    const std::string what = error.what();
    throw Error(Cause::data, printable(what.starts_with(name + ":") ? what : name + ": " + what) +
                                 "; expected a crystal structure in CIF");
  }
}

}  // namespace

atoms::Structure parse_cif(const std::string& text, const std::string& name) {
  if (text.size() > most_bytes)
    throw Error(Cause::data, printable(name) + ": over 4 MiB; expected a crystal structure in CIF");
  for (const auto& block : blocks_of(text, name)) {
    if (!has_atoms(block)) continue;
    try {
      return structure_of(block, name);
    } catch (const Error& error) {
      throw error.at(printable(name));
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
