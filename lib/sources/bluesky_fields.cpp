// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/bluesky_fields.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "core/text.h"
#include "formats/table.h"

namespace twin::sources {

std::string text(const Json& document, const char* key) {
  const auto at = document.find(key);
  if (at == document.end()) return "";
  if (at->is_string()) return formats::clean(at->get<std::string>());
  return at->is_number_integer() ? at->dump() : "";
}

const Json& member(const Json& document, const char* key) {
  const auto at = document.find(key);
  if (at == document.end()) throw Error(Cause::data, std::string(key) + " is missing");
  return *at;
}

std::string sample_of(const Json& start) {
  for (const auto* key : {"sample_name", "sample"}) {
    const auto at = start.find(key);
    if (at == start.end()) continue;
    if (at->is_object()) return text(*at, "name");
    if (at->is_string()) return text(start, key);
  }
  return "";
}

// [[["energy"], "primary"], ...]
std::vector<std::string> dimensions_of(const Json& start) {
  std::vector<std::string> out;
  const auto hints = start.find("hints");
  if (hints == start.end() || !hints->is_object()) return out;
  const auto dimensions = hints->find("dimensions");
  if (dimensions == hints->end() || !dimensions->is_array()) return out;
  for (const auto& one : *dimensions)
    if (one.is_array() && !one.empty() && one[0].is_array())
      for (const auto& key : one[0])
        if (key.is_string()) out.push_back(key.get<std::string>());
  return out;
}

bool is_number(const Json& key) {
  const std::string type = text(key, "dtype");
  return (type == "number" || type == "integer" || type == "boolean") && !key.contains("external");
}

double number_of(const Json& value, const std::string& key) {
  double out = NAN;
  if (value.is_boolean()) out = value.get<bool>() ? 1 : 0;
  if (value.is_number()) out = value.get<double>();
  if (!std::isfinite(out))
    throw Error(Cause::data, printable(key) + ": a number that is finite is expected");
  return out;
}

}  // namespace twin::sources
