// SPDX-License-Identifier: GPL-3.0-or-later
// twin-bounds(5).
#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "stream/document.h"
#include "stream/documents.h"
#include "stream/variable.h"

namespace twin::stream {

using namespace record;

namespace {

double bound_seconds(Fields& fields, std::string_view key, double otherwise) {
  return positive(fields, key, fields.measure(key, "s").value_or(otherwise));
}

AllowedMode decode_allowed(Fields fields, const Bounds& bounds) {
  AllowedMode out;
  fields.need("scan");
  out.scan = fields.identifier("scan");
  fields.need("every");
  out.every_seconds = bound_seconds(fields, "every", 0);
  if (out.every_seconds < bounds.least_every || out.every_seconds > bounds.most_every)
    fields.fail("every", "lies outside of the document's own bounds, " +
                             shortest(bounds.least_every) + " to " + shortest(bounds.most_every) +
                             " s");
  if (fields.find("at_most") != nullptr) out.at_most_seconds = bound_seconds(fields, "at_most", 0);
  out.dose_Gy = fields.measure("dose", "Gy").value_or(0);
  if (!(out.dose_Gy >= 0)) fields.fail("dose", "expected 0 or more");
  fields.text("note");
  fields.refuse_rest();
  return out;
}

/// A program and its words.
std::vector<std::string> decode_program(Fields& fields) {
  auto words = fields.texts("program");
  if (!words.empty() && words.front().empty()) fields.fail("program", "expected its name first");
  return words;
}

/// Each mode has a value of its own, so that it can be told by what is read back.
void check_values(const Fields& fields, const Actuator& actuator) {
  for (const auto& [mode, value] : actuator.pv_values)
    for (const auto& [other, its] : actuator.pv_values)
      if (mode < other && std::abs(value - its) <= 2 * actuator.pv_tolerance)
        fields.fail("values", mode + " and " + other + " can't be told apart");
}

void decode_variable(Fields& told, const Bounds& bounds, Actuator& out) {
  if (told.find("pv") == nullptr) return;
  out.pv = out.read_back_pv = variable_name(told, "pv");
  out.pv_unit = unit_of_variable(told);
  out.pv_egu = spelling_of_unit(told);
  out.pv_seconds = bound_seconds(told, "within", out.pv_seconds);
  const bool bare = out.pv_unit.empty();
  const Fields values = told.inside("values");
  double largest = 0;
  for (const auto& [mode, value] : values.value().object()) {
    if (!bounds.modes.contains(mode)) told.fail("values", mode + " is none of modes", &value);
    const double number = values.measure_of(mode, value, out.pv_unit, bare);
    out.pv_values.emplace(mode, number);
    largest = std::max(largest, std::abs(number));
  }
  for (const auto& [mode, allowed] : bounds.modes)
    if (!out.pv_values.contains(mode)) told.fail("values", mode + " has none");
  out.pv_tolerance = 1e-6 * largest;
  if (const Value* tolerance = told.find("tolerance"))
    out.pv_tolerance = told.measure_of("tolerance", *tolerance, out.pv_unit, bare);
  if (!(out.pv_tolerance >= 0)) told.fail("tolerance", "expected 0 or more");
  check_values(told, out);
}

Actuator decode_actuator(Fields& fields, const Bounds& bounds) {
  Actuator out;
  Fields told = fields.inside("actuator");
  out.file = told.text("file");
  out.file_seconds = bound_seconds(told, "holds", out.file_seconds);
  if (out.file_seconds < 1) told.fail("holds", "expected 1 s or more");
  out.program = decode_program(told);
  decode_variable(told, bounds, out);
  if (out.file.empty() && out.program.empty() && out.pv.empty())
    told.fail("file", "expected a file, a program or a pv that the mode goes to");
  told.refuse_rest();
  if (const Value* found = fields.find("read_back")) {
    Fields back = fields.inside("read_back", *found);
    out.read_back_file = back.text("file");
    out.read_back_program = decode_program(back);
    if (back.find("pv") != nullptr) {
      out.read_back_pv = variable_name(back, "pv");
      if (out.pv.empty()) back.fail("pv", "expected one in the actuator, too, with its values");
    }
    const int ways = int{!out.read_back_file.empty()} + int{!out.read_back_program.empty()} +
                     int{back.find("pv") != nullptr};
    if (ways != 1)
      back.fail("file", "expected either a file, a program or a pv, that says the mode");
    back.refuse_rest();
  }
  return out;
}

void decode_dose(Fields& fields, Bounds& out) {
  const Value* found = fields.find("dose");
  if (found == nullptr) return;
  Fields dose = fields.inside("dose", *found);
  dose.need("budget");
  out.dose_budget = positive(dose, "budget", dose.measure("budget", "Gy").value_or(0));
  out.dose_reserve = dose.fraction("reserve", 0);
  if (!(out.dose_reserve >= 0 && out.dose_reserve < 1))
    dose.fail("reserve", "expected 0 % or more, and less than 100 %");
  dose.refuse_rest();
}

void decode_every(Fields& fields, Bounds& out) {
  Fields every = fields.inside("every");
  every.need("least");
  every.need("most");
  out.least_every = bound_seconds(every, "least", 0);
  out.most_every = bound_seconds(every, "most", 0);
  if (out.least_every > out.most_every) every.fail("least", "is more than most");
  every.refuse_rest();
}

/// A file, or a mapping of what tells that there is no beam.
void decode_suspend(Fields& fields, Bounds& out) {
  const Value* found = fields.find("suspend");
  if (found == nullptr) return;
  if (found->is_string()) {
    out.suspend_file = fields.text("suspend");
    return;
  }
  Fields suspend = fields.inside("suspend", *found);
  out.suspend_file = suspend.text("file");
  if (suspend.find("pv") != nullptr) {
    out.beam.pv = variable_name(suspend, "pv");
    out.beam.unit = unit_of_variable(suspend);
    out.beam.egu = spelling_of_unit(suspend);
    const auto level = [&](const char* key) {
      suspend.need(key);
      return suspend.measure_of(key, *suspend.find(key), out.beam.unit, out.beam.unit.empty());
    };
    out.beam.lost_below = level("below");
    out.beam.back_from = level("resume");
    if (!(out.beam.back_from >= out.beam.lost_below))
      suspend.fail("resume", "expected no less than below");
  }
  if (out.suspend_file.empty() && out.beam.pv.empty())
    suspend.fail("file", "expected a file or a pv that tells when there is no beam");
  suspend.refuse_rest();
}

void decode_slew(Fields& fields, Bounds& out) {
  const Value* found = fields.find("slew");
  if (found == nullptr) return;
  Fields slew = fields.inside("slew", *found);
  out.slew_factor = slew.number("factor", out.slew_factor);
  if (!(std::isfinite(out.slew_factor) && out.slew_factor > 1))
    slew.fail("factor", "expected more than 1");
  out.slew_seconds = bound_seconds(slew, "per", out.slew_seconds);
  slew.refuse_rest();
}

}  // namespace

Bounds decode_bounds(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-bounds/1");
  Bounds out;
  decode_every(fields, out);
  const Fields modes = fields.inside("modes");
  for (const auto& [mode, entry] : modes.value().object())
    out.modes.emplace(modes.check_identifier(mode, Value(mode)),
                      decode_allowed(modes.inside(mode, entry), out));
  fields.need("safe_mode");
  out.safe_mode = fields.identifier("safe_mode");
  if (!out.modes.contains(out.safe_mode))
    fields.fail("safe_mode", out.safe_mode + " is none of modes", fields.find("safe_mode"));
  decode_slew(fields, out);
  decode_dose(fields, out);
  out.dwell_seconds = bound_seconds(fields, "dwell", out.dwell_seconds);
  out.orders_per_minute = fields.whole("orders_per_minute", out.orders_per_minute, 1, 600);
  out.longest_ttl = bound_seconds(fields, "longest_ttl", out.longest_ttl);
  out.clock_skew = bound_seconds(fields, "clock_skew", out.clock_skew);
  out.confirm_seconds = bound_seconds(fields, "confirm_within", out.confirm_seconds);
  out.resume_seconds = bound_seconds(fields, "resume_after", out.resume_seconds);
  out.token_file = fields.need_text("token");
  out.audit_file = fields.need_text("audit");
  out.override_file = fields.text("override");
  decode_suspend(fields, out);
  out.simulated = fields.boolean("simulated", false);
  out.actuator = decode_actuator(fields, out);
  fields.refuse_rest();
  return out;
}

Bounds read_bounds(const std::string& path) { return decode_bounds(load_document(path), path); }

}  // namespace twin::stream
