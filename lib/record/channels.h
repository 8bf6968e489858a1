// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

namespace twin::record {

/// A process variable of EPICS that is a condition of each scan.
struct ContextChannel {
  std::string pv;
  std::string unit;                ///< of twin-units(7), of its values; "" for a pure number
  std::optional<std::string> egu;  ///< how its record spells that unit, where that is none of
                                   ///< twin-units(7)
  std::optional<double> sigma, sigma_sys;  ///< of a value, in the unit
  bool mean = true;                        ///< over the scan; else the value at its end
};

/// twin-epics(5): which process variables go with each scan.
struct ContextChannels {
  std::map<std::string, ContextChannel> channels;  ///< by the name of the condition
  double connect_seconds = 2.0;                    ///< that the first scan waits for all of them
  double tolerance_seconds = 10.0;  ///< by which a value may be younger than the scan's end
};

}  // namespace twin::record
