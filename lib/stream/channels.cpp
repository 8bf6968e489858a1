// SPDX-License-Identifier: GPL-3.0-or-later
// twin-epics(5).
#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "core/units.h"
#include "stream/document.h"
#include "stream/documents.h"
#include "stream/variable.h"

namespace twin::stream {

using namespace record;

std::string variable_name(Fields& fields, std::string_view key) {
  const std::string name = fields.need_text(key);
  const auto plain = [](unsigned char byte) { return byte > ' ' && byte < 0x7F; };
  if (name.empty() || name.size() > 200 || !std::ranges::all_of(name, plain))
    fields.fail(key, "expected the name of a process variable: ASCII, no blanks");
  return name;
}

std::string unit_of_variable(Fields& fields) {
  fields.need("unit");
  const std::string written = fields.text("unit");
  const auto unit = find_unit(written);
  if (!unit) fields.fail("unit", "\"" + printable(written) + "\" is none of twin-units(7)");
  return unit->name;
}

std::optional<std::string> spelling_of_unit(Fields& fields) {
  if (fields.find("egu") == nullptr) return std::nullopt;
  return fields.text("egu");
}

namespace {

double seconds_or_none(Fields& fields, std::string_view key, double otherwise) {
  const double out = fields.measure(key, "s").value_or(otherwise);
  if (!(out >= 0 && out <= 3600)) fields.fail(key, "expected 0 to 3600 s");
  return out;
}

std::optional<double> uncertainty(Fields& fields, std::string_view key, const std::string& unit) {
  const auto out = fields.difference(key, unit);
  if (out && !(*out >= 0 && std::isfinite(*out))) fields.fail(key, "expected 0 or more");
  return out;
}

ContextChannel decode_channel(Fields fields) {
  ContextChannel out;
  out.pv = variable_name(fields, "pv");
  out.unit = unit_of_variable(fields);
  out.egu = spelling_of_unit(fields);
  out.sigma = uncertainty(fields, "sigma", out.unit);
  out.sigma_sys = uncertainty(fields, "sigma_sys", out.unit);
  out.mean = choice(fields, "over", "scan", {"scan", "end"}) == "scan";
  fields.text("note");
  fields.refuse_rest();
  return out;
}

}  // namespace

ContextChannels decode_channels(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-epics/1");
  ContextChannels out;
  out.connect_seconds = seconds_or_none(fields, "connect_within", out.connect_seconds);
  out.tolerance_seconds = seconds_or_none(fields, "tolerance", out.tolerance_seconds);
  const Fields channels = fields.inside("channels");
  for (const auto& [key, entry] : channels.value().object())
    out.channels.emplace(channels.check_identifier(key, Value(key)),
                         decode_channel(channels.inside(key, entry)));
  if (out.channels.empty()) fields.fail("channels", "expected one or more");
  if (out.channels.size() > 1000) fields.fail("channels", "expected 1000 at most");
  fields.refuse_rest();
  return out;
}

ContextChannels read_channels(const std::string& path) {
  return decode_channels(load_document(path), path);
}

}  // namespace twin::stream
