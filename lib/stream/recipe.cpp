// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5).
#include <algorithm>
#include <filesystem>

#include "core/hash.h"
#include "core/text.h"
#include "stream/document.h"
#include "stream/documents.h"
#include "stream/json.h"

namespace twin::stream {

using namespace record;

namespace {

const std::vector<std::string> windows = {"hanning", "kaiser", "parzen",
                                          "welch",   "sine",   "gaussian"};

/// A column's name, or its number from 1.
std::string column(Fields& fields, std::string_view key, const Value& value) {
  if (value.is_integer() && value.integer() > 0) return std::to_string(value.integer());
  if (value.is_string() && !value.string().empty()) return value.string();
  fields.fail(key, "expected the name of a column, or its number from 1", &value);
}

std::string column(Fields& fields, std::string_view key, std::string otherwise = "") {
  const Value* found = fields.find(key);
  return found == nullptr ? otherwise : column(fields, key, *found);
}

Columns decode_columns(Fields fields) {
  Columns out;
  out.energy = column(fields, "energy", out.energy);
  out.mu = column(fields, "mu");
  out.i0 = column(fields, "i0");
  out.it = column(fields, "it");
  if (const Value* found = fields.find("fluorescence")) {
    if (!found->is_array())
      out.fluorescence = {column(fields, "fluorescence", *found)};
    else
      for (const Value& item : found->array())
        out.fluorescence.push_back(column(fields, "fluorescence", item));
  }
  out.energy_unit = choice(fields, "energy_unit", out.energy_unit, {"eV", "keV"});
  const bool ratio = !out.i0.empty() && (!out.it.empty() || !out.fluorescence.empty());
  if (out.mu.empty() != ratio || (ratio && !out.it.empty() && !out.fluorescence.empty()))
    fields.fail("mu", "expected mu, or i0 with one of it and fluorescence");
  fields.refuse_rest();
  return out;
}

ReduceSettings decode_reduce(Fields fields) {
  ReduceSettings out;
  out.e0 = fields.measure("e0", "eV", true);
  out.pre1 = fields.measure("pre1", "eV", true);
  out.pre2 = fields.measure("pre2", "eV", true);
  out.norm1 = fields.measure("norm1", "eV", true);
  out.norm2 = fields.measure("norm2", "eV", true);
  if (fields.find("nnorm") != nullptr) out.nnorm = fields.whole("nnorm", 1, 0, 5);
  out.normalised = fields.boolean("normalised", false);
  if (out.pre1 && out.pre2 && *out.pre1 >= *out.pre2) fields.fail("pre2", "is not above pre1");
  if (out.norm1 && out.norm2 && *out.norm1 >= *out.norm2)
    fields.fail("norm2", "is not above norm1");
  fields.refuse_rest();
  return out;
}

std::map<std::string, ReduceSettings> decode_scans(Fields scans) {
  std::map<std::string, ReduceSettings> out;
  for (const auto& [name, entry] : scans.value().object()) {
    Fields scan = scans.inside(name, entry);
    out.emplace(name, decode_reduce(scan.inside("reduce")));
    scan.refuse_rest();
  }
  return out;
}

AutobkSettings decode_autobk(Fields fields) {
  AutobkSettings out;
  out.rbkg = positive(fields, "rbkg", fields.measure("rbkg", "Å", true).value_or(out.rbkg));
  out.kweight = fields.number("kweight", out.kweight);
  out.kmin = fields.measure("kmin", "1/Å", true).value_or(out.kmin);
  out.kmax = fields.measure("kmax", "1/Å", true);
  out.dk = fields.measure("dk", "1/Å", true).value_or(out.dk);
  out.window = choice(fields, "window", out.window, windows);
  out.nclamp = fields.whole("nclamp", out.nclamp, 0, 100);
  out.clamp_lo = fields.number("clamp_lo", out.clamp_lo);
  out.clamp_hi = fields.number("clamp_hi", out.clamp_hi);
  if (out.kmin < 0 || (out.kmax && *out.kmax <= out.kmin)) fields.fail("kmax", "is not above kmin");
  fields.refuse_rest();
  return out;
}

StandardSettings decode_standard(Fields fields) {
  StandardSettings out;
  out.scan = fields.text("scan");
  out.n = fields.number("n", 0);
  if (fields.find("gives") != nullptr) out.gives = fields.identifiers("gives");
  for (const std::string& name : out.gives)
    if (name != "s02") fields.fail("gives", name + " can't be taken from a standard; s02 can");
  out.s02 = fields.number("s02");
  out.s02_sigma = fields.number("s02_sigma");
  out.s02_sigma_sys = fields.number("s02_sigma_sys");
  if (out.scan.empty() == !out.s02.has_value()) fields.fail("scan", "expected scan and n, or s02");
  if (!out.scan.empty()) positive(fields, "n", out.n);
  if (out.s02) positive(fields, "s02", *out.s02);
  fields.refuse_rest();
  return out;
}

FitSettings decode_fit(Fields fields) {
  FitSettings out;
  out.space = choice(fields, "space", out.space, {"r"});
  out.kmin = fields.measure("kmin", "1/Å", true).value_or(out.kmin);
  out.kmax = fields.measure("kmax", "1/Å", true).value_or(out.kmax);
  out.dk = fields.measure("dk", "1/Å", true).value_or(out.dk);
  if (fields.find("kweights") != nullptr) out.kweights = fields.numbers("kweights");
  out.window = choice(fields, "window", out.window, windows);
  out.rmin = fields.measure("rmin", "Å", true).value_or(out.rmin);
  out.rmax = fields.measure("rmax", "Å", true).value_or(out.rmax);
  if (out.kmin < 0 || out.kmin >= out.kmax) fields.fail("kmax", "is not above kmin");
  if (out.rmin < 0 || out.rmin >= out.rmax) fields.fail("rmax", "is not above rmin");
  if (out.kweights.empty()) fields.fail("kweights", "is empty; expected as in [1, 2, 3]");
  fields.refuse_rest();
  return out;
}

/// {value, free, bounds}, or only a value, which is then fixed.
PathParameter decode_parameter(Fields& path, std::string_view key, std::string_view unit,
                               bool bare) {
  PathParameter out;
  const Value* found = path.find(key);
  if (found == nullptr) return out;
  if (!found->is_object()) {
    out.value = path.measure_of(key, *found, unit, bare);
    return out;
  }
  Fields fields = path.inside(key, *found);
  out.value = fields.measure("value", unit, bare);
  out.free = fields.boolean("free", false);
  if (const Value* pair = fields.find("bounds")) {
    const auto [lower, upper] = bounds(fields, "bounds", *pair, unit, bare);
    out.lower = lower;
    out.upper = upper;
    if (out.value && (*out.value < lower || *out.value > upper))
      fields.fail("value", "is outside its bounds");
  }
  fields.refuse_rest();
  return out;
}

PathSettings decode_path(Fields fields) {
  PathSettings out;
  fields.need("name");
  out.name = fields.identifier("name");
  out.n = decode_parameter(fields, "n", "", true);
  out.r = decode_parameter(fields, "r", "Å", false);
  out.sigma2 = decode_parameter(fields, "sigma2", "Å²", false);
  out.c3 = decode_parameter(fields, "c3", "Å³", false);
  out.e0 = decode_parameter(fields, "e0", "eV", true);
  fields.refuse_rest();
  return out;
}

std::vector<PathSettings> decode_paths(Fields& fields) {
  std::vector<PathSettings> out;
  const Value* list = fields.find("paths");
  if (list == nullptr) return out;
  if (!list->is_array()) fields.fail("paths", "expected a list of mappings", list);
  for (const Value& item : list->array()) {
    out.push_back(decode_path(fields.inside("paths", item)));
    if (std::ranges::count(out, out.back().name, &PathSettings::name) > 1)
      fields.fail("paths", out.back().name + " stands twice", &item);
  }
  return out;
}

void check_parameter_name(const Fields& fields, const Recipe& recipe, const std::string& name) {
  const auto colon = name.find(':');
  static const std::vector<std::string> parameters = {"n", "r", "sigma2", "c3", "e0"};
  std::vector<std::string> known;
  for (const PathSettings& path : recipe.paths)
    for (const std::string& parameter : parameters) known.push_back(parameter + ":" + path.name);
  if (colon == std::string::npos || std::ranges::find(known, name) == known.end())
    fields.fail(name, "is no parameter of a path" + perhaps(name, known));
}

std::vector<Variant> decode_variants(const Fields& variants, const Recipe& recipe) {
  std::vector<Variant> out;
  for (const auto& [name, entry] : variants.value().object()) {
    Fields fields = variants.inside(name, entry);
    Variant variant;
    variant.name = variants.check_identifier(name, Value(name));
    variant.free = fields.identifiers("free");
    variant.fixed = fields.identifiers("fixed");
    for (const auto& list : {variant.free, variant.fixed})
      for (const std::string& parameter : list) check_parameter_name(fields, recipe, parameter);
    fields.refuse_rest();
    out.push_back(std::move(variant));
  }
  return out;
}

std::vector<std::pair<double, double>> decode_bands(Fields& fields) {
  std::vector<std::pair<double, double>> out;
  const Value* list = fields.find("bands");
  if (list == nullptr) return out;
  if (!list->is_array()) fields.fail("bands", "expected a list as [2.8-3.6]", list);
  for (const Value& item : list->array()) {
    const auto parts = split(item.is_string() ? std::string_view(item.string()) : "", '-');
    const auto from = parse_double(trim(parts.front())), to = parse_double(trim(parts.back()));
    if (parts.size() != 2 || !from || !to || !(*from >= 0) || !(*from < *to) || !(*to < 1e3))
      fields.fail("bands", "expected as in 2.8-3.6 (Å)", &item);
    out.emplace_back(*from, *to);
  }
  return out;
}

void decode_feff(Fields fields, Recipe& out) {
  out.feff.lattice = choice(fields, "lattice", out.feff.lattice, {"fcc", "bcc", "sc"});
  fields.need("element");
  out.feff.element = fields.identifier("element");
  fields.need("a");
  out.feff.a = positive(fields, "a", fields.measure("a", "Å").value_or(0));
  out.feff.rmax =
      positive(fields, "rmax", fields.measure("rmax", "Å", true).value_or(out.feff.rmax));
  out.feff.legs = fields.whole("legs", out.feff.legs, 2, 6);
  out.feff_amplitude_sys = fields.fraction("amplitude_sys", out.feff_amplitude_sys);
  if (out.feff_amplitude_sys < 0 || out.feff_amplitude_sys > 1)
    fields.fail("amplitude_sys", "expected 0 % to 100 %");
  fields.refuse_rest();
}

}  // namespace

Recipe decode_recipe(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-recipe/1");
  Recipe out;
  out.name = fields.text("name", std::filesystem::path(name).stem().string());
  out.technique = choice(fields, "technique", out.technique, {"xas"});
  out.edge = fields.need_text("edge");
  out.defaults = choice(fields, "defaults", out.defaults, {"larch-2026.3"});
  if (const Value* found = fields.find("columns"))
    out.columns = decode_columns(fields.inside("columns", *found));
  if (const Value* found = fields.find("reduce"))
    out.reduce = decode_reduce(fields.inside("reduce", *found));
  if (const Value* found = fields.find("scans"))
    out.reduce_by_scan = decode_scans(fields.inside("scans", *found));
  if (const Value* found = fields.find("autobk"))
    out.autobk = decode_autobk(fields.inside("autobk", *found));
  if (const Value* found = fields.find("standard"))
    out.standard = decode_standard(fields.inside("standard", *found));
  if (const Value* found = fields.find("fit")) out.fit = decode_fit(fields.inside("fit", *found));
  out.paths = decode_paths(fields);
  if (const Value* found = fields.find("variants"))
    out.variants = decode_variants(fields.inside("variants", *found), out);
  out.bands = decode_bands(fields);
  if (const Value* found = fields.find("feff"))
    decode_feff(fields.inside("feff", *found), out);
  else if (!out.paths.empty())
    fields.fail("feff", "is missing; paths need amplitudes and phases");
  fields.refuse_rest();
  out.sha256 = sha256(canonical_json(document));
  out.document = document;
  return out;
}

Recipe read_recipe(const std::string& path) { return decode_recipe(load_document(path), path); }

}  // namespace twin::stream
