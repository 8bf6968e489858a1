// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "match/bond.h"
#include "tool.h"

/// Searches of twin-match that drive the bond of match/bond.h as an engine of its own.
namespace bond_search {

inline constexpr int samples = 4000;

struct Search : tools::Tools {
  /// Puts measured.jsonl and model.yaml of the problem that the seed draws.
  bond::Problem begin(std::uint64_t seed);

  [[nodiscard]] static std::string engine_path();
  /// As --engine has it.
  [[nodiscard]] static std::string engine(const tools::Words& options);
  /// twin-match on them with the engine's options, and its own.
  tools::Said match(const tools::Words& engine_options, const tools::Words& options = {});
  /// Each verdict as a line, without what differs from one run of the program to the next.
  [[nodiscard]] static tools::Words verdicts_of(const tools::Said& said);
  [[nodiscard]] static tools::Words command(const tools::Words& engine_options,
                                            const tools::Words& options);
};

}  // namespace bond_search
