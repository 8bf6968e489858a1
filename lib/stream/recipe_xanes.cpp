// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5): what is read from the edge itself.
#include <algorithm>

#include "core/text.h"
#include "stream/document.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

const std::vector<std::string> curves = {"norm", "flat", "derivative"};

void decode_range(Fields& fields, double& from, double& to) {
  const Value* found = fields.find("range");
  if (found == nullptr) return;
  const auto [lower, upper] = bounds(fields, "range", *found, "eV", true);
  from = lower;
  to = upper;
}

XanesStandard decode_known(Fields fields, const std::string& file) {
  XanesStandard out;
  fields.need("name");
  out.name = fields.identifier("name");
  out.scan = beside(file, fields.text("file"));
  out.valence = fields.number("valence");
  out.valence_sigma = fields.number("valence_sigma");
  fields.need("file");
  fields.refuse_rest();
  return out;
}

LcfSettings decode_lcf(Fields fields, const std::string& file) {
  LcfSettings out;
  const Value& list = fields.need("standards");
  if (!list.is_array() || list.array().empty())
    fields.fail("standards", "expected a list of mappings with name and file", &list);
  for (const Value& item : list.array()) {
    out.standards.push_back(decode_known(fields.inside("standards", item), file));
    if (std::ranges::count(out.standards, out.standards.back().name, &XanesStandard::name) > 1)
      fields.fail("standards", out.standards.back().name + " stands twice", &item);
  }
  decode_range(fields, out.emin, out.emax);
  out.space = choice(fields, "space", out.space, curves);
  out.step = fields.boolean("step", out.step);
  out.slope = fields.boolean("slope", out.slope);
  out.shift = fields.boolean("shift", out.shift);
  out.broadening = fields.boolean("broadening", out.broadening);
  out.self_absorption = fields.boolean("self_absorption", out.self_absorption);
  out.max_shift = positive(fields, "max_shift",
                           fields.measure("max_shift", "eV", true).value_or(out.max_shift));
  out.sum_to_one = fields.boolean("sum_to_one", out.sum_to_one);
  out.nonnegative = fields.boolean("nonnegative", out.nonnegative);
  out.combinations = fields.boolean("combinations", out.combinations);
  out.largest = fields.whole("largest", out.largest, 1, 6);
  out.criterion = choice(fields, "criterion", out.criterion, {"bic", "aic"});
  fields.refuse_rest();
  return out;
}

PrePeakSettings decode_prepeaks(Fields fields) {
  PrePeakSettings out;
  fields.need("baseline_range");
  const auto [emin, emax] =
      bounds(fields, "baseline_range", fields.need("baseline_range"), "eV", true);
  const auto [elo, ehi] = bounds(fields, "peak_range", fields.need("peak_range"), "eV", true);
  if (!(emin < elo && ehi < emax)) fields.fail("peak_range", "is not inside baseline_range");
  if (emin < 100) fields.fail("baseline_range", "is absolute, eV, not from E0");
  out.emin = emin;
  out.emax = emax;
  out.elo = elo;
  out.ehi = ehi;
  out.baseline =
      choice(fields, "baseline", out.baseline, {"line", "line+lorentzian", "line+arctan"});
  out.peaks = fields.whole("peaks", out.peaks, 0, 6);
  out.shape = choice(fields, "shape", out.shape, {"gaussian", "lorentzian", "voigt"});
  fields.refuse_rest();
  return out;
}

SeriesSettings decode_series(Fields fields) {
  SeriesSettings out;
  decode_range(fields, out.emin, out.emax);
  out.space = choice(fields, "space", out.space, curves);
  out.components = fields.whole("components", out.components, 0, 20);
  out.mcr = fields.boolean("mcr", out.mcr);
  out.closure = fields.boolean("closure", out.closure);
  fields.refuse_rest();
  return out;
}

WhiteLineSettings decode_white_line(Fields& xanes, const Value& value) {
  WhiteLineSettings out;
  if (value.is_bool()) return out;
  Fields fields = xanes.inside("white_line", value);
  decode_range(fields, out.emin, out.emax);
  fields.refuse_rest();
  return out;
}

}  // namespace

XanesSettings decode_xanes(Fields fields, const std::string& file) {
  XanesSettings out;
  if (const Value* found = fields.find("lcf"))
    out.lcf = decode_lcf(fields.inside("lcf", *found), file);
  if (const Value* found = fields.find("prepeaks"))
    out.prepeaks = decode_prepeaks(fields.inside("prepeaks", *found));
  if (const Value* found = fields.find("white_line"); found != nullptr && *found != Value(false))
    out.white_line = decode_white_line(fields, *found);
  if (const Value* found = fields.find("series"))
    out.series = decode_series(fields.inside("series", *found));
  fields.refuse_rest();
  return out;
}

}  // namespace twin::stream
