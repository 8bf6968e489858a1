// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace twin::md {

/// What is chosen at random among a crystal's atoms: one choice tells nothing of the other.
enum class Chosen : std::uint8_t { vacancies = 0, substitutions = 1 };

/// Where an atom stands in a random order of a crystal's atoms, the first to be chosen lowest. It
/// depends on \p arrangement alone: the same in every run, whatever its seed, and what is chosen of
/// a small fraction is among what is chosen of every larger one.
[[nodiscard]] std::uint64_t place_in_order(Chosen what, int arrangement, int atom);

}  // namespace twin::md
