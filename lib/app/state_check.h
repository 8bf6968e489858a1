// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "record/model.h"
#include "record/records.h"

namespace twin::app {

/// Why \p covariance is none: not finite, not symmetric to 1e-6, a negative variance, or
/// correlations that no data can have (an eigenvalue of the correlation matrix below -1e-6); ""
/// when it is one.
[[nodiscard]] std::string fault_of(const record::Covariance& covariance);

/// Why \p state is no answer to \p model: another potential; a free parameter that is not what was
/// asked for, to a thousandth of its bounds (or one atom, where it counts atoms); a covariance that
/// is none, or of quantities that are not there; "" when it is one.
[[nodiscard]] std::string fault_of(const record::State& state, const record::Model& model);

}  // namespace twin::app
