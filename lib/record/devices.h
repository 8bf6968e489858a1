// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace twin::record {

/// A component of the beamline, while it was installed.
struct Device {
  std::string name;  ///< what it is there: "monochromator"
  std::string model, serial;
  double since = 0.0;  ///< s since 1970; 0: always
  double until = 0.0;  ///< likewise; 0: still
  std::string note;

  [[nodiscard]] bool installed(double at) const {
    return at >= since && (until == 0 || at < until);
  }
};

/// twin-devices(5): what was where, and when.
using Devices = std::vector<Device>;

}  // namespace twin::record
