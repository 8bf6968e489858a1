// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potentials.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "atoms/mass.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "md/deep.h"
#include "md/description.h"
#include "md/ions.h"

namespace twin::md {

namespace {

const std::vector<std::string> of_all{"name", "pair_style", "temperature_max", "source", "licence"};
const std::vector<std::string> common{
    "name", "pair_style", "lattice_min", "lattice_max", "temperature_max", "source", "licence"};
const std::vector<std::string> optional{"lattice_atoms", "temperature_min", "caveat"};
const std::vector<std::string> of_eam{"element", "file", "mass"};
const std::vector<std::string> of_alloys{"elements", "file"};

/// Of one element, or with `elements` of an alloy's, whose masses are the standard weights.
void read_eam(const Description& lines, Potential& potential) {
  const bool alloy = lines.has("elements") && potential.pair_style == "eam/alloy";
  const auto& own = alloy ? of_alloys : of_eam;
  auto keys = common;
  keys.insert(keys.end(), own.begin(), own.end());
  lines.check_keys(keys, optional);
  potential.file = lines.plain("file");
  if (!alloy) potential.mass = lines.positive("mass", "u");
  for (const std::string& element :
       alloy ? lines.plain_words("elements") : std::vector{lines.plain("element")}) {
    if (std::ranges::find(potential.elements, element) != potential.elements.end())
      lines.fail("elements", element + " is there twice");
    potential.elements.push_back(element);
    potential.types.push_back({element, element, {}});
  }
  if (potential.elements.empty()) lines.fail("elements", "expected one or more");
}

/// Where it may be believed: what a deep potential need not say.
void read_validity(const Description& lines, Potential& potential) {
  if (!potential.restrains()) {
    potential.lattice_min = lines.positive("lattice_min", "Å");
    potential.lattice_max = lines.positive("lattice_max", "Å");
    if (potential.lattice_min >= potential.lattice_max)
      lines.fail("lattice_min", "is not below lattice_max");
    if (lines.has("lattice_atoms")) {
      const double atoms = lines.positive("lattice_atoms", "");
      if (atoms > 1000 || atoms != std::round(atoms))
        lines.fail("lattice_atoms", "expected a whole number to 1000");
      potential.lattice_atoms = static_cast<int>(atoms);
    }
  }
  potential.temperature_max = lines.positive("temperature_max", "K");
  if (!lines.text("temperature_min").empty())
    potential.temperature_min = lines.positive("temperature_min", "K");
  if (potential.temperature_min >= potential.temperature_max)
    lines.fail("temperature_min", "is not below temperature_max");
}

}  // namespace

const AtomType& Potential::type(const std::string& type_name) const {
  const auto found = std::ranges::find(types, type_name, &AtomType::name);
  if (found == types.end())
    throw Error(Cause::internal, "potential " + name + ": no type " + printable(type_name));
  return *found;
}

double Potential::mass_of(const std::string& element) const {
  return mass > 0 ? mass : atoms::atomic_mass(element);
}

Potential parse_potential(std::string_view text, const std::string& where) {
  const Description lines(text, where);
  Potential potential;
  potential.pair_style = lines.text("pair_style");
  if (potential.pair_style.empty()) lines.fail("pair_style is missing");
  const bool deep = potential.pair_style == "deepmd";
  if (potential.pair_style == "eam" || potential.pair_style == "eam/alloy")
    read_eam(lines, potential);
  else if (deep)
    read_deep(lines, where, potential);
  else if (is_of_ions(potential.pair_style))
    read_ions(lines, common, optional, potential);
  else if (potential.restrains())
    read_restraints(lines, of_all, optional, potential);
  else
    lines.fail("pair_style", "'" + printable(potential.pair_style) +
                                 "' is unknown; expected eam, eam/alloy, buck/coul/long, "
                                 "lj/cut/coul/long, both of the latter, zero, or deepmd");
  potential.name = lines.plain("name");
  potential.source = lines.text("source");
  potential.licence = lines.text("licence");
  potential.caveat = lines.text("caveat");
  if (!deep) read_validity(lines, potential);
  return potential;
}

namespace {

std::vector<std::filesystem::path> potential_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* own = std::getenv("TWIN_POTENTIALS"); own != nullptr)
    for (const auto folder : split(own, ':'))
      if (!folder.empty()) folders.emplace_back(folder);
  folders.emplace_back(shared_file("potentials"));
  return folders;
}

}  // namespace

std::vector<std::string> potential_names() {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& folder : potential_folders())
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string description_of(const std::string& name) {
  std::error_code ignored;
  if (is_plain(name))
    for (const auto& folder : potential_folders())
      if (const auto path = folder / (name + ".yaml");
          std::filesystem::is_regular_file(path, ignored))
        return path;
  const auto known = potential_names();
  throw Error(Cause::configuration, "potential '" + printable(name) + "' is unknown; there are " +
                                        join(known, ", ") + perhaps(name, known));
}

Potential find_potential(const std::string& name) {
  const std::string path = description_of(name);
  Potential potential = parse_potential(read_file(path, 1U << 16), path);
  if (potential.name != name)
    throw Error(Cause::configuration, printable(path) + ": name is " + potential.name +
                                          "; expected that of the file, " + name);
  return potential;
}

std::string folder_of(const Potential& potential) {
  std::vector<std::string> folders;
  if (const char* own = std::getenv("LAMMPS_POTENTIALS"); own != nullptr) folders.emplace_back(own);
  folders.emplace_back("/usr/share/lammps/potentials");
  if (potential.file.empty()) return folders.back();
  std::error_code ignored;
  for (const std::string& folder : folders)
    if (std::filesystem::is_regular_file(folder + "/" + potential.file, ignored)) return folder;
  throw Error(Cause::unavailable, potential.file + ": not in " + printable(join(folders, " or ")) +
                                      "; Debian package lammps-data has it");
}

}  // namespace twin::md
