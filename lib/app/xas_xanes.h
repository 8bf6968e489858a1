// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "app/xas_plan.h"
#include "app/xas_spectrum.h"
#include "record/records.h"

namespace twin::app {

/// What the recipe reads from the edge itself: fractions of standards, valence, pre-edge peaks,
/// white line.
class XanesAnalysis {
 public:
  /// Reads and normalises the standards, as the recipe does all spectra.
  /// \throws Error{no_input}, Error{data} with the file's name
  explicit XanesAnalysis(const XasPlan& plan);
  ~XanesAnalysis();
  XanesAnalysis(XanesAnalysis&&) noexcept;
  XanesAnalysis& operator=(XanesAnalysis&&) noexcept;

  /// Adds quantities ("fraction:PbI2", "valence", "prepeak_area", "white_line_energy" ...), the
  /// fractions' covariance, curves and statistics.
  void add(record::Result& out, const XasSpectrum& spectrum) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The curve that \p space names: norm, or flat; of the derivative, norm.
[[nodiscard]] const Eigen::VectorXd& curve_of(const xas::Reduction& reduction,
                                              const std::string& space);

}  // namespace twin::app
