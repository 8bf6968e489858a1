// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/xas_plan.h"
#include "app/xas_spectrum.h"
#include "record/recipe.h"
#include "record/records.h"

namespace twin::app {

/// The reduction of absorption measurements by one recipe: columns → µ → χ(k) → fits → quantities,
/// and what is read from the edge itself. A simulated χ(k) enters behind the reduction and goes
/// through the same fit; its statistical error comes from its blocks (jackknife), its jacobian from
/// its tangents. extract() may be called by several threads at once.
class XasExtraction {
 public:
  /// FEFF's paths for the recipe are run or taken from the cache here; standards that the recipe
  /// names as files are read and fitted.
  /// \throws Error{configuration} the recipe names a shell that the crystal has not
  explicit XasExtraction(record::Recipe recipe);
  ~XasExtraction();

  [[nodiscard]] const XasPlan& plan() const;
  [[nodiscard]] const StandardValues& standard() const;  ///< of no use while it is waited for

  /// True when results need a standard that has not been measured yet.
  [[nodiscard]] bool waits_for_standard() const;
  /// True when \p measurement is the recipe's standard.
  [[nodiscard]] bool is_standard(const record::Measurement& measurement) const;
  /// Takes S0² (and ΔE0) from the standard.  \throws Error{data} its fit did not converge
  void learn_standard(const record::Measurement& measurement);

  /// All quantities and all curves that there are.
  /// \throws Error{data} the measurement can't be reduced: says where
  [[nodiscard]] record::Result extract(const record::Measurement& measurement) const;

  /// µ(E) as the recipe's columns have it, put right: what is merged.
  [[nodiscard]] Absorption absorption(const record::Measurement& measurement) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
