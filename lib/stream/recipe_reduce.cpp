// SPDX-License-Identifier: GPL-3.0-or-later
// twin-recipe(5): normalisation and background.
#include <algorithm>

#include "stream/document.h"
#include "stream/recipe_parts.h"

namespace twin::stream {

using namespace record;

namespace {

// A number, or the way to find it.
void decode_e0(Fields& fields, ReduceSettings& out) {
  const Value* found = fields.find("e0");
  if (found == nullptr) return;
  static const std::vector<std::string> ways = {"derivative", "half", "table", "reference"};
  const bool word = found->is_string() && std::ranges::find(ways, found->string()) != ways.end();
  if (word)
    out.e0_from = found->string();
  else
    out.e0 = fields.measure("e0", "eV", true);
}

// As Athena is configured when it is installed.
void add_athena_ranges(ReduceSettings& out) {
  if (!out.pre1) out.pre1 = -150;
  if (!out.pre2) out.pre2 = -30;
  if (!out.norm1) out.norm1 = 150;
  if (!out.norm2) out.before_end = 100;
}

AutobkSettings autobk_of(const std::string& defaults) {
  AutobkSettings out;
  out.kweight = defaults == "athena" ? 2 : 1;
  if (defaults != "athena") return out;
  out.nclamp = 5;
  out.clamp_lo = 0;
  out.clamp_hi = 24;
  return out;
}

}  // namespace

const std::vector<std::string>& windows() {
  static const std::vector<std::string> names = {"hanning", "fhanning", "kaiser",   "parzen",
                                                 "welch",   "sine",     "gaussian", "bessel"};
  return names;
}

ReduceSettings decode_reduce(Fields fields, const std::string& defaults) {
  ReduceSettings out;
  decode_e0(fields, out);
  out.pre1 = fields.measure("pre1", "eV", true);
  out.pre2 = fields.measure("pre2", "eV", true);
  out.norm1 = fields.measure("norm1", "eV", true);
  out.norm2 = fields.measure("norm2", "eV", true);
  if (fields.find("nnorm") != nullptr) out.nnorm = fields.whole("nnorm", 1, 0, 5);
  out.nvict = fields.whole("nvict", 0, 0, 4);
  out.method = choice(fields, "method", out.method, {"polynomial", "mback"});
  out.stored = fields.boolean("stored", false);
  out.normalised = fields.boolean("normalised", false);
  if (defaults == "athena" && !out.normalised) add_athena_ranges(out);
  if (out.pre1 && out.pre2 && *out.pre1 >= *out.pre2) fields.fail("pre2", "is not above pre1");
  if (out.norm1 && out.norm2 && *out.norm1 >= *out.norm2)
    fields.fail("norm2", "is not above norm1");
  fields.refuse_rest();
  return out;
}

AutobkSettings decode_autobk(Fields fields, const std::string& defaults) {
  AutobkSettings out = autobk_of(defaults);
  out.rbkg = positive(fields, "rbkg", fields.measure("rbkg", "Å", true).value_or(out.rbkg));
  out.kweight = fields.number("kweight", out.kweight);
  out.kmin = fields.measure("kmin", "1/Å", true).value_or(out.kmin);
  out.kmax = fields.measure("kmax", "1/Å", true);
  out.dk = fields.measure("dk", "1/Å", true).value_or(out.dk);
  out.window = choice(fields, "window", out.window, windows());
  out.nclamp = fields.whole("nclamp", out.nclamp, 0, 100);
  out.clamp_lo = fields.number("clamp_lo", out.clamp_lo);
  out.clamp_hi = fields.number("clamp_hi", out.clamp_hi);
  if (out.kmin < 0 || (out.kmax && *out.kmax <= out.kmin)) fields.fail("kmax", "is not above kmin");
  check_taper(fields, "dk", out.dk, out.window);
  fields.refuse_rest();
  return out;
}

}  // namespace twin::stream
