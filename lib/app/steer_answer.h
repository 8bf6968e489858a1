// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::app {

/// What twin-steer knows when it begins: all that its commands depend on but the policy and what
/// comes in.
struct SteerBeginning {
  std::string start_id;                   ///< id of our start record
  std::optional<std::int64_t> number;     ///< of the file of commands; nothing: there is none
  double spent_Gy = 0.0;                  ///< dose that was spent before
  std::optional<double> counted_until{};  ///< s since 1970: results up to then are in it
};

/// A dose that is to be kept, and the time of the newest result in it, s since 1970.
struct SteerDose {
  double spent_Gy = 0.0;
  std::optional<double> until{};
};

/// What an input brings about: carried out in this order.
struct SteerAnswer {
  std::optional<double> log_sum{};        ///< log R, where it is looked at
  std::string state{};                    ///< of the modes
  std::string mode_before{};              ///< where another is asked for
  std::optional<SteerDose> dose{};        ///< spent: kept before anything is asked for
  std::vector<record::Record> records{};  ///< events, gaps and commands, with their ids
  std::optional<record::Command> put{};   ///< the file of commands holds it from now on
  std::string note{};                     ///< for people

  /// Something is asked for.
  [[nodiscard]] bool commands() const;
};

}  // namespace twin::app
