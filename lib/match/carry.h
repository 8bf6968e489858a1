// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "record/model.h"
#include "record/records.h"

namespace twin::match {

/// What the records so far say of the free parameters, each by itself.
struct Belief {
  struct Number {
    double mean = 0.0, sigma = 0.0;
  };
  std::map<std::string, Number> parameters;  ///< in the units of the model's free parameters
};

/// The model that predicts the next record: it runs at what is believed, and that is its prior. A
/// record is forgotten within some three more, towards the model's own prior (of a third of the
/// range where it has none, which pulls nowhere): λ of the belief's information and 1 - λ of the
/// own, λ = 2/3.
///
/// predicted() is the test: χ² is rᵀ(V + JΣJᵀ)⁻¹r, what the prior leaves open included, and each
/// datum counts in full. Σ treats the systematic errors and the noise of an ensemble that is used
/// again as those of independent records: the belief is too sure by up to √3 where they dominate.
[[nodiscard]] record::Model carried(record::Model model, const Belief& belief);

/// compare() of a run of a carried model with a record that nothing was fitted to.
[[nodiscard]] record::Verdict predicted(const record::Result& measured,
                                        const record::Evaluation& run, const record::Model& model);

/// The belief after a record, by the run that was compared with it: the minimum of data and priors
/// that the run's jacobian leads to, and its standard errors; a Kalman filter's step. Without a
/// jacobian nothing was learned: the model's values, and its priors.
[[nodiscard]] Belief learned(const record::Result& measured, const record::Model& model,
                             const record::Evaluation& run);

}  // namespace twin::match
