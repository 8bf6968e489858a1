// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potentials.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::md {

namespace {

const std::vector<std::string> keys{"name",   "element",     "file",        "pair_style",
                                    "mass",   "lattice_min", "lattice_max", "temperature_max",
                                    "source", "licence"};

/// Letters, digits and "_-+.", not beginning with a dot or a dash: safe in an input script and in a
/// path.
bool is_plain(std::string_view word) {
  constexpr std::string_view safe =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.";
  return !word.empty() && word.size() <= 100 && word.front() != '.' && word.front() != '-' &&
         word.find_first_not_of(safe) == std::string_view::npos;
}

std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
    value = value.substr(1, value.size() - 2);
  return std::string(value);
}

/// The lines of a description, checked for their keys.
class Description {
 public:
  Description(std::string_view text, std::string where) : where_(std::move(where)) {
    int number = 0;
    for (const std::string_view line : split(text, '\n')) {
      ++number;
      if (trim(line).empty() || trim(line).front() == '#') continue;
      add(line, where_ + ":" + std::to_string(number));
    }
    for (const std::string& key : keys)
      if (!values_.contains(key)) fail(where_, key + " is missing");
  }

  [[nodiscard]] const std::string& text(const std::string& key) const { return values_.at(key); }

  [[nodiscard]] std::string plain(const std::string& key) const {
    if (!is_plain(text(key))) fail(where_ + ": " + key, "expected one plain word");
    return text(key);
  }

  [[nodiscard]] double positive(const std::string& key, const std::string& unit) const {
    double value = 0;
    try {
      value = parse_in(text(key), unit);
    } catch (const Error& error) {
      fail(where_ + ": " + key, error.what());
    }
    if (!(value > 0)) fail(where_ + ": " + key, "expected a positive number");
    return value;
  }

  [[noreturn]] static void fail(const std::string& where, const std::string& what) {
    throw Error(Cause::configuration, printable(where) + ": " + what);
  }

 private:
  void add(std::string_view line, const std::string& place) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) fail(place, "expected `key: value`");
    const std::string key(line.substr(0, colon));
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      fail(place, "unknown key '" + printable(key) + "'" + perhaps(key, keys));
    if (!values_.emplace(key, unquoted(trim(line.substr(colon + 1)))).second)
      fail(place, key + " is given twice");
  }

  std::string where_;
  std::map<std::string, std::string> values_;
};

}  // namespace

Potential parse_potential(std::string_view text, const std::string& where) {
  const Description lines(text, where);
  Potential potential;
  potential.name = lines.plain("name");
  potential.element = lines.plain("element");
  potential.file = lines.plain("file");
  potential.pair_style = lines.text("pair_style");
  if (potential.pair_style != "eam" && potential.pair_style != "eam/alloy")
    Description::fail(where + ": pair_style", "'" + printable(potential.pair_style) +
                                                  "' is unknown; expected eam or eam/alloy");
  potential.source = lines.text("source");
  potential.licence = lines.text("licence");
  potential.mass = lines.positive("mass", "u");
  potential.lattice_min = lines.positive("lattice_min", "Å");
  potential.lattice_max = lines.positive("lattice_max", "Å");
  potential.temperature_max = lines.positive("temperature_max", "K");
  if (potential.lattice_min >= potential.lattice_max)
    Description::fail(where, "lattice_min is not below lattice_max");
  return potential;
}

std::vector<std::string> potential_names() {
  std::vector<std::string> names;
  std::error_code ignored;
  const std::filesystem::path folder = shared_file("potentials");
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

Potential find_potential(const std::string& name) {
  const auto known = potential_names();
  if (!is_plain(name) || std::find(known.begin(), known.end(), name) == known.end())
    throw Error(Cause::configuration, "potential '" + printable(name) + "' is unknown; there are " +
                                          join(known, ", ") + perhaps(name, known));
  const std::string path = shared_file("potentials/" + name + ".yaml");
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
  std::error_code ignored;
  for (const std::string& folder : folders)
    if (std::filesystem::is_regular_file(folder + "/" + potential.file, ignored)) return folder;
  throw Error(Cause::unavailable, potential.file + ": not in " + printable(join(folders, " or ")) +
                                      "; Debian package lammps-data has it");
}

std::string pair_commands(const Potential& potential) {
  if (potential.pair_style == "eam/alloy")
    return "pair_style eam/alloy\npair_coeff * * " + potential.file + " " + potential.element +
           "\n";
  return "pair_style eam\npair_coeff 1 1 " + potential.file + "\n";
}

}  // namespace twin::md
