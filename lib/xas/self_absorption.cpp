// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/self_absorption.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

double sine_of(double degrees, const char* what) {
  if (!(degrees > 0 && degrees <= 90))
    throw Error(Cause::configuration, std::string("sample.") + what + ": " + shortest(degrees) +
                                          " degrees; an angle to the surface from 0 to 90, 0 "
                                          "excluded, is expected");
  return std::sin(degrees * std::numbers::pi / 180);
}

void check(const record::Sample& sample, double concentration_sigma) {
  if (sample.formula.empty())
    throw Error(Cause::configuration,
                "self-absorption: sample.formula is missing; it is needed, as in CsPbI3");
  if (sample.areal_density && !(*sample.areal_density > 0 && std::isfinite(*sample.areal_density)))
    throw Error(Cause::configuration, "sample.areal_density: " + shortest(*sample.areal_density) +
                                          "; g/cm² above 0 are expected");
  if (!(concentration_sigma >= 0))
    throw Error(Cause::configuration, "self-absorption: an uncertainty of the concentration of " +
                                          shortest(concentration_sigma) + "; expected 0 or more");
}

// Attenuation of an element with no step within the data: the side of our edge goes on by a power
// law where an edge of another element comes later.
VectorXd without_steps(const std::string& element, const VectorXd& energy, double e0) {
  const auto edges = atoms::edges_between({element}, energy.minCoeff(), energy.maxCoeff());
  VectorXd out = atoms::mass_attenuation(element, energy);
  for (const atoms::TabulatedEdge& edge : edges) {
    const bool later = edge.energy > e0;
    const double near = edge.energy + (later ? -1 : 1), far = later ? 0.95 * near : 1.05 * near;
    const double at_near = atoms::mass_attenuation(element, near);
    const double power =
        std::log(atoms::mass_attenuation(element, far) / at_near) / std::log(far / near);
    for (Index i = 0; i < out.size(); ++i)
      if (later ? energy[i] >= near : energy[i] <= near)
        out[i] = at_near * std::pow(energy[i] / near, power);
    if (later) break;
  }
  return out;
}

// The factor of a finite sample, [1 - exp(-D (α+x))]/[1 - exp(-D (α+1))], and its derivatives by x
// and by α over itself.
struct Finite {
  double value = 1, by_x = 0, by_alpha = 0;
};

Finite finite(double alpha, double depth, double x) {
  if (!std::isfinite(depth)) return {};
  const double at_x = depth * (alpha + x), at_1 = depth * (alpha + 1);
  const double value = std::expm1(-at_x) / std::expm1(-at_1);
  const double by_x = at_x == 0 ? INFINITY : depth / std::expm1(at_x);
  return {value, by_x, by_x - depth / std::expm1(at_1)};
}

double forward(double alpha, double depth, double x) {
  if (x == 0) return 0;
  return x * (alpha + 1) / (alpha + x) * finite(alpha, depth, x).value;
}

// dN/dx and dN/dα at x.
std::pair<double, double> slopes(double alpha, double depth, double x) {
  const Finite f = finite(alpha, depth, x);
  const double thick = (alpha + 1) / (alpha + x), n = x * thick * f.value;
  const double by_x = thick * f.value * alpha / (alpha + x) + n * f.by_x;
  return {by_x, n * (1 / (alpha + 1) - 1 / (alpha + x) + f.by_alpha)};
}

double inverse_thick(double alpha, double n) { return alpha * n / (alpha + 1 - n); }

// Newton from the linear answer of a thin sample, held above the pole at -α.
double inverse(double alpha, double depth, double n) {
  if (!std::isfinite(depth)) return inverse_thick(alpha, n);
  double x = n;
  for (int i = 0; i < 60; ++i) {
    const double step = (forward(alpha, depth, x) - n) / slopes(alpha, depth, x).first;
    x = std::max(x - step, -0.9 * alpha + 0.1 * x);
    if (std::abs(step) < 1e-14 * (1 + std::abs(x))) break;
  }
  return x;
}

[[noreturn]] void impossible(double n, double most, Index at) {
  throw Error(Cause::data, "self-absorption: point " + std::to_string(at + 1) + " has " +
                               significant(n, 4) + " edge steps, where this sample gives at most " +
                               significant(most, 4) +
                               "; check the formula, the angles and the areal density");
}

}  // namespace

SelfAbsorption self_absorption(const record::Sample& sample, const atoms::TabulatedEdge& edge,
                               const VectorXd& energy, double concentration_sigma) {
  check(sample, concentration_sigma);
  const double in = sine_of(sample.angle_in, "angle_in"),
               out_angle = sine_of(sample.angle_out, "angle_out"), g = in / out_angle;
  const double line = atoms::emission_energy(edge.element, edge.level);
  double share = 0, at_line = 0;
  VectorXd others = VectorXd::Zero(energy.size());
  for (const atoms::Constituent& part : atoms::composition(sample.formula)) {
    if (part.element == edge.element) {
      share = part.mass_fraction;
      continue;
    }
    others += part.mass_fraction * without_steps(part.element, energy, edge.energy);
    at_line += part.mass_fraction * atoms::mass_attenuation(part.element, line);
  }
  if (share == 0)
    throw Error(Cause::configuration, "sample.formula: " + printable(sample.formula) + " has no " +
                                          edge.element + ", whose edge is measured");
  const atoms::AroundEdge own = atoms::around_edge(edge, energy);
  const VectorXd step = share * own.own;
  const VectorXd rest = others.array() + g * at_line;
  const VectorXd same =
      share * (own.below.array() + g * atoms::mass_attenuation(edge.element, line));
  SelfAbsorption out;
  out.alpha = (rest + same).cwiseQuotient(step);
  // c → c (1 + ε), 1 - c → 1 - c (1 + ε): the rest over the step changes by -ε/(1 - c).
  const double change = share < 1 ? concentration_sigma / (1 - share) : 0;
  out.alpha_sigma = change * rest.cwiseQuotient(step);
  out.depth = VectorXd::Constant(energy.size(), std::numeric_limits<double>::infinity());
  if (sample.areal_density) out.depth = *sample.areal_density / in * step;
  if (share == 1 && concentration_sigma > 0)
    out.warnings.push_back("self-absorption: " + printable(sample.formula) +
                           " is the absorber alone; its concentration adds no uncertainty");
  return out;
}

VectorXd apply_self_absorption(const SelfAbsorption& sample, const VectorXd& norm) {
  if (norm.size() != sample.alpha.size())
    throw Error(Cause::data, "self-absorption: " + std::to_string(norm.size()) +
                                 " values for a sample at " + std::to_string(sample.alpha.size()) +
                                 " energies; one each is expected");
  VectorXd out(norm.size());
  for (Index i = 0; i < norm.size(); ++i)
    out[i] = forward(sample.alpha[i], sample.depth[i], norm[i]);
  return out;
}

Unabsorbed correct_self_absorption(const SelfAbsorption& sample, const VectorXd& norm) {
  const Index n = norm.size();
  if (n != sample.alpha.size())
    throw Error(Cause::data, "self-absorption: " + std::to_string(n) + " values for a sample at " +
                                 std::to_string(sample.alpha.size()) +
                                 " energies; one each is expected");
  Unabsorbed out{VectorXd(n), VectorXd(n), VectorXd(n)};
  for (Index i = 0; i < n; ++i) {
    const double alpha = sample.alpha[i], depth = sample.depth[i];
    const double most =
        std::isfinite(depth) ? (alpha + 1) / -std::expm1(-depth * (alpha + 1)) : alpha + 1;
    if (!(norm[i] < most)) impossible(norm[i], most, i);
    out.norm[i] = inverse(alpha, depth, norm[i]);
    const auto [by_x, by_alpha] = slopes(alpha, depth, out.norm[i]);
    out.slope[i] = 1 / by_x;
    out.sigma_sys[i] = std::abs(by_alpha / by_x) * sample.alpha_sigma[i];
  }
  return out;
}

Unabsorbed correct_chi(const SelfAbsorption& sample, const VectorXd& chi) {
  Unabsorbed out = correct_self_absorption(sample, chi.array() + 1);
  out.norm.array() -= 1;
  return out;
}

}  // namespace twin::xas
