// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// An amplitude reduction factor with its uncertainties.
struct AmplitudeReduction {
  double value = 1.0;
  double sigma = 0.0;      ///< random
  double sigma_sys = 0.0;  ///< misfit of the standard; without a standard, FEFF's amplitude error
  std::string source;      ///< "standard cu", "recipe", "none: S0² = 1"
};

/// The reduction of absorption measurements by one recipe: columns → µ → χ(k) → fit → quantities.
/// A simulated χ(k) enters behind the reduction and goes through the same fit; its statistical
/// error comes from its blocks (jackknife), its jacobian from its tangents.
class XasExtraction {
 public:
  /// FEFF's paths for the recipe are run or taken from the cache here.
  /// \throws Error{configuration} the recipe names a shell that the crystal has not
  explicit XasExtraction(record::Recipe recipe);
  ~XasExtraction();

  /// True when results need a standard that has not been measured yet.
  [[nodiscard]] bool waits_for_standard() const;
  /// True when \p measurement is the recipe's standard.
  [[nodiscard]] bool is_standard(const record::Measurement& measurement) const;
  /// Takes S0² from the standard.  \throws Error{data} its fit did not converge
  void learn_standard(const record::Measurement& measurement);

  /// \throws Error{data} the measurement can't be reduced: says where
  [[nodiscard]] record::Result extract(const record::Measurement& measurement) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
