// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5): from columns to µ(E), and what is put right before it is reduced.
#include <algorithm>

#include "core/text.h"
#include "stream/document.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

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

std::vector<std::string> columns(Fields& fields, std::string_view key) {
  const Value* found = fields.find(key);
  if (found == nullptr) return {};
  if (!found->is_array()) return {column(fields, key, *found)};
  std::vector<std::string> out;
  for (const Value& item : found->array()) out.push_back(column(fields, key, item));
  return out;
}

PixelCalibration decode_pixels(Fields fields, const std::string& file) {
  PixelCalibration out;
  if (fields.find("polynomial") != nullptr) out.polynomial = fields.numbers("polynomial");
  out.scan = beside(file, fields.text("scan"));
  out.to = beside(file, fields.text("to"));
  out.order = fields.whole("order", out.order, 1, 5);
  const bool found = !out.scan.empty() && !out.to.empty();
  if (out.polynomial.empty() == !found || (found && out.polynomial.size() > 0))
    fields.fail("polynomial", "expected polynomial, or scan and to");
  if (!found && out.polynomial.size() < 2)
    fields.fail("polynomial", "expected two coefficients or more, from the constant on");
  fields.refuse_rest();
  return out;
}

DeadTime decode_dead_time(Fields fields, std::size_t channels) {
  DeadTime out;
  if (const Value* found = fields.find("tau")) {
    const auto add = [&](const Value& v) {
      out.tau.push_back(fields.measure_of("tau", v, "s", false));
      if (!(out.tau.back() >= 0)) fields.fail("tau", "is negative", &v);
    };
    if (found->is_array())
      for (const Value& item : found->array()) add(item);
    else
      add(*found);
  }
  out.time = column(fields, "time");
  out.icr = columns(fields, "icr");
  out.ocr = columns(fields, "ocr");
  if (out.tau.empty() == out.icr.empty()) fields.fail("tau", "expected tau, or icr and ocr");
  if (out.icr.size() != out.ocr.size()) fields.fail("ocr", "expected as many as icr");
  if (out.tau.size() > 1 && out.tau.size() != channels)
    fields.fail("tau", "expected one value, or one for each fluorescence channel");
  if (!out.icr.empty() && out.icr.size() != channels)
    fields.fail("icr", "expected one for each fluorescence channel");
  fields.refuse_rest();
  return out;
}

bool enough(const Columns& c) {
  const bool ratio =
      !c.i0.empty() && (!c.it.empty() || !c.fluorescence.empty() || !c.yield.empty());
  return !c.mu.empty() || ratio;
}

}  // namespace

Columns decode_columns(Fields fields, const std::string& file) {
  Columns out;
  out.energy = column(fields, "energy", out.energy);
  out.mu = column(fields, "mu");
  out.i0 = column(fields, "i0");
  out.it = column(fields, "it");
  out.fluorescence = columns(fields, "fluorescence");
  if (const auto alias = columns(fields, "if"); !alias.empty()) {
    if (!out.fluorescence.empty())
      fields.fail("if", "and fluorescence are the same; one is enough");
    out.fluorescence = alias;
  }
  out.yield = column(fields, "yield");
  out.ir = column(fields, "ir");
  out.mu_reference = column(fields, "mu_reference");
  out.energy_unit = choice(fields, "energy_unit", out.energy_unit, {"eV", "keV"});
  out.d_spacing = fields.measure("d_spacing", "Å");
  if (out.d_spacing) positive(fields, "d_spacing", *out.d_spacing);
  out.angle_unit = choice(fields, "angle_unit", out.angle_unit, {"deg", "mdeg", "rad"});
  if (const Value* found = fields.find("pixels"))
    out.pixels = decode_pixels(fields.inside("pixels", *found), file);
  if (const Value* found = fields.find("dead_time"))
    out.dead_time = decode_dead_time(fields.inside("dead_time", *found), out.fluorescence.size());
  if (!enough(out)) fields.fail("mu", "expected mu, or i0 with one of it, fluorescence and yield");
  if (out.pixels && out.d_spacing)
    fields.fail("pixels", "and d_spacing are both given; the column counts one thing");
  if (!out.ir.empty() && out.it.empty())
    fields.fail("ir", "needs it: the reference lies behind it");
  if (out.dead_time && out.fluorescence.empty())
    fields.fail("dead_time", "is of fluorescence channels; none is given");
  fields.refuse_rest();
  return out;
}

Sample decode_sample(Fields fields) {
  Sample out;
  out.formula = fields.text("formula");
  const auto angle = [&](std::string_view key, double otherwise) {
    const double value = fields.measure(key, "deg", true).value_or(otherwise);
    if (!(value > 0 && value <= 90))
      fields.fail(key, "expected more than 0 and at most 90 degrees");
    return value;
  };
  out.angle_in = angle("angle_in", out.angle_in);
  out.angle_out = angle("angle_out", out.angle_out);
  out.areal_density = fields.measure("areal_density", "g/cm²");
  if (out.areal_density) positive(fields, "areal_density", *out.areal_density);
  fields.refuse_rest();
  return out;
}

std::vector<std::pair<double, double>> ranges(Fields& fields, std::string_view key,
                                              std::string_view unit) {
  std::vector<std::pair<double, double>> out;
  const Value* list = fields.find(key);
  if (list == nullptr) return out;
  if (!list->is_array()) fields.fail(key, "expected a list of [from, to]", list);
  for (const Value& item : list->array()) out.push_back(bounds(fields, key, item, unit, true));
  return out;
}

DeglitchSettings decode_deglitch(Fields& recipe, const Value& value) {
  DeglitchSettings out;
  if (value.is_bool()) return out;
  Fields fields = recipe.inside("deglitch", value);
  out.threshold = positive(fields, "threshold", fields.number("threshold", out.threshold));
  out.widest = fields.whole("widest", out.widest, 1, 50);
  out.remove = ranges(fields, "remove", "eV");
  out.automatic = fields.boolean("automatic", out.automatic);
  fields.refuse_rest();
  return out;
}

EnergySettings decode_energy(Fields fields) {
  EnergySettings out;
  out.shift = fields.measure("shift", "eV", true);
  out.to = fields.measure("to", "eV", true);
  out.align = fields.text("align");
  if (int{out.shift.has_value()} + int{out.to.has_value()} + int{!out.align.empty()} != 1)
    fields.fail("shift", "expected one of shift, to and align");
  fields.refuse_rest();
  return out;
}

RebinSettings decode_rebin(Fields& recipe, const Value& value) {
  RebinSettings out;
  if (value.is_bool()) return out;
  Fields fields = recipe.inside("rebin", value);
  const auto step = [&](std::string_view key, std::string_view unit, double otherwise) {
    return positive(fields, key, fields.measure(key, unit, true).value_or(otherwise));
  };
  out.pre_step = step("pre_step", "eV", out.pre_step);
  if (fields.find("xanes_step") != nullptr) out.xanes_step = step("xanes_step", "eV", 0);
  out.exafs_kstep = step("exafs_kstep", "1/Å", out.exafs_kstep);
  out.method = choice(fields, "method", out.method, {"boxcar", "centroid", "spline"});
  fields.refuse_rest();
  return out;
}

MergeSettings decode_merge(Fields fields) {
  MergeSettings out;
  out.by = choice(fields, "by", out.by, {"sample", "period", "all"});
  out.reject = positive(fields, "reject", fields.number("reject", out.reject));
  out.expect = fields.whole("expect", out.expect, 0, 1'000'000);
  fields.refuse_rest();
  return out;
}

SelfAbsorptionSettings decode_self_absorption(Fields& recipe) {
  return {choice(recipe, "self_absorption", "fluo", {"fluo", "booth"})};
}

}  // namespace twin::stream
