// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/line_shapes.h"

#include <cmath>
#include <numbers>

namespace twin::xas {

LineValue line_shape(double x, double fwhm, double mixing) {
  const double u = x / fwhm, four_ln2 = 4 * std::numbers::ln2;
  const double gauss = std::sqrt(four_ln2 / std::numbers::pi) / fwhm * std::exp(-four_ln2 * u * u);
  const double under = 1 + 4 * u * u, lorentz = 2 / (std::numbers::pi * fwhm * under);
  // ln of each: -ln w - 4 ln2 u² and -ln w - ln(1 + 4u²); ∂u/∂x = 1/w, ∂u/∂w = -u/w.
  const double gauss_u = -2 * four_ln2 * u * gauss, lorentz_u = -8 * u / under * lorentz;
  LineValue out;
  out.value = (1 - mixing) * gauss + mixing * lorentz;
  const double by_u = (1 - mixing) * gauss_u + mixing * lorentz_u;
  out.by_x = by_u / fwhm;
  out.by_fwhm = -(out.value + u * by_u) / fwhm;
  out.by_mixing = lorentz - gauss;
  return out;
}

}  // namespace twin::xas
