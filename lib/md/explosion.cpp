// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/explosion.h"

#include <array>

#include "core/text.h"

namespace twin::md {

namespace {

constexpr std::array words_for_it{
    "Lost atoms",
    "Non-numeric ",
    "Out of range atoms",
    "atoms missing",
    "Shake determinant",
    "box dimensions are non-numeric",
    "Neighbor list overflow",
};

}  // namespace

Error explosion(const std::string& what) {
  return {Cause::configuration,
          "lmp: " + what +
              ": the run exploded; expected a timestep, a structure and a temperature that the "
              "potential bears"};
}

Error lost_atoms(std::int64_t left, std::int64_t all, std::int64_t step) {
  return explosion("atoms were lost: " + std::to_string(left) + " of " + std::to_string(all) +
                   " remain after step " + std::to_string(step));
}

std::optional<Error> explosion_in(std::string_view line, std::int64_t step) {
  if (!line.starts_with("ERROR")) return std::nullopt;
  const auto said = words(line);  // ERROR: Lost atoms: original 108 current 4 (...)
  if (said.size() >= 7 && said[1] == "Lost" && said[3] == "original" && said[5] == "current") {
    const auto all = parse_integer(said[4]), left = parse_integer(said[6]);
    if (all && left) return lost_atoms(*left, *all, step);
  }
  for (const std::string_view word : words_for_it)
    if (line.find(word) != std::string_view::npos)
      return explosion(printable(line) + ", after step " + std::to_string(step));
  return std::nullopt;
}

}  // namespace twin::md
