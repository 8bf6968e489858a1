// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/path_kernel.h"

#include <algorithm>

#include "core/constants.h"
#include "numeric/lanes.h"

// A function for each width; name_widest() is that of the processor.
#if defined(__x86_64__)
#define TWINLINE_BY_WIDTH(name, parameters, ...)                                               \
  [[gnu::target("avx512f,avx512dq,fma")]] void name##_8 parameters {                           \
    name##_body<Lanes<8>>(__VA_ARGS__);                                                        \
  }                                                                                            \
  [[gnu::target("avx2,fma")]] void name##_4 parameters { name##_body<Lanes<4>>(__VA_ARGS__); } \
  void name##_2 parameters { name##_body<Lanes<2>>(__VA_ARGS__); }                             \
  auto name##_widest() {                                                                       \
    const int width = numeric::widest();                                                       \
    return width == 8 ? name##_8 : (width == 4 ? name##_4 : name##_2);                         \
  }
#else
#define TWINLINE_BY_WIDTH(name, parameters, ...)                   \
  void name##_2 parameters { name##_body<Lanes<2>>(__VA_ARGS__); } \
  auto name##_widest() { return name##_2; }
#endif

namespace twin::xas {

namespace {

using Eigen::Index;
using numeric::Lanes;

template <typename L>
TWINLINE_INLINE void spline_body(const double* c, double origin, Index from, Index end,
                                 double* values, Index stride) {
  using V = typename L::Real;
  for (Index i = from; i < end; i += L::size) {
    V t;
    numeric::load(t, values + i);
    t -= origin;
    TWINLINE_UNROLL
    for (int j = 0; j < 4; ++j) {
      const double* a = c + 4 * j;
      numeric::store(values + (1 + j) * stride + i, V(a[0] + t * (a[1] + t * (a[2] + t * a[3]))));
      numeric::store(values + (5 + j) * stride + i, V(a[1] + t * (2 * a[2] + t * (3 * a[3]))));
    }
  }
}

TWINLINE_BY_WIDTH(spline,
                  (const double* c, double origin, Index from, Index end, double* values,
                   Index stride),
                  c, origin, from, end, values, stride)

// Where to write the slopes, and how much of the last vector.
struct Target {
  double* chi;
  double* slopes;  // nothing, or [stride × 6]
  Index stride;
  Index count;
};

template <typename V>
TWINLINE_INLINE void put(double* to, const V& value, Index room) {
  constexpr Index size = sizeof(V) / sizeof(double);
  if (room >= size)
    numeric::store(to, value);
  else
    __builtin_memcpy(to, &value, static_cast<std::size_t>(room) * sizeof(double));
}

// Written out in real arithmetic: p = a + ib, p² = c + id. Without cumulants, and none of them
// moving, their terms are left out.
template <typename L, bool cumulants>
TWINLINE_INLINE void waves_of(double reff, const PathValues& v, const double* values, Index stride,
                              const Target& to, unsigned moving) {
  using V = typename L::Real;
  const double third = 2.0 / 3.0 * v.c3, fourth = 2.0 / 3.0 * v.c4;
  const double r = reff + v.delta_r, shift = v.delta_r - 2 * v.sigma2 / reff;
  for (Index i = 0; i < to.count; i += L::size) {
    V q, amp, pha, a, lambda;
    numeric::load(q, values + i);
    numeric::load(amp, values + stride + i);
    numeric::load(pha, values + 2 * stride + i);
    numeric::load(a, values + 3 * stride + i);
    numeric::load(lambda, values + 4 * stride + i);
    const V over = 1.0 / (q * lambda), by_q = over * lambda;
    const V b = over * q, c = a * a - b * b, d = 2.0 * a * b;
    // 2 p (shift - (2/3) p² c3) = w + iz
    V w = 2.0 * shift * a, z = 2.0 * shift * b;
    V decay = -2.0 * (reff * b + v.sigma2 * c), phase = 2.0 * (q * reff - v.sigma2 * d) + pha;
    if constexpr (cumulants) {
      w -= 2.0 * third * (a * c - b * d);
      z -= 2.0 * third * (b * c + a * d);
      decay += fourth * (c * c - d * d);
      phase += 2.0 * fourth * c * d;
    }
    decay -= z;
    phase += w;
    V size, im, re;
    numeric::exponential<L>(decay, size);
    numeric::sine_cosine<L>(phase, im, re);
    size *= by_q / (r * r);  // without amplitude and amp
    re *= size;
    im *= size;
    const Index room = to.count - i;
    const V one = amp * im, y = v.amplitude * one;
    put(to.chi + i, y, room);
    if (!to.slopes) continue;
    double* slope = to.slopes + i;
    if (moving & 1u) put(slope, one, room);
    const V x = v.amplitude * amp * re;
    if (moving & 2u) {
      V amp_slope, pha_slope, da, lambda_slope;
      numeric::load(amp_slope, values + 5 * stride + i);
      numeric::load(pha_slope, values + 6 * stride + i);
      numeric::load(da, values + 7 * stride + i);
      numeric::load(lambda_slope, values + 8 * stride + i);
      const V db = -lambda_slope * b * b;
      // (p²)' = 2 p p' = f + ig, and that of the exponent
      const V f = 2.0 * (a * da - b * db), g = 2.0 * (a * db + b * da);
      V dw = 2.0 * shift * da, dz = 2.0 * shift * db;
      V ddecay = -2.0 * (reff * db + v.sigma2 * f);
      V dphase = 2.0 * (reff - v.sigma2 * g) + pha_slope;
      if constexpr (cumulants) {
        dw -= 6.0 * third * (da * c - db * d);
        dz -= 6.0 * third * (da * d + db * c);
        ddecay += 2.0 * fourth * (c * f - d * g);
        dphase += 2.0 * fourth * (c * g + d * f);
      }
      const V along = v.amplitude * amp_slope * im + x * (dphase + dw) + y * (ddecay - dz - by_q);
      const V down = by_q < 0.0 ? -by_q : by_q;
      put(slope + to.stride, V(along * (-etok / 2) * down), room);
    }
    if (moving & 4u) put(slope + 2 * to.stride, V(2.0 * (x * a - y * (b + 1 / r))), room);
    if (moving & 8u)
      put(slope + 3 * to.stride, V(y * (4 / reff * b - 2.0 * c) - x * (2.0 * d + 4 / reff * a)),
          room);
    if constexpr (cumulants) {
      if (moving & 16u)
        put(slope + 4 * to.stride, V(-4.0 / 3.0 * (x * (a * c - b * d) - y * (a * d + b * c))),
            room);
      if (moving & 32u)
        put(slope + 5 * to.stride, V(2.0 / 3.0 * (y * (c * c - d * d) + x * (2.0 * c * d))), room);
    }
  }
}

template <typename L>
TWINLINE_INLINE void waves_body(double reff, const PathValues& v, const double* values,
                                Index stride, const Target& to, unsigned moving) {
  if (v.c3 != 0 || v.c4 != 0 || (moving & 48u))
    waves_of<L, true>(reff, v, values, stride, to, moving);
  else
    waves_of<L, false>(reff, v, values, stride, to, moving);
}

TWINLINE_BY_WIDTH(waves,
                  (double reff, const PathValues& v, const double* values, Index stride,
                   const Target& to, unsigned moving),
                  reff, v, values, stride, to, moving)

// C columns of the result, P vectors of rows: as many sums as stay in registers.
template <typename L, int C, int P>
TWINLINE_INLINE void product_part(const double* m, Index width, Index count, const double* x,
                                  Index x_stride, double* out, Index out_stride, Index room) {
  using V = typename L::Real;
  V sum[C][P] = {};
  for (Index k = 0; k < count; ++k) {
    V row[P];
    TWINLINE_UNROLL
    for (int p = 0; p < P; ++p) numeric::load(row[p], m + k * width + p * L::size);
    TWINLINE_UNROLL
    for (int c = 0; c < C; ++c) {
      const double factor = x[c * x_stride + k];
      TWINLINE_UNROLL
      for (int p = 0; p < P; ++p) sum[c][p] += row[p] * factor;
    }
  }
  TWINLINE_UNROLL
  for (int c = 0; c < C; ++c) TWINLINE_UNROLL
  for (int p = 0; p < P; ++p)
    if (room > p * L::size) put(out + c * out_stride + p * L::size, sum[c][p], room - p * L::size);
}

template <typename L, int P>
TWINLINE_INLINE void product_rows(const double* m, Index width, Index count, const double* x,
                                  Index x_stride, Index columns, double* out, Index out_stride,
                                  Index room) {
  Index c = 0;
  for (; c + 4 <= columns; c += 4)
    product_part<L, 4, P>(m, width, count, x + c * x_stride, x_stride, out + c * out_stride,
                          out_stride, room);
  for (; c < columns; ++c)
    product_part<L, 1, P>(m, width, count, x + c * x_stride, x_stride, out + c * out_stride,
                          out_stride, room);
}

template <typename L>
TWINLINE_INLINE void product_body(const double* m, Index width, Index count, const double* x,
                                  Index x_stride, Index columns, double* out, Index out_stride,
                                  Index rows) {
  constexpr int most = L::size == 8 ? 4 : 2;  // of 32 and of 16 registers
  Index r = 0;
  for (; r + (most - 1) * L::size < rows; r += most * L::size)
    product_rows<L, most>(m + r, width, count, x, x_stride, columns, out + r, out_stride, rows - r);
  for (; r < rows; r += L::size)
    product_rows<L, 1>(m + r, width, count, x, x_stride, columns, out + r, out_stride, rows - r);
}

TWINLINE_BY_WIDTH(product,
                  (const double* m, Index width, Index count, const double* x, Index x_stride,
                   Index columns, double* out, Index out_stride, Index rows),
                  m, width, count, x, x_stride, columns, out, out_stride, rows)

}  // namespace

void spline_points(const double* coefficients, double origin, Index from, Index end,
                   PathPoints& to) {
  spline_widest()(coefficients, origin, from, end, to.values.data(), to.values.rows());
}

void path_waves(double reff, const PathValues& values, const PathPoints& points, double* chi,
                Eigen::MatrixXd* slopes, unsigned moving) {
  const Target to{chi, slopes ? slopes->data() : nullptr, slopes ? slopes->rows() : 0,
                  points.count};
  waves_widest()(reff, values, points.values.data(), points.values.rows(), to, moving);
}

void thin_product(const Eigen::Ref<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>& m,
                  const Eigen::Ref<const Eigen::MatrixXd>& x, Eigen::Ref<Eigen::MatrixXd> out) {
  product_widest()(m.data(), m.outerStride(), x.rows(), x.data(), x.outerStride(), x.cols(),
                   out.data(), out.outerStride(), out.rows());
}

}  // namespace twin::xas
