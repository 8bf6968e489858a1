// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace twin::steer {

/// Inverse of the null's own normal matrix of one coordinate: of {1} or {1, z}.
struct NullInverse {
  double a = 0.0, b = 0.0, c = 0.0;  // [[a, b], [b, c]]
};

/// \param w, wz, wzz  sums of weights, times the covariate, times its square
/// \return  zeros where nothing has weight; of {1} alone where the covariate does not vary
[[nodiscard]] inline NullInverse null_inverse(double w, double wz, double wzz, bool covariate) {
  NullInverse out;
  if (!(w > 0)) return out;
  const double spread = wzz - wz * wz / w;
  if (!covariate || !(spread > 1e-12 * wzz)) {
    out.a = 1 / w;
    return out;
  }
  out.c = 1 / spread;
  out.b = -wz / w * out.c;
  out.a = 1 / w + wz / w * wz / w * out.c;
  return out;
}

}  // namespace twin::steer
