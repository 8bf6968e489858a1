// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "match/bond.h"

/// Other ways to search for the same truths (tests/match/bond.h), which see what twin-match sees.
namespace peers {

struct Found {
  bool claimed = false;  ///< observed χ²/5 below bond::true_below, and once more with a new seed
  int simulations = 0;   ///< confirmations counted
  bond::Parameters at;
};

/// \param method  composite: composite Bayesian optimisation from eight places of a Latin
///                hypercube, by the surrogate that twin-match falls back to; nelder-mead, bobyqa,
///                sbplx, cobyla: NLopt on χ²
/// \param most    simulations
[[nodiscard]] Found search(const std::string& method, const bond::Problem& problem, int samples,
                           int most);

}  // namespace peers
