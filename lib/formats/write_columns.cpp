// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/write_columns.h"

#include <algorithm>
#include <cctype>
#include <ostream>

#include "core/text.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

/// One word without what ends a key or separates columns.
std::string word(std::string_view text) {
  std::string out = clean(text);
  std::ranges::replace_if(
      out, [](char c) { return c == ' ' || c == ',' || c == ':' || c == '=' || c == '"'; }, '_');
  return out;
}

std::string key_of(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 128 || !(std::isalnum(byte) || c == '_' || c == '.' || c == '-')) c = '_';
  }
  return out;
}

/// A name that is a number would be taken for a row.
std::string label(const std::string& name, std::size_t column) {
  const std::string out = word(name);
  return out.empty() || parse_double(out) ? "column_" + std::to_string(column + 1) : out;
}

}  // namespace

void write_columns(std::ostream& out, const ScanFile& scan) {
  for (const auto& [key, value] : scan.metadata) {
    if (key == "comments" || key.starts_with("column.") || trim(value).empty()) continue;
    out << "# " << key_of(key) << ": " << clean(value) << '\n';
  }
  if (const auto text = scan.metadata.find("comments"); text != scan.metadata.end())
    for (const auto line : split(text->second, '\n'))
      if (!trim(line).empty()) out << "# | " << clean(line) << '\n';
  for (std::size_t i = 0; i < scan.names.size(); ++i)
    if (!scan.units[i].empty())
      out << "# column." << i + 1 << ": " << label(scan.names[i], i) << ' ' << scan.units[i]
          << '\n';
  out << "#----\n#";
  for (std::size_t i = 0; i < scan.names.size(); ++i) out << ' ' << label(scan.names[i], i);
  out << '\n';
  for (std::size_t row = 0; row < scan.rows(); ++row) {
    for (const auto& column : scan.columns) out << ' ' << shortest(column[row]);
    out << '\n';
  }
}

}  // namespace twin::formats
