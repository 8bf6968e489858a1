// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/identity.h"

#include <initializer_list>

#include "stream/json.h"

namespace twin::store {

namespace {

std::string joined(std::initializer_list<std::string> parts) {
  std::string key;
  for (const auto& part : parts) key.append(part).append(1, '\0');
  return key;
}

/// The kind stands before what a record holds of others, as a state does of measurements.
bool is_measurement(const std::string& line) {
  const auto kind = line.find("\"kind\":");
  return kind != line.npos && line.compare(kind, 20, "\"kind\":\"measurement\"") == 0;
}

/// The id of a stored line: the last member, where Run::append() has made it; else it stands before
/// anything else that is called so, see stream::encode.
std::string id_in(const std::string& line) {
  constexpr std::string_view key = "\"id\":\"", end = "\"}";
  auto at = line.rfind(key);
  if (at == line.npos) return "";
  if (line.find('"', at + key.size()) + end.size() != line.size()) at = line.find(key);
  const auto from = at + key.size();
  return line.substr(from, line.find('"', from) - from);
}

}  // namespace

std::string text_of(const record::Value& document, std::string_view key) {
  const record::Value* value = document.find(key);
  return value && value->is_string() ? value->string() : "";
}

std::string identity_of(const record::Value& document, const std::string& id) {
  if (text_of(document, "kind") != "measurement") return id;
  const std::string sha256 = text_of(document, "source_sha256");
  return joined({text_of(document, "run"), text_of(document, "scan"), sha256.empty() ? id : sha256,
                 text_of(document, "synthetic")});
}

std::string name_of(const std::string& run, const std::string& scan, const std::string& file) {
  return file.empty() ? "" : joined({run, scan, file});
}

std::string name_of(const record::Value& document) {
  return text_of(document, "kind") != "measurement"
             ? ""
             : name_of(text_of(document, "run"), text_of(document, "scan"),
                       text_of(document, "source_file"));
}

record::Value head_of(const std::string& line, const std::string& where) {
  if (!is_measurement(line)) {
    record::Value document;
    document.set("id", id_in(line));
    return document;
  }
  const auto arrays = line.find(",\"arrays\":");
  auto document =
      stream::parse_json(arrays == line.npos ? line : line.substr(0, arrays) + "}", where);
  if (!document.find("id")) document.set("id", id_in(line));
  return document;
}

}  // namespace twin::store
