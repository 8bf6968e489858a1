// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>
#include <ostream>

#include "core/text.h"
#include "formats/table.h"
#include "formats/xdi.h"

namespace twin::formats {

namespace {

/// A key that XDI takes: one dot, words of letters, digits and underscores around it.
std::string xdi_key(std::string_view key) {
  std::string out(key);
  if (out.find('.') == out.npos) out = "header." + out;
  const std::size_t dot = out.find('.');
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (i != dot && !(c < 128 && (std::isalnum(c) || c == '-'))) out[i] = '_';
  }
  if (dot == 0 || std::isdigit(static_cast<unsigned char>(out[0]))) out.insert(0, "_");
  if (out.ends_with('.')) out += '_';
  return out;
}

/// One word: a label must not fall apart into two columns.
std::string xdi_word(std::string_view text) {
  std::string out = clean(text);
  std::ranges::replace(out, ' ', '_');
  return out;
}

void write_fields(std::ostream& out, const ScanFile& scan) {
  for (std::size_t i = 0; i < scan.names.size(); ++i) {
    const std::string tag = "column." + std::to_string(i + 1);
    const auto said = scan.metadata.find(tag);
    const std::size_t source =
        said == scan.metadata.end() ? std::string::npos : said->second.find("||");
    out << "# Column." << i + 1 << ": " << xdi_word(scan.names[i]);
    if (!scan.units[i].empty()) out << ' ' << scan.units[i];
    if (source != std::string::npos) out << ' ' << clean(said->second.substr(source));
    out << '\n';
  }
  for (const auto& [key, value] : scan.metadata) {
    if (key == "comments" || key.starts_with("xdi.") || key.starts_with("column.")) continue;
    if (!trim(value).empty()) out << "# " << xdi_key(key) << ": " << clean(value) << '\n';
  }
}

}  // namespace

void write_xdi(std::ostream& out, const ScanFile& scan) {
  const auto applications = scan.metadata.find("xdi.applications");
  out << "# XDI/1.0 "
      << (applications != scan.metadata.end() ? clean(applications->second)
                                              : "Twinline/" TWINLINE_VERSION)
      << '\n';
  write_fields(out, scan);
  if (const auto text = scan.metadata.find("comments"); text != scan.metadata.end()) {
    out << "# ///\n";
    for (const auto line : split(text->second, '\n'))  // dashes would end the header
      out << (trim(line).starts_with("---") ? "# | " : "# ") << clean(line) << '\n';
  }
  out << "#----\n#";
  for (const auto& name : scan.names) out << ' ' << xdi_word(name);
  out << '\n';
  for (std::size_t row = 0; row < scan.rows(); ++row) {
    for (const auto& column : scan.columns) out << ' ' << shortest(column[row]);
    out << '\n';
  }
}

}  // namespace twin::formats
