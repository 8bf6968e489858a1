// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
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

/// What a stream does while nothing changes, and how much of it tells.
struct PolicyBaseline {
  int samples = 50;
  bool drifts = false;   ///< the mean is linear, else constant
  std::string drift_in;  ///< a key of the environment; "" = the number of the sample
};

/// twin-policy(5): what is watched, which errors are tolerated, which modes exist.
struct Policy {
  std::vector<std::string> watch;  ///< quantity names
  double false_alarms = 0.05;      ///< family-wise, over all comparisons of a run
  double per_samples = 500.0;      ///< of a stream: as many false alarms in so many samples
  bool calibrated = false;         ///< of a stream: by the measured threshold, not the bound
  std::optional<PolicyBaseline> baseline;  ///< watched as it comes; nothing: periods alone
  std::map<std::string, Mode> modes;
  std::string quiet;      ///< mode while nothing happens; "" = no mode is asked for
  std::string track;      ///< mode after a significant change; "" likewise
  std::string safe_mode;  ///< mode when in doubt
  double ttl_seconds = 60.0;
  std::string command_file;  ///< "" = none
  Value document;
};

}  // namespace twin::record
