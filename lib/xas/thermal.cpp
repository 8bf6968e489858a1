// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/thermal.h"

#include <gsl/gsl_integration.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>

#include "atoms/mass.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool is_valid(double temperature, double theta) {
  return std::isfinite(temperature) && std::isfinite(theta) && temperature >= 0 && theta > 0;
}

// A value and its derivative by t = θ/T.
struct Integral {
  double value = 0.0, by_t = 0.0;
};

const gsl_integration_glfixed_table* gauss() {
  struct Free {
    void operator()(gsl_integration_glfixed_table* table) const {
      gsl_integration_glfixed_table_free(table);
    }
  };
  static const std::unique_ptr<gsl_integration_glfixed_table, Free> table(
      gsl_integration_glfixed_table_alloc(64));
  return table.get();
}

// ∫₀¹ sin(wx)/x coth(wt/2) dw: coth = 1 + 2/(exp(wt) - 1), the first part in closed form, the
// second no further than where it is 1e-20, so that 64 points serve for every temperature.
Integral modes(double x, double t) {
  const auto shape = [x](double w) { return x > 1e-8 ? std::sin(w * x) / x : w; };
  Integral out{x > 1e-4 ? 2 * std::pow(std::sin(x / 2) / x, 2) : 0.5 - x * x / 24, 0.0};
  if (!std::isfinite(t)) return out;  // 0 K
  const double end = std::min(1.0, 45 / t);
  for (std::size_t i = 0; i < 64; ++i) {
    double w = 0, weight = 0;
    gsl_integration_glfixed_point(0, end, i, &w, &weight, gauss());
    const double above = std::expm1(w * t);
    out.value += weight * shape(w) * 2 / above;
    out.by_t -= weight * shape(w) * 2 * w * (above + 1) / (above * above);
  }
  return out;
}

}  // namespace

ThermalPath thermal_path(const ScatteringPath& path) {
  const auto n = static_cast<Eigen::Index>(path.elements.size());
  if (n < 2 || n != path.atoms.rows())
    throw Error(Cause::configuration,
                "path " + printable(path.name) +
                    ": its elements are not known, so that sigma2 can't be had from a "
                    "temperature; use a path of FEFF's run");
  ThermalPath out{path.atoms, Eigen::VectorXd(n), path.rnrmav};
  for (Eigen::Index i = 0; i < n; ++i)
    out.masses[i] = atoms::atomic_mass(path.elements[static_cast<std::size_t>(i)]);
  return out;
}

Thermal einstein(double temperature, double theta, const ThermalPath& path) {
  if (!is_valid(temperature, theta)) return {nan, nan, nan};
  const double scale = hbar2_over_kb / 2 * path.masses.cwiseInverse().sum() / theta;
  if (temperature == 0) return {scale, 0, -scale / theta};
  const double half = theta / (2 * temperature), coth = 1 / std::tanh(half);
  // d coth(h)/dh = 1 - coth² = -1/sinh²
  const double slope = half < 300 ? -1 / std::pow(std::sinh(half), 2) : 0.0;
  return {scale * coth, -scale * slope * half / temperature, scale / theta * (slope * half - coth)};
}

Thermal debye(double temperature, double theta, const ThermalPath& path) {
  if (!(path.rnrmav > 0))
    throw Error(Cause::configuration,
                "debye(): the path does not say its Norman radius; einstein() needs none");
  if (!is_valid(temperature, theta)) return {nan, nan, nan};
  const Eigen::Index n = path.atoms.rows();
  const double t = theta / temperature, kd = std::cbrt(4.5 * std::numbers::pi) / path.rnrmav;
  Eigen::MatrixXd value(n, n), by_t(n, n);  // C(R) θ of each pair of atoms
  for (Eigen::Index a = 0; a < n; ++a)
    for (Eigen::Index b = 0; b <= a; ++b) {
      const Integral one = modes(kd * (path.atoms.row(a) - path.atoms.row(b)).norm(), t);
      const double scale = 1.5 * hbar2_over_kb / std::sqrt(path.masses[a] * path.masses[b]);
      value(a, b) = value(b, a) = scale * one.value;
      by_t(a, b) = by_t(b, a) = scale * one.by_t;
    }
  double sum = 0, slope = 0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const Eigen::Index k = (i + 1) % n, l = (j + 1) % n;
      const Eigen::RowVector3d first = path.atoms.row(i) - path.atoms.row(k);
      const Eigen::RowVector3d second = path.atoms.row(j) - path.atoms.row(l);
      const double cosine = first.dot(second) / (first.norm() * second.norm()) / 4;
      sum += cosine * (value(i, j) + value(k, l) - value(i, l) - value(k, j));
      slope += cosine * (by_t(i, j) + by_t(k, l) - by_t(i, l) - by_t(k, j));
    }
  if (temperature == 0) return {sum / theta, 0, -sum / (theta * theta)};
  return {sum / theta, -slope / (temperature * temperature),
          (slope / temperature - sum / theta) / theta};
}

}  // namespace twin::xas
