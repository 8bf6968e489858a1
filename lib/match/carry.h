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

/// The model that predicts the next record: it runs at what is believed, and that is its prior,
/// its variance half as large again: a record is forgotten within some three more. Never wider than
/// the model's own prior or a third of its range.
///
/// compare() of a run of it with the next record is a test of the prediction: χ² then is
/// rᵀ(V + JΣJᵀ)⁻¹r, what the prior leaves open included, and each datum counts in full.
[[nodiscard]] record::Model carried(record::Model model, const Belief& belief);

/// The belief after a record, by the run that was compared with it: the minimum of data and priors
/// that the run's jacobian leads to, and its standard errors; a Kalman filter's step. Without a
/// jacobian nothing was learned: the model's values, and its priors.
[[nodiscard]] Belief learned(const record::Result& measured, const record::Model& model,
                             const record::Evaluation& run);

}  // namespace twin::match
