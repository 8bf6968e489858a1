// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "record/value.h"

namespace twin::record {

/// A way to measure that the beamline defined.
struct Mode {
  std::string scan;                    ///< scan template
  double every_seconds = 0.0;          ///< interval
  double dose_Gy = 0.0;                ///< of a scan
  std::optional<double> most_seconds;  ///< that it may last while a change goes on
  Value details;                       ///< the whole entry
};

/// What a stream does while nothing changes, and how much of it tells.
struct PolicyBaseline {
  int samples = 50;
  bool drifts = false;   ///< the mean is linear, else constant
  std::string drift_in;  ///< a key of the environment; "" = the number of the sample
};

/// Whether growing and slowing fluctuations are told of: nothing is asked for by them.
struct PolicyWarnings {
  int window = 150;  ///< samples
};

/// When a transition that the twin predicts is acted upon.
struct PolicyForecast {
  double horizon_seconds = 0.0;  ///< of "P(onset within ...)"
  double above = 1.0;            ///< probability from which on the mode is asked for
  std::string mode;
};

/// Scores of curves, watched as the quantities score:1 .. and score:rest.
struct PolicyScores {
  std::string curve, axis;                         ///< names of arrays of results
  std::optional<std::pair<double, double>> range;  ///< of the axis, in its unit; nothing: all
  int components = 2;  ///< of a trained basis at least so many are needed
  std::string basis;   ///< file of a trained one; "" = running
  int learn = 20;      ///< curves that a running one begins with
};

/// twin-policy(5): what is watched, which errors are tolerated, which modes exist.
struct Policy {
  std::vector<std::string> watch;  ///< quantity names
  double false_alarms = 0.05;      ///< family-wise, over all comparisons of a run
  double per_samples = 500.0;      ///< of a stream: as many false alarms in so many samples
  bool calibrated = false;         ///< of a stream: by the measured threshold, not the bound
  std::optional<PolicyBaseline> baseline;  ///< watched as it comes; nothing: periods alone
  std::optional<PolicyWarnings> early_warnings;
  std::map<std::string, Mode> modes;
  std::optional<PolicyForecast> forecast;
  std::optional<PolicyScores> scores;
  std::string quiet;                  ///< mode while nothing happens; "" = no mode is asked for
  std::string track;                  ///< mode after a significant change; "" likewise
  std::string safe_mode;              ///< mode when in doubt
  double dwell_seconds = 0.0;         ///< at least in a mode, the tracking one may always begin
  double hold_seconds = 0.0;          ///< of silence before a mode is left for a quieter one
  std::optional<double> dose_budget;  ///< Gy
  double dose_reserve = 0.0;          ///< fraction of it that only the safe mode may spend
  std::string dose_file;              ///< where what was spent is kept; "" = nowhere
  double ttl_seconds = 60.0;
  std::string command_file;  ///< "" = none
  Value document;
};

}  // namespace twin::record
