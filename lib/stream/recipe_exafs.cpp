// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5): paths, what binds them, and the ranges of the fit.
#include <algorithm>

#include "core/text.h"
#include "core/units.h"
#include "stream/document.h"
#include "stream/parts.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

Prior decode_prior(const Fields& fields, const Value& pair, std::string_view unit, bool bare) {
  if (!pair.is_array() || pair.array().size() != 2)
    fields.fail("prior", "expected [mean, sigma]", &pair);
  const Prior out{fields.measure_of("prior", pair.array()[0], unit, bare),
                  fields.measure_of("prior", pair.array()[1], unit, bare)};
  if (!(out.sigma > 0)) fields.fail("prior", "sigma must be more than 0", &pair);
  return out;
}

/// Value, freedom, bounds and prior: what path parameters and parameters of the fit share.
template <class Parameter>
void decode_bonds(Fields& fields, Parameter& out, std::string_view unit, bool bare) {
  if (const Value* pair = fields.find("bounds")) {
    const auto [lower, upper] = bounds(fields, "bounds", *pair, unit, bare);
    out.lower = lower;
    out.upper = upper;
  }
  if (const Value* pair = fields.find("prior")) out.prior = decode_prior(fields, *pair, unit, bare);
}

std::string decode_expression(Fields& fields) {
  const Value* found = fields.find("expr");
  const std::string out = fields.text("expr");
  if (found != nullptr && trim(out).empty()) fields.fail("expr", "is empty; expected as in 2*a");
  return out;
}

/// A start outside of its bounds, and a prior of what is fixed, are mistakes.
template <class Parameter>
void check_bonds(const Fields& fields, const Parameter& p, std::optional<double> value) {
  if (value && p.lower && (*value < *p.lower || *value > *p.upper))
    fields.fail("value", "is outside its bounds");
  if (p.prior && !p.free) fields.fail("prior", "is of no use: the parameter is not free");
}

/// {value, free, bounds, prior} or {expr}, or only a value, which is then fixed.
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
  out.expression = decode_expression(fields);
  out.value = fields.measure("value", unit, bare);
  out.free = fields.boolean("free", false);
  decode_bonds(fields, out, unit, bare);
  if (!out.expression.empty() && (out.value || out.free || out.lower || out.prior))
    fields.fail("expr", "takes the place of value, free, bounds and prior");
  check_bonds(fields, out, out.value);
  fields.refuse_rest();
  return out;
}

PathSettings decode_path(Fields fields, const std::string& file) {
  PathSettings out;
  fields.need("name");
  out.name = fields.identifier("name");
  out.n = decode_parameter(fields, "n", "", true);
  out.r = decode_parameter(fields, "r", "Å", true);
  out.sigma2 = decode_parameter(fields, "sigma2", "Å²", true);
  out.c3 = decode_parameter(fields, "c3", "Å³", true);
  out.c4 = decode_parameter(fields, "c4", "Å⁴", true);
  out.e0 = decode_parameter(fields, "e0", "eV", true);
  out.file = beside(file, fields.text("file"));
  out.index = fields.whole("index", 0, 1, 9999);
  if (!out.file.empty() && out.index > 0) fields.fail("index", "and file are both given");
  fields.refuse_rest();
  return out;
}

void decode_own_value(Fields& fields, FitParameter& out) {
  out.value = fields.need_number("value");
  out.free = fields.boolean("free", true);
  out.each = fields.boolean("each", false);
  decode_bonds(fields, out, "", true);
  check_bonds(fields, out, out.value);
}

void refuse_own_value(Fields& fields, FitParameter& out) {
  out.free = false;
  for (const char* key : {"value", "free", "each", "bounds", "prior"})
    if (fields.find(key) != nullptr)
      fields.fail(key, "and expr are both given; what an expression gives is no parameter's own");
}

void check_parameter_name(const Fields& fields, const Recipe& recipe, const std::string& name) {
  static const std::vector<std::string> parameters = {"n", "r", "sigma2", "c3", "c4", "e0"};
  std::vector<std::string> known;
  for (const PathSettings& path : recipe.paths)
    for (const std::string& parameter : parameters) known.push_back(parameter + ":" + path.name);
  if (std::ranges::find(known, name) == known.end())
    fields.fail(name, "is no parameter of a path" + perhaps(name, known));
}

}  // namespace

std::vector<PathSettings> decode_paths(Fields& recipe, const std::string& file) {
  std::vector<PathSettings> out;
  const Value* list = recipe.find("paths");
  if (list == nullptr) return out;
  if (!list->is_array()) recipe.fail("paths", "expected a list of mappings", list);
  for (const Value& item : list->array()) {
    out.push_back(decode_path(recipe.inside("paths", item), file));
    if (std::ranges::count(out, out.back().name, &PathSettings::name) > 1)
      recipe.fail("paths", out.back().name + " stands twice", &item);
  }
  return out;
}

std::vector<FitParameter> decode_parameters(const Fields& parameters) {
  std::vector<FitParameter> out;
  for (const auto& [name, entry] : parameters.value().object()) {
    Fields fields = parameters.inside(name, entry);
    FitParameter p;
    p.name = parameters.check_identifier(name, Value(name));
    p.unit = decode_unit(fields);
    p.expression = decode_expression(fields);
    if (p.expression.empty())
      decode_own_value(fields, p);
    else
      refuse_own_value(fields, p);
    fields.refuse_rest();
    out.push_back(std::move(p));
  }
  return out;
}

std::vector<Restraint> decode_restraints(Fields& recipe) {
  std::vector<Restraint> out;
  const Value* list = recipe.find("restraints");
  if (list == nullptr) return out;
  if (!list->is_array()) recipe.fail("restraints", "expected a list of mappings", list);
  for (const Value& item : list->array()) {
    Fields fields = recipe.inside("restraints", item);
    fields.need("expr");
    Restraint restraint{decode_expression(fields), fields.need_number("value"),
                        fields.need_number("sigma")};
    positive(fields, "sigma", restraint.sigma);
    fields.refuse_rest();
    out.push_back(std::move(restraint));
  }
  return out;
}

JointSettings decode_joint(Fields fields) {
  JointSettings out;
  fields.need("scans");
  out.scans = fields.identifiers("scans");
  if (out.scans.size() < 2) fields.fail("scans", "expected two scans or more");
  fields.refuse_rest();
  return out;
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
    if (variant.free.empty() && variant.fixed.empty())
      fields.fail("free", "and fixed name nothing: the fit would be the same");
    for (const std::string& parameter : variant.free)
      if (std::ranges::find(variant.fixed, parameter) != variant.fixed.end())
        fields.fail("fixed", parameter + " can't be free and fixed");
    fields.refuse_rest();
    out.push_back(std::move(variant));
  }
  return out;
}

StandardSettings decode_standard(Fields fields, const std::string& file) {
  StandardSettings out;
  out.scan = fields.text("scan");
  const std::string measurement = fields.text("measurement");
  if (!measurement.empty() && !out.scan.empty())
    fields.fail("measurement", "and scan are both given; a file, or a scan of the stream");
  out.file = !measurement.empty();
  if (out.file) out.scan = beside(file, measurement);
  out.structure = beside(file, fields.text("structure"));
  out.n = fields.number("n", 0);
  if (fields.find("gives") != nullptr) out.gives = fields.identifiers("gives");
  for (const std::string& name : out.gives)
    if (name != "s02" && name != "de0")
      fields.fail("gives", name + " can't be taken from a standard; s02 and de0 can");
  out.s02 = fields.number("s02");
  out.s02_sigma = fields.number("s02_sigma");
  out.s02_sigma_sys = fields.number("s02_sigma_sys");
  if (out.scan.empty() == !out.s02.has_value())
    fields.fail("scan", "expected scan or measurement, or s02");
  if (!out.scan.empty() && out.n != 0) positive(fields, "n", out.n);
  if (out.s02) positive(fields, "s02", *out.s02);
  for (const char* key : {"s02_sigma", "s02_sigma_sys"})
    if (fields.number(key, 0) < 0) fields.fail(key, "is negative");
  fields.refuse_rest();
  return out;
}

FitSettings decode_fit(Fields fields) {
  FitSettings out;
  out.space = choice(fields, "space", out.space, {"k", "r", "q"});
  out.kmin = fields.measure("kmin", "1/Å", true).value_or(out.kmin);
  out.kmax = fields.measure("kmax", "1/Å", true).value_or(out.kmax);
  out.dk = fields.measure("dk", "1/Å", true).value_or(out.dk);
  if (fields.find("kweights") != nullptr) out.kweights = fields.numbers("kweights");
  out.window = choice(fields, "window", out.window, windows());
  out.rmin = fields.measure("rmin", "Å", true).value_or(out.rmin);
  out.rmax = fields.measure("rmax", "Å", true).value_or(out.rmax);
  out.dr = fields.measure("dr", "Å", true).value_or(out.dr);
  out.rwindow = choice(fields, "rwindow", out.rwindow, windows());
  out.epsilon_k = fields.number("epsilon_k");
  if (out.epsilon_k) positive(fields, "epsilon_k", *out.epsilon_k);
  if (out.kmin < 0 || out.kmin >= out.kmax) fields.fail("kmax", "is not above kmin");
  if (out.rmin < 0 || out.rmin >= out.rmax) fields.fail("rmax", "is not above rmin");
  if (out.kweights.empty()) fields.fail("kweights", "is empty; expected as in [1, 2, 3]");
  for (const double weight : out.kweights)
    if (std::ranges::count(out.kweights, weight) > 1)
      fields.fail("kweights", shortest(weight) + " stands twice");
  if (out.space != "k") check_taper(fields, "dk", out.dk, out.window);
  if (out.space == "q") check_taper(fields, "dr", out.dr, out.rwindow);
  fields.refuse_rest();
  return out;
}

void decode_feff(Fields fields, Recipe& out, const std::string& file) {
  out.feff.structure = beside(file, fields.text("structure"));
  out.feff.site = fields.text("site");
  if (out.feff.structure.empty()) {
    out.feff.lattice = choice(fields, "lattice", out.feff.lattice, {"fcc", "bcc", "sc"});
    fields.need("element");
    out.feff.element = fields.identifier("element");
    fields.need("a");
    out.feff.a = positive(fields, "a", fields.measure("a", "Å").value_or(0));
    if (!out.feff.site.empty()) fields.fail("site", "is of a structure; none is given");
  }
  out.feff.rmax =
      positive(fields, "rmax", fields.measure("rmax", "Å", true).value_or(out.feff.rmax));
  out.feff.legs = fields.whole("legs", out.feff.legs, 2, 6);
  out.feff_amplitude_sys = fields.fraction("amplitude_sys", out.feff_amplitude_sys);
  if (out.feff_amplitude_sys < 0 || out.feff_amplitude_sys > 1)
    fields.fail("amplitude_sys", "expected 0 % to 100 %");
  fields.refuse_rest();
}

}  // namespace twin::stream
