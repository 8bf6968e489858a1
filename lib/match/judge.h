// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// What a search knows beyond one evaluation.
struct Known {
  bool confirmed = false;  ///< nothing was fitted to this run: its seed is new
  bool secants = false;    ///< the jacobian is not the run's own: too coarse to lead χ² to its
                           ///< minimum
  bool predicted = false;  ///< the model's priors are all that was known of this measurement: what
                           ///< they leave open is an error of the simulation, and nothing is fitted
  std::map<std::string, bool>
      reaches_bound{};  ///< found by simulating at the bound; else linearised
};

/// compare() with that knowledge.
[[nodiscard]] record::Verdict judge(const record::Result& measured,
                                    const record::Evaluation& simulated, const record::Model& model,
                                    const Known& known);

/// The pair whose |z| is largest, inputs apart; nullptr when there is none.
[[nodiscard]] const record::Pair* worst_of(const record::Verdict& verdict);

/// "sigma2:Cu-Cu.1 simulated 0.0073, measured 0.00863(28): z -4.6".
[[nodiscard]] std::string describe(const record::Pair& pair);

}  // namespace twin::match
