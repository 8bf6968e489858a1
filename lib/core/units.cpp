// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/units.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/text.h"

namespace twin {

namespace {

constexpr double joule = 1 / 1.602176634e-19;                  // eV, exact since 2019
constexpr double kcal_per_mol = 4184 * joule / 6.02214076e23;  // eV; the thermochemical calorie
constexpr double pascal = joule * 1e-30;                       // eV/Å³
constexpr double gram_per_cm3 = 0.602214076;                   // u/Å³

struct Alias {
  std::string_view name, unit;
};

// What people write for a unit. A alone is the ampere: as a length it is refused.
constexpr Alias aliases[] = {{"Ångström", "Å"},
                             {"angstrom", "Å"},
                             {"Angstrom", "Å"},
                             {"\u212B", "Å"},
                             {"A\u030A", "Å"},
                             {"Å^2", "Å²"},
                             {"A^2", "Å²"},
                             {"angstrom^2", "Å²"},
                             {"Å^3", "Å³"},
                             {"A^3", "Å³"},
                             {"angstrom^3", "Å³"},
                             {"Å^4", "Å⁴"},
                             {"A^4", "Å⁴"},
                             {"angstrom^4", "Å⁴"},
                             {"1/A", "1/Å"},
                             {"1/angstrom", "1/Å"},
                             {"Å^-1", "1/Å"},
                             {"A^-1", "1/Å"},
                             {"Å⁻¹", "1/Å"},
                             {"1/A^2", "1/Å²"},
                             {"1/Å^2", "1/Å²"},
                             {"Å^-2", "1/Å²"},
                             {"A^-2", "1/Å²"},
                             {"Å⁻²", "1/Å²"},
                             {"1/angstrom^2", "1/Å²"},
                             {"1/A^3", "1/Å³"},
                             {"1/Å^3", "1/Å³"},
                             {"Å^-3", "1/Å³"},
                             {"A^-3", "1/Å³"},
                             {"Å⁻³", "1/Å³"},
                             {"1/A^4", "1/Å⁴"},
                             {"1/Å^4", "1/Å⁴"},
                             {"Å^-4", "1/Å⁴"},
                             {"A^-4", "1/Å⁴"},
                             {"Å⁻⁴", "1/Å⁴"},
                             {"1/angstrom^3", "1/Å³"},
                             {"1/angstrom^4", "1/Å⁴"},
                             {"degC", "°C"},
                             {"C", "°C"},
                             {"kelvin", "K"},
                             {"sec", "s"},
                             {"hour", "h"},
                             {"eV/A^3", "eV/Å³"},
                             {"eV/Å^3", "eV/Å³"},
                             {"eV/A", "eV/Å"},
                             {"eV/A^2", "eV/Å²"},
                             {"eV/Å^2", "eV/Å²"},
                             {"kcal/mol/A^2", "kcal/mol/Å²"},
                             {"kcal/mol/Å^2", "kcal/mol/Å²"},
                             {"°", "deg"},
                             {"degree", "deg"},
                             {"percent", "%"},
                             {"Hz", "1/s"},
                             {"count", "counts"},
                             {"g/cm^3", "g/cm³"},
                             {"g/cc", "g/cm³"},
                             {"g/cm^2", "g/cm²"},
                             {"us", "µs"},
                             {"μs", "µs"},
                             {"RH%", "%RH"},
                             {"A/K", "Å/K"},
                             {"angstrom/K", "Å/K"},
                             {"Å^2/ps", "Å²/ps"},
                             {"A^2/ps", "Å²/ps"},
                             {"angstrom^2/ps", "Å²/ps"},
                             {"cm^2/s", "cm²/s"},
                             {"K^-1", "1/K"},
                             {"amu", "u"},
                             {"Da", "u"},
                             {"electronvolt", "eV"},
                             {"radian", "rad"},
                             {"second", "s"}};

std::vector<Unit> make_units() {
  const double degree = std::numbers::pi / 180;
  return {{"", "number", 1},
          {"%", "fraction", 0.01},
          {"Å", "length", 1},
          {"nm", "length", 10},
          {"pm", "length", 0.01},
          {"Å²", "area", 1},
          {"Å³", "volume", 1},
          {"Å⁴", "length to the fourth", 1},
          {"1/Å", "wavenumber", 1},
          {"1/Å²", "inverse area", 1},
          {"1/Å³", "inverse volume", 1},
          {"1/Å⁴", "inverse length to the fourth", 1},
          {"eV", "energy", 1},
          {"keV", "energy", 1e3},
          {"meV", "energy", 1e-3},
          {"kcal/mol", "energy", kcal_per_mol},
          {"eV Å⁶", "dispersion", 1},
          {"kcal/mol Å⁶", "dispersion", kcal_per_mol},
          {"eV/Å", "force", 1},
          {"meV/ps", "power", 1e-6},
          {"eV/Å²", "stiffness", 1},
          {"kcal/mol/Å²", "stiffness", kcal_per_mol},
          {"K", "temperature", 1},
          {"°C", "temperature", 1, 273.15},
          {"s", "time", 1e15},
          {"ms", "time", 1e12},
          {"min", "time", 60e15},
          {"h", "time", 3600e15},
          {"fs", "time", 1},
          {"ps", "time", 1e3},
          {"ns", "time", 1e6},
          {"µs", "time", 1e9},
          {"Pa", "pressure", pascal},
          {"bar", "pressure", 1e5 * pascal},
          {"GPa", "pressure", 1e9 * pascal},
          {"eV/Å³", "pressure", 1},
          {"rad", "angle", 1},
          {"deg", "angle", degree},
          {"mdeg", "angle", 1e-3 * degree},
          {"K/min", "heating rate", 1 / 60e15},
          {"1/s", "rate", 1e-15},
          {"Gy", "dose", 1},
          {"counts", "counts", 1},
          {"g/cm³", "density", gram_per_cm3},
          {"g/cm²", "areal density", gram_per_cm3 * 1e8},
          {"V", "voltage", 1},
          {"V/m", "electric field", 1e-10},
          {"A", "current", 1e-15 * joule},
          {"mA", "current", 1e-18 * joule},
          {"%RH", "humidity", 0.01},
          {"Å/K", "expansion", 1},
          {"Å²/ps", "diffusion", 1e-3},
          {"cm²/s", "diffusion", 10},
          {"1/K", "inverse temperature", 1},
          {"u", "mass", 1}};
}

std::string in_quotes(std::string_view unit) {
  return unit.empty() ? "no unit" : "\"" + printable(unit) + "\"";
}

Unit known_unit(std::string_view name) {
  if (auto unit = find_unit(name)) return *unit;
  std::vector<std::string> names;
  for (const Unit& unit : all_units()) names.push_back(unit.name);
  for (const Alias& alias : aliases) names.emplace_back(alias.name);
  throw Error(Cause::data, "unknown unit " + in_quotes(name) + perhaps(name, names));
}

}  // namespace

const std::vector<Unit>& all_units() {
  static const std::vector<Unit> units = make_units();
  return units;
}

std::optional<Unit> find_unit(std::string_view name) {
  const auto alias = std::ranges::find(aliases, name, &Alias::name);
  if (alias != std::end(aliases)) name = alias->unit;
  const auto unit = std::ranges::find(all_units(), name, &Unit::name);
  if (unit == all_units().end()) return std::nullopt;
  return *unit;
}

double convert(double value, std::string_view from, std::string_view to) {
  const Unit source = known_unit(from), target = known_unit(to);
  if (source.name == target.name) return value;
  if (source.dimension != target.dimension) {
    const bool ampere = source.name == "A" && target.dimension == "length";
    throw Error(Cause::data, in_quotes(source.name) + " is a unit of " + source.dimension + ", " +
                                 target.dimension + " in " + in_quotes(target.name) + " expected" +
                                 (ampere ? "; perhaps Å" : ""));
  }
  return (value * source.factor + source.offset - target.offset) / target.factor;
}

Measure parse_measure(std::string_view text) {
  const std::string_view body = trim(text);
  const auto plus = static_cast<std::size_t>(body.starts_with('+') && !body.starts_with("+-"));
  double value = 0;
  const auto [stop, error] = std::from_chars(body.data() + plus, body.data() + body.size(), value);
  if (error != std::errc() || !std::isfinite(value))
    throw Error(Cause::data, "\"" + printable(text) +
                                 "\" is not a finite number with a unit; "
                                 "write it as in 3.69 Å");
  const auto used = static_cast<std::size_t>(stop - body.data());
  return {value, known_unit(trim(body.substr(used))).name};
}

double parse_in(std::string_view text, std::string_view unit) {
  const Measure measure = parse_measure(text);
  if (measure.unit.empty() && !unit.empty())
    throw Error(Cause::data, "\"" + printable(text) + "\" has no unit; expected as in " +
                                 printable(trim(text)) + " " + std::string(unit));
  return convert(measure.value, measure.unit, unit);
}

}  // namespace twin
