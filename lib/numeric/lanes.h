// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstring>

/// Arithmetic on a few doubles side by side, in the compiler's own vectors: Debian's baseline has
/// registers of two; functions compiled for more are chosen when the program runs (see widest()).
///
/// Everything here is inlined by force into such a function, or it would be compiled for the
/// baseline. Bodies take references: vectors passed by value have an ABI that depends on the
/// target.
namespace twin::numeric {

#define TWINLINE_INLINE [[gnu::always_inline]] inline

/// Before a loop over an array of vectors: unrolled, or the array would lie in memory.
#if defined(__clang__)
#define TWINLINE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define TWINLINE_UNROLL _Pragma("GCC unroll 16")
#endif

template <int N>
struct Lanes {
  static constexpr int size = N;
  typedef double Real __attribute__((vector_size(8 * N)));
  typedef long long Whole __attribute__((vector_size(8 * N)));
};

template <typename V>
TWINLINE_INLINE void load(V& to, const double* from) {
  __builtin_memcpy(&to, from, sizeof(V));
}

template <typename V>
TWINLINE_INLINE void store(double* to, const V& from) {
  __builtin_memcpy(to, &from, sizeof(V));
}

/// exp x, relative error below 4e-16 for |x| < 700; beyond it is exp ±700. nan stays.
/// x = n ln 2 + y with ln 2 in two parts, Taylor's polynomial to y^13 on |y| ≤ 0.347.
template <typename L>
TWINLINE_INLINE void exponential(const typename L::Real& given, typename L::Real& out) {
  using V = typename L::Real;
  using I = typename L::Whole;
  constexpr double rounder = 6755399441055744.0;  // 1.5 · 2^52: adding it rounds to an integer
  V x = given > 700.0 ? V{} + 700.0 : given;
  x = x < -700.0 ? V{} - 700.0 : x;
  const V turned = x * 1.4426950408889634074 + rounder, n = turned - rounder;
  const V y = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
  V p = y * (1.0 / 6227020800) + 1.0 / 479001600;
  p = p * y + 1.0 / 39916800;
  p = p * y + 1.0 / 3628800;
  p = p * y + 1.0 / 362880;
  p = p * y + 1.0 / 40320;
  p = p * y + 1.0 / 5040;
  p = p * y + 1.0 / 720;
  p = p * y + 1.0 / 120;
  p = p * y + 1.0 / 24;
  p = p * y + 1.0 / 6;
  p = p * y + 0.5;
  p = p * y + 1.0;
  p = p * y + 1.0;
  // The integer n stands in the last bits of `turned`: shifted to the exponent's place.
  I bits;
  __builtin_memcpy(&bits, &turned, sizeof bits);
  bits = (bits << 52) + 0x3ff0000000000000LL;
  V power;
  __builtin_memcpy(&power, &bits, sizeof power);
  out = p * power;
}

/// sin x and cos x, absolute error below 3e-16 for |x| < 1e5: circle.h has the method.
template <typename L>
TWINLINE_INLINE void sine_cosine(const typename L::Real& x, typename L::Real& sine,
                                 typename L::Real& cosine) {
  using V = typename L::Real;
  constexpr double half_pi = 1.57079632673412561417e+00, rest = 6.07710050650619224932e-11;
  constexpr double rounder = 6755399441055744.0;
  const V n = (x * 0.63661977236758134308 + rounder) - rounder;
  const V y = (x - n * half_pi) - n * rest, z = y * y;
  V s = 1.0 / 6227020800 - z * (1.0 / 1307674368000 - z * (1.0 / 355687428096000));
  s = 1.0 / 39916800 - z * s;
  s = 1.0 / 362880 - z * s;
  s = 1.0 / 5040 - z * s;
  s = 1.0 / 120 - z * s;
  s = 1.0 / 6 - z * s;
  s = y - y * z * s;
  V c = 1.0 / 479001600 - z * (1.0 / 87178291200 - z * (1.0 / 20922789888000));
  c = 1.0 / 3628800 - z * c;
  c = 1.0 / 40320 - z * c;
  c = 1.0 / 720 - z * c;
  c = 1.0 / 24 - z * c;
  c = 0.5 - z * c;
  c = 1.0 - z * c;
  // m = -2 .. 2 quarters: sin(m π/2) = m (2 - |m|), cos(m π/2) = 1 - |m|.
  const V m = n - 4.0 * ((n * 0.25 + rounder) - rounder), size = m < 0.0 ? -m : m;
  const V sin_m = m * (2.0 - size), cos_m = 1.0 - size;
  sine = s * cos_m + c * sin_m;
  cosine = c * cos_m - s * sin_m;
}

/// Doubles that the processor works on at once: 8 (AVX-512), 4 (AVX2 and FMA), else 2; no more than
/// the limit, which is for tests.
[[nodiscard]] int widest();
void limit_width(int most);

}  // namespace twin::numeric
