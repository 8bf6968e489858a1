// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "app/run.h"

namespace twin::app {

struct MatchSettings {
  std::vector<std::string> with;  ///< files with measured results
  std::string scan;               ///< which measured scan; "" = the last one in the files
  std::string model;              ///< file, for --engine
  std::string engine;       ///< command that speaks the serve protocol; "" = results come on stdin
  double patience_s = 600;  ///< the longest time without a line from the engine
  std::string next;         ///< file for the next model
  std::string potential;    ///< only this alternative
  bool free_temperature = false;  ///< refine the temperature too: the one that each potential needs
  std::string figure;             ///< --plot
  bool follow = false;            ///< lead a twin along the results that come in
  std::vector<std::string> resume;  ///< output of earlier searches, whose simulations count
  long long budget = 0;             ///< simulations an alternative; 0 = as the model says
  double time_s = 0;                ///< no simulation begins later; 0 = no limit
  std::string report;               ///< --report: the page for the logbook
};

/// twin-match: compares, prints the verdict, proposes the next model, or iterates with an engine.
/// Exit status 0 match; 1 not yet, next model written; 3 stopped: inadequate or out of budget;
/// 4 inconclusive.
void match(Session& session, const MatchSettings& settings);

}  // namespace twin::app
