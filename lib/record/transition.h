// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace twin::record {

/// What is believed of a change from one structure to another, before it happens.
struct Transition {
  std::string from, to;      ///< names of alternatives; own_structure: the model's own
  std::string in;            ///< what drives it, a key of the environment: "temperature"
  std::string unit;          ///< of what follows
  bool rising = true;        ///< it happens while that rises, else while it falls
  double at = 0.0;           ///< where half is converted
  double at_sigma = 0.0;     ///< > 0
  double width = 0.0;        ///< > 0, from 10 to 90 % converted
  double width_sigma = 0.0;  ///< ≥ 0

  friend bool operator==(const Transition&, const Transition&) = default;
};

/// What a transition calls the structure that is no alternative.
inline constexpr std::string_view own_structure = "structure";

}  // namespace twin::record
