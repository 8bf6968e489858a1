// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/potentials.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "atoms/mass.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::md {

namespace {

const std::vector<std::string> common{
    "name", "pair_style", "lattice_min", "lattice_max", "temperature_max", "source", "licence"};
const std::vector<std::string> optional{"temperature_min", "caveat"};
const std::vector<std::string> of_eam{"element", "file", "mass"};
const std::vector<std::string> of_buckingham{"elements", "cutoff"};

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

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(Cause::configuration, printable(where) + ": " + what);
}

/// The lines of a description, each key once.
class Description {
 public:
  Description(std::string_view text, std::string where) : where_(std::move(where)) {
    int number = 0;
    for (const std::string_view line : split(text, '\n')) {
      ++number;
      if (trim(line).empty() || trim(line).front() == '#') continue;
      add(line, where_ + ":" + std::to_string(number), number);
    }
  }

  /// All of \p required must be there, nothing else but \p allowed.
  void check_keys(const std::vector<std::string>& required,
                  const std::vector<std::string>& allowed) const {
    for (const std::string& key : required)
      if (!values_.contains(key)) fail(where_, key + " is missing");
    std::vector<std::string> all = required;
    all.insert(all.end(), allowed.begin(), allowed.end());
    for (const auto& [key, line] : values_)
      if (std::ranges::find(all, key) == all.end())
        fail(where_ + ":" + std::to_string(line.number),
             "unknown key '" + printable(key) + "'" + perhaps(key, all));
  }

  /// "" where the key is not there.
  [[nodiscard]] const std::string& text(const std::string& key) const {
    static const std::string nothing;
    const auto found = values_.find(key);
    return found == values_.end() ? nothing : found->second.value;
  }

  [[nodiscard]] std::string plain(const std::string& key) const {
    return plain(text(key), where_ + ": " + key);
  }

  [[nodiscard]] static std::string plain(std::string_view word, const std::string& place) {
    if (!is_plain(word)) fail(place, "expected one plain word");
    return std::string(word);
  }

  /// Words between spaces.
  [[nodiscard]] std::vector<std::string> plain_words(const std::string& key) const {
    std::vector<std::string> out;
    for (const std::string_view word : words(text(key)))
      out.push_back(plain(word, where_ + ": " + key));
    return out;
  }

  [[nodiscard]] double number(const std::string& key, const std::string& unit) const {
    return number(key, text(key), unit);
  }

  [[nodiscard]] double positive(const std::string& key, const std::string& unit) const {
    const double value = number(key, unit);
    if (!(value > 0)) fail(where_ + ": " + key, "expected a positive number");
    return value;
  }

  /// "A, ρ, C" of a pair.
  [[nodiscard]] Buckingham buckingham(const std::string& key) const {
    const auto parts = split(text(key), ',');
    if (parts.size() != 3) fail(where_ + ": " + key, "expected A, ρ and C, each with its unit");
    const Buckingham out{number(key, parts[0], "eV"), number(key, parts[1], "Å"),
                         number(key, parts[2], "eV Å⁶")};
    if (!(out.a_eV >= 0 && out.rho > 0 && out.c_eV_A6 >= 0))
      fail(where_ + ": " + key, "a term is negative, or ρ is not positive");
    return out;
  }

 private:
  struct Line {
    std::string value;
    int number = 0;
  };

  void add(std::string_view line, const std::string& place, int number) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) fail(place, "expected `key: value`");
    const std::string key(line.substr(0, colon));
    if (!values_.emplace(key, Line{unquoted(trim(line.substr(colon + 1))), number}).second)
      fail(place, printable(key) + " is given twice");
  }

  [[nodiscard]] double number(const std::string& key, std::string_view value,
                              const std::string& unit) const {
    try {
      return parse_in(value, unit);
    } catch (const Error& error) {
      fail(where_ + ": " + key, error.what());
    }
  }

  std::string where_;
  std::map<std::string, Line> values_;
};

void read_eam(const Description& lines, Potential& potential) {
  auto keys = common;
  keys.insert(keys.end(), of_eam.begin(), of_eam.end());
  lines.check_keys(keys, optional);
  potential.elements = {lines.plain("element")};
  potential.file = lines.plain("file");
  potential.mass = lines.positive("mass", "u");
}

void read_buckingham(const Description& lines, Potential& potential) {
  potential.elements = lines.plain_words("elements");
  auto keys = common;
  keys.insert(keys.end(), of_buckingham.begin(), of_buckingham.end());
  const auto& elements = potential.elements;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    keys.push_back("charge " + elements[i]);
    for (std::size_t j = 0; j <= i; ++j) keys.push_back("pair " + elements[j] + "-" + elements[i]);
  }
  lines.check_keys(keys, optional);
  potential.cutoff = lines.positive("cutoff", "Å");
  for (std::size_t i = 0; i < elements.size(); ++i) {
    potential.charges[elements[i]] = lines.number("charge " + elements[i], "");
    for (std::size_t j = 0; j <= i; ++j)
      potential.pairs[{elements[i], elements[j]}] = potential.pairs[{elements[j], elements[i]}] =
          lines.buckingham("pair " + elements[j] + "-" + elements[i]);
  }
}

std::string buckingham_commands(const Potential& potential,
                                const std::vector<std::string>& species) {
  std::string text = "pair_style buck/coul/long " + shortest(potential.cutoff) + "\n";
  for (std::size_t i = 0; i < species.size(); ++i)
    for (std::size_t j = i; j < species.size(); ++j) {
      const Buckingham& pair = potential.pairs.at({species[i], species[j]});
      text += "pair_coeff " + std::to_string(i + 1) + " " + std::to_string(j + 1) + " " +
              shortest(pair.a_eV) + " " + shortest(pair.rho) + " " + shortest(pair.c_eV_A6) + "\n";
    }
  return text + "kspace_style pppm 1.0e-4\n";
}

}  // namespace

double Potential::mass_of(const std::string& element) const {
  return mass > 0 ? mass : atoms::atomic_mass(element);
}

Potential parse_potential(std::string_view text, const std::string& where) {
  const Description lines(text, where);
  Potential potential;
  potential.pair_style = lines.text("pair_style");
  if (potential.pair_style == "eam" || potential.pair_style == "eam/alloy")
    read_eam(lines, potential);
  else if (potential.pair_style == "buck/coul/long")
    read_buckingham(lines, potential);
  else if (potential.pair_style.empty())
    fail(where, "pair_style is missing");
  else
    fail(where + ": pair_style", "'" + printable(potential.pair_style) +
                                     "' is unknown; expected eam, eam/alloy or buck/coul/long");
  potential.name = lines.plain("name");
  potential.source = lines.text("source");
  potential.licence = lines.text("licence");
  potential.caveat = lines.text("caveat");
  potential.lattice_min = lines.positive("lattice_min", "Å");
  potential.lattice_max = lines.positive("lattice_max", "Å");
  potential.temperature_max = lines.positive("temperature_max", "K");
  if (!lines.text("temperature_min").empty())
    potential.temperature_min = lines.positive("temperature_min", "K");
  if (potential.lattice_min >= potential.lattice_max)
    fail(where, "lattice_min is not below lattice_max");
  if (potential.temperature_min >= potential.temperature_max)
    fail(where, "temperature_min is not below temperature_max");
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
  if (potential.file.empty()) return folders.back();
  std::error_code ignored;
  for (const std::string& folder : folders)
    if (std::filesystem::is_regular_file(folder + "/" + potential.file, ignored)) return folder;
  throw Error(Cause::unavailable, potential.file + ": not in " + printable(join(folders, " or ")) +
                                      "; Debian package lammps-data has it");
}

std::string pair_commands(const Potential& potential, const std::vector<std::string>& species) {
  for (const std::string& element : species)
    if (std::ranges::find(potential.elements, element) == potential.elements.end())
      throw Error(Cause::configuration, "potential " + potential.name + ": is of " +
                                            join(potential.elements, ", ") +
                                            ", the structure has '" + printable(element) + "'");
  if (potential.pair_style == "buck/coul/long") return buckingham_commands(potential, species);
  if (potential.pair_style == "eam/alloy")
    return "pair_style eam/alloy\npair_coeff * * " + potential.file + " " + species.front() + "\n";
  return "pair_style eam\npair_coeff 1 1 " + potential.file + "\n";
}

}  // namespace twin::md
