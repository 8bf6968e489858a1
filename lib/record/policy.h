// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "record/value.h"

namespace twin::record {

/// A way to measure that the beamline defined.
struct Mode {
  std::string scan;            ///< scan template
  double every_seconds = 0.0;  ///< interval
  Value details;               ///< the whole entry
};

/// twin-policy(5): what is watched, which errors are tolerated, which modes exist.
struct Policy {
  std::vector<std::string> watch;  ///< quantity names
  double false_alarms = 0.05;      ///< family-wise, over all comparisons of a run
  std::map<std::string, Mode> modes;
  std::string quiet;      ///< mode while nothing happens
  std::string track;      ///< mode after a significant change
  std::string safe_mode;  ///< mode when in doubt
  double ttl_seconds = 60.0;
  std::string command_file;  ///< "" = none
  Value document;
};

}  // namespace twin::record
