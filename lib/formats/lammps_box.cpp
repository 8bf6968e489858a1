// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/lammps_box.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/constants.h"
#include "core/text.h"

namespace twin::formats {

std::optional<LammpsBoxKind> lammps_box_kind(std::string_view text) {
  auto all = words(text);
  LammpsBoxKind kind;
  if (all.size() >= 3 && all[0] == "xy" && all[1] == "xz" && all[2] == "yz") {
    kind.tilted = true;
    all.erase(all.begin(), all.begin() + 3);
  } else if (all.size() >= 2 && all[0] == "abc" && all[1] == "origin") {
    kind.vectors = true;
    all.erase(all.begin(), all.begin() + 2);
  }
  if (!all.empty() && all.size() != 3) return std::nullopt;  // old dumps say nothing of boundaries
  for (const auto boundary : all) {
    if (boundary.size() != 2 || boundary.find_first_not_of("pfsm") != boundary.npos)
      return std::nullopt;
    kind.periodic = kind.periodic && boundary == "pp";
  }
  return kind;
}

std::size_t numbers_a_line(const LammpsBoxKind& kind) {
  return kind.vectors ? 4 : kind.tilted ? 3 : 2;
}

LammpsBox lammps_box(const LammpsBoxKind& kind, const std::array<std::array<double, 4>, 3>& lines) {
  LammpsBox box;
  if (kind.vectors) {
    for (int i = 0; i < 3; ++i) {
      const auto& line = lines[static_cast<std::size_t>(i)];
      box.cell.row(i) << line[0], line[1], line[2];
      box.origin[i] = line[3];
    }
    return box;
  }
  const double xy = lines[0][2], xz = lines[1][2], yz = lines[2][2];
  const double low[] = {lines[0][0] - std::min({0.0, xy, xz, xy + xz}),
                        lines[1][0] - std::min(0.0, yz), lines[2][0]};
  const double high[] = {lines[0][1] - std::max({0.0, xy, xz, xy + xz}),
                         lines[1][1] - std::max(0.0, yz), lines[2][1]};
  box.cell << high[0] - low[0], 0, 0, xy, high[1] - low[1], 0, xz, yz, high[2] - low[2];
  box.origin << low[0], low[1], low[2];
  return box;
}

std::optional<LammpsUnits> lammps_units(std::string_view name) {
  static const std::map<std::string, LammpsUnits, std::less<>> all{
      {"metal", {1, 1}},     {"real", {1, 1e-3}},  {"electron", {bohr, 1e-3}}, {"nano", {10, 1e3}},
      {"micro", {1e4, 1e6}}, {"si", {1e10, 1e12}}, {"cgs", {1e8, 1e12}}};
  const auto at = all.find(name);
  return at == all.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace twin::formats
