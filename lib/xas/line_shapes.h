// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace twin::xas {

/// A line of area one at x from its centre, and its derivatives.
struct LineValue {
  double value = 0.0, by_x = 0.0, by_fwhm = 0.0, by_mixing = 0.0;
};

/// Gaussian: √(4 ln 2/π)/w exp(-4 ln 2 x²/w²); Lorentzian: (2/πw)/(1 + 4x²/w²).
/// \param mixing  share of the Lorentzian: 0, 1, or between for the sum form of Voigt's profile
/// G.K. Wertheim et al., Rev. Sci. Instrum. 45, 1369 (1974), doi:10.1063/1.1686503.
[[nodiscard]] LineValue line_shape(double x, double fwhm, double mixing);

}  // namespace twin::xas
