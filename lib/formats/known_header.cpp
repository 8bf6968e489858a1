// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/known_header.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"
#include "formats/table.h"

namespace twin::formats {

namespace {

using Lines = std::vector<std::string>;
using Known = std::optional<KnownHeader>;

/// The first line that begins with \p words in it; the end when there is none.
Lines::const_iterator line_with(const Lines& lines, std::string_view beginning) {
  return std::ranges::find_if(lines, [&](const auto& l) { return l.starts_with(beginning); });
}

bool has(const Lines& lines, std::string_view beginning) {
  return line_with(lines, beginning) != lines.end();
}

/// `Mono :   Si(111)       D=  3.13551 A    Initial angle= 13.93250 deg`
void add_crystal(KnownHeader& out, const std::string& line) {
  const std::size_t at = line.find("D=");
  if (at == line.npos) return;
  const auto parts = words(std::string_view(line).substr(at + 2));
  if (!parts.empty() && parse_double(parts.front())) out.metadata["mono.d_spacing"] = parts.front();
  const auto crystal = words(std::string_view(line).substr(line.find(':') + 1));
  if (!crystal.empty()) out.metadata["mono.name"] = crystal.front();
}

Known photon_factory(const Lines& lines, std::size_t width) {
  const auto angle = line_with(lines, "Angle(c)"), mode = line_with(lines, "Mode");
  if (lines.empty() || !lines.front().starts_with("9809") || angle == lines.end() ||
      mode == lines.end() || width < 4)
    return std::nullopt;
  const auto modes = words(*mode);  // "Mode", two of the angles, one a channel
  if (modes.size() != width) return std::nullopt;
  KnownHeader out{{"angle", "angle_asked", "time"}, {"deg", "deg", "s"}, {}};
  for (std::size_t i = 3; i < width; ++i) {
    const auto kind = modes[i];
    out.names.emplace_back(kind == "1"   ? "i0"
                           : kind == "2" ? "i1"
                           : kind == "3" ? "fluorescence"
                                         : "channel");
    out.units.emplace_back();
  }
  const auto mono = line_with(lines, "Mono :");
  if (mono != lines.end()) add_crystal(out, *mono);
  return out;
}

Known ssrl(const Lines& lines, std::size_t width) {
  const auto data = line_with(lines, "Data:");
  if (lines.empty() || !lines.front().starts_with("SSRL") || data == lines.end() ||
      static_cast<std::size_t>(lines.end() - data) != width + 1)
    return std::nullopt;
  KnownHeader out;
  for (auto line = data + 1; line != lines.end(); ++line) {
    std::string name = lower(trim(*line));
    out.units.emplace_back(name.find("energy") != std::string::npos ? "eV" : "");
    std::ranges::replace(name, ' ', '_');
    out.names.push_back(clean(name));
  }
  return out;
}

Known cls(const Lines& lines, std::size_t width) {
  const auto line = line_with(lines, "(1)");
  if (!has(lines, "CLS Data Acquisition") || line == lines.end()) return std::nullopt;
  KnownHeader out;
  for (const auto part : split(std::string_view(*line).substr(3), '"'))
    if (!trim(part).empty()) out.names.push_back(lower(clean(part)));
  if (out.names.size() != width) return std::nullopt;
  out.units.assign(width, "");
  for (std::size_t i = 0; i < width; ++i)
    if (out.names[i].find(":energy") != std::string::npos) out.units[i] = "eV";
  return out;
}

Known xdac(const Lines& lines, std::size_t width) {
  if (lines.empty() || !lines.front().starts_with("XDAC")) return std::nullopt;
  KnownHeader out;
  for (const auto word : words(lines.back())) out.names.push_back(clean(word));
  if (out.names.size() != width) return std::nullopt;
  out.units.assign(width, "");
  if (lower(out.names.front()) == "energy") out.units.front() = "eV";
  return out;
}

/// `Energy_c1 MgKa_sum_cps_c2 ...`
Known phoenix(const Lines& lines, std::size_t width) {
  if (lines.empty()) return std::nullopt;
  KnownHeader out;
  for (const auto word : words(lines.back())) {
    const std::string ending = "_c" + std::to_string(out.names.size() + 1);
    if (!word.ends_with(ending) || word.size() == ending.size()) return std::nullopt;
    out.names.push_back(clean(word.substr(0, word.size() - ending.size())));
  }
  if (out.names.size() != width) return std::nullopt;
  out.units.assign(width, "");
  if (lower(out.names.front()) == "energy") out.units.front() = "eV";
  return out;
}

/// `:runabs2_sun  from pixel 0 to 1240 from stripe 3 to 14`, and a first column that counts.
Known id24(const Lines& lines, const std::vector<double>& first, std::size_t width) {
  if (lines.empty() || !lines.front().starts_with(":runabs") || width != 2) return std::nullopt;
  for (std::size_t i = 1; i < first.size(); ++i)
    if (first[i] != first[i - 1] + 1) return std::nullopt;
  return KnownHeader{{"pixel", "mu"}, {"", ""}, {}};
}

}  // namespace

Known known_header(const Lines& lines, const std::vector<double>& first, std::size_t width) {
  if (auto known = photon_factory(lines, width)) return known;
  if (auto known = ssrl(lines, width)) return known;
  if (auto known = cls(lines, width)) return known;
  if (auto known = xdac(lines, width)) return known;
  if (auto known = phoenix(lines, width)) return known;
  return id24(lines, first, width);
}

}  // namespace twin::formats
