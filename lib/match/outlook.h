// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// How the search in one alternative stands.
struct Outlook {
  std::optional<record::Model> next;  ///< to be simulated; nothing = this alternative is settled
  bool confirmation = false, as_asked = false;  ///< of next, as Step has them
  record::Verdict verdict;                      ///< on the newest run; final when settled
  record::Standing standing;           ///< its log_odds hold the log evidence, not yet relative
  std::map<std::string, double> best;  ///< parameters that the next alternative may start from
};

/// The search in \p alternative, which starts from \p start when it has no run yet.
[[nodiscard]] Outlook outlook(const record::Result& measured, const record::Model& model,
                              const std::string& alternative,
                              const std::map<std::string, double>& start);

/// The next model: values set, a seed that no run had, history kept.
[[nodiscard]] record::Model next_model(const record::Model& model, const std::string& alternative,
                                       const std::map<std::string, double>& parameters);

/// ln(evidence) up to what all alternatives share, by Laplace's approximation at one evaluation:
/// -½ (χ² of fitted data and priors + χ² of held-back data) + ½ ln det of the parameters'
/// covariance (the Occam factor; the prior's volume is common), and ln N(gap; 0, s²) for each
/// measured input without a prior of its own.
[[nodiscard]] double log_evidence(const record::Verdict& verdict, double log_determinant,
                                  const record::Model& model);

}  // namespace twin::match
