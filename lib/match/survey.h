// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "match/estimate.h"
#include "match/tangent.h"
#include "match/trail.h"
#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// All that the runs of one alternative say together.
struct Survey {
  Trail trail;
  std::vector<record::Evaluation> apart;  ///< looked for a better place elsewhere, in vain
  std::vector<std::string> names;         ///< fitted
  Tangent tangent;
  bool secants = false;  ///< the newest run brought no jacobian of its own
  std::size_t base = 0;
  record::Evaluation pooled;  ///< all runs, carried to the base
  Eigen::VectorXd at;         ///< parameters of the base
  Proposal proposal;
  Eigen::VectorXd sigma;        ///< of the parameters
  double chi2 = 0.0;            ///< at the base, pooled, with priors
  bool rejected_twice = false;  ///< two steps in a row led to something worse
};

[[nodiscard]] Survey survey(const record::Result& measured, const record::Model& model,
                            Trail trail);

[[nodiscard]] const record::Evaluation& newest(const Survey& survey);
[[nodiscard]] bool at_base(const Survey& survey);  ///< the newest run has the base's parameters

/// Nothing worth a run is left: the predicted decrease of χ² is below 1.
[[nodiscard]] bool stalled(const Survey& survey);
/// The same below 0.3, and the step below 0.3 of each parameter's standard error.
[[nodiscard]] bool converged(const Survey& survey);

[[nodiscard]] std::map<std::string, double> named_parameters(const Eigen::VectorXd& values,
                                                             const record::Model& model);

/// Which intervals are known to reach their lower bound, or not to: by simulation at the bound,
/// where Δχ² < 3.84 after the other parameters were led to their minimum there by the tangent.
[[nodiscard]] std::map<std::string, bool> bounds_reached(const record::Result& measured,
                                                         const record::Model& model,
                                                         const Survey& survey);

/// A parameter within three standard errors of its lower bound that has not been tried there; no
/// fraction of a phase.
[[nodiscard]] std::optional<std::size_t> untried_bound(const record::Model& model,
                                                       const Survey& survey,
                                                       const std::map<std::string, bool>& tried);

/// Another run that is excluded as well, although all parameters had been led to their best.
[[nodiscard]] bool another_is_excluded(const record::Result& measured, const record::Model& model,
                                       const Survey& survey);

/// How the alternative stands; log_odds holds its log_evidence().
[[nodiscard]] record::Standing standing_of(const record::Result& measured,
                                           const record::Model& model, const Survey& survey,
                                           const record::Verdict& verdict);

}  // namespace twin::match
