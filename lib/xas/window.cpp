// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

// The four corners of a window as indices of the grid: it rises from first to second and falls from
// third to fourth. The rounding is Larch's, so that the same points carry weight.
struct Corners {
  Eigen::Index first, second, third, fourth;
  double x1, x2, x3, x4;
};

// What the caller asked for.
struct Range {
  double kmin, kmax, dk, dk2;
};

Corners corners(const Eigen::VectorXd& k, const Range& range, bool fractional) {
  const Eigen::Index last = k.size() - 1;
  const double step = (k[last] - k[0]) / static_cast<double>(last), tiny = 1e-4 * step;
  const auto index = [&](double x) {
    return std::clamp<Eigen::Index>(static_cast<Eigen::Index>((x + tiny) / step), 0, last);
  };
  const double low = std::max(k[0], range.kmin - range.dk / 2);
  const double high = std::min(k[last], range.kmax + range.dk2 / 2);
  const double half = (range.kmax - range.kmin) / 2;
  Corners c{};
  c.first = index(low);
  c.second = index(fractional ? low + tiny + range.dk * half : range.kmin + range.dk / 2 + tiny);
  c.third = index(fractional ? high - tiny - std::min(range.dk2, 1.0) * half
                             : range.kmax - range.dk2 / 2 - tiny);
  c.fourth = index(high);
  if (c.second == c.first) c.first = std::max<Eigen::Index>(0, c.second - 1);
  if (c.fourth == c.third) c.third = std::max(c.second, c.fourth - 1);
  c.x1 = k[c.first];
  c.x2 = k[c.second] + (c.first == c.second ? tiny : 0);
  c.x3 = k[c.third];
  c.x4 = k[c.fourth] + (c.third == c.fourth ? tiny : 0);
  return c;
}

// Ones in the middle, rise(t) and fall(t) with t = 0 .. 1 along each flank.
template <typename Rise, typename Fall>
Eigen::VectorXd flanks(const Eigen::VectorXd& k, const Corners& c, Rise rise, Fall fall) {
  Eigen::VectorXd w = Eigen::VectorXd::Zero(k.size());
  for (Eigen::Index i = c.second; i < c.third; ++i) w[i] = 1;
  for (Eigen::Index i = c.first; i <= c.second; ++i) w[i] = rise((k[i] - c.x1) / (c.x2 - c.x1));
  for (Eigen::Index i = c.third; i <= c.fourth; ++i) w[i] = fall((k[i] - c.x3) / (c.x4 - c.x3));
  return w;
}

double square(double x) { return x * x; }

Eigen::VectorXd kaiser(const Eigen::VectorXd& k, const Corners& c, double dk) {
  const double centre = (c.x4 + c.x1) / 2, width = (c.x4 - c.x1) / 2;
  const double scale = std::max(1e-10, std::cyl_bessel_i(0.0, dk) - 1);
  return k.unaryExpr([&](double x) {
    const double inside = 1 - square((x - centre) / width);
    if (inside <= 0) return 0.0;
    return (std::cyl_bessel_i(0.0, dk * std::sqrt(inside)) - 1) / scale;
  });
}

// Ifeffit's Kaiser-Bessel window: without the pedestal taken off.
Eigen::VectorXd bessel(const Eigen::VectorXd& k, const Corners& c, double dk) {
  const double centre = (c.x4 + c.x1) / 2, width = (c.x4 - c.x1) / 2;
  return k.unaryExpr([&](double x) {
    if (x <= c.x1 || x >= c.x4) return 0.0;
    const double inside = std::max(0.0, 1 - square((x - centre) / width));
    return std::cyl_bessel_i(0.0, dk * std::sqrt(inside)) / std::cyl_bessel_i(0.0, dk);
  });
}

Eigen::VectorXd sine(const Eigen::VectorXd& k, const Corners& c) {
  Eigen::VectorXd w = Eigen::VectorXd::Zero(k.size());
  for (Eigen::Index i = c.first; i <= c.fourth; ++i)
    w[i] = std::sin(std::numbers::pi * (c.x4 - k[i]) / (c.x4 - c.x1));
  return w;
}

Eigen::VectorXd gaussian(const Eigen::VectorXd& k, const Corners& c, double dk) {
  const double centre = (c.x4 + c.x1) / 2, width = std::max(dk, 1e-4 * (k[1] - k[0]));
  return k.unaryExpr([&](double x) { return std::exp(-square(x - centre) / (2 * width * width)); });
}

}  // namespace

Eigen::VectorXd k_grid(Eigen::Index n) {
  Eigen::VectorXd k(n);
  for (Eigen::Index i = 0; i < n; ++i) k[i] = kstep * static_cast<double>(i);
  return k;
}

Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk,
                       const std::string& name) {
  return window(k, kmin, kmax, dk, dk, name);
}

Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk, double dk2,
                       const std::string& name) {
  if (k.size() < 2 || !(kmax > kmin) || !(dk >= 0) || !(dk2 >= 0))
    throw Error(Cause::configuration, "window: kmin " + shortest(kmin) + ", kmax " +
                                          shortest(kmax) + ", dk " + shortest(std::min(dk, dk2)) +
                                          "; kmin below kmax and dk of zero or more are wanted");
  const Corners c = corners(k, {kmin, kmax, dk, dk2}, name == "fhanning");
  if (name == "kaiser") return kaiser(k, c, dk);
  if (name == "bessel") return bessel(k, c, dk);
  if (name == "sine") return sine(k, c);
  if (name == "gaussian") return gaussian(k, c, dk);
  const double quarter = std::numbers::pi / 2;
  if (name == "hanning" || name == "fhanning")
    return flanks(
        k, c, [&](double t) { return square(std::sin(quarter * t)); },
        [&](double t) { return square(std::cos(quarter * t)); });
  if (name == "parzen")
    return flanks(
        k, c, [](double t) { return t; }, [](double t) { return 1 - t; });
  if (name == "welch")
    return flanks(
        k, c, [](double t) { return 1 - square(1 - t); }, [](double t) { return 1 - square(t); });
  static const std::array<std::string, 8> names{"hanning", "fhanning", "kaiser", "parzen",
                                                "welch",   "sine",     "bessel", "gaussian"};
  throw Error(Cause::configuration, "window: '" + printable(name) + "' is not known; " +
                                        join(names, ", ") + " are" + perhaps(name, names));
}

}  // namespace twin::xas
