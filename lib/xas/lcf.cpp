// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/lcf.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "numeric/statistics.h"
#include "xas/lcf_errors.h"
#include "xas/lcf_problem.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check_spectrum(const std::string& what, const VectorXd& energy, const VectorXd& norm) {
  if (energy.size() != norm.size())
    throw Error(Cause::data, what + ": " + std::to_string(energy.size()) + " energies and " +
                                 std::to_string(norm.size()) +
                                 " values; as many of both are wanted");
  if (energy.size() < 4)
    throw Error(Cause::data,
                what + ": " + std::to_string(energy.size()) + " points; four or more are needed");
  if (!energy.allFinite() || !norm.allFinite())
    throw Error(Cause::data, what + ": a value is not finite; take the damaged rows out");
  for (Index i = 1; i < energy.size(); ++i)
    if (!(energy[i] > energy[i - 1]))
      throw Error(Cause::data, what + ": energy does not increase at point " +
                                   std::to_string(i + 1) + "; increasing energies are wanted");
}

void check_standard(const LcfStandard& standard) {
  check_spectrum("standard " + standard.name, standard.energy, standard.norm);
  if (standard.spread.cols() > 0 && standard.spread.rows() != standard.energy.size())
    throw Error(Cause::data, "standard " + standard.name + ": its spread has " +
                                 std::to_string(standard.spread.rows()) + " points, it has " +
                                 std::to_string(standard.energy.size()));
}

void check(const VectorXd& energy, const VectorXd& norm, double e0,
           const std::vector<LcfStandard>& standards, const record::LcfSettings& settings) {
  check_spectrum("linear combination", energy, norm);
  if (!std::isfinite(e0)) throw Error(Cause::data, "linear combination: e0 is not finite");
  if (standards.empty())
    throw Error(Cause::configuration, "linear combination: no standards; name one or more");
  for (const LcfStandard& standard : standards) check_standard(standard);
  if (!(settings.emin < settings.emax))
    throw Error(Cause::configuration, "linear combination: emin " + shortest(settings.emin) +
                                          " is not below emax " + shortest(settings.emax));
  if (!(settings.max_shift >= 0))
    throw Error(Cause::configuration, "linear combination: max_shift is below zero");
  if (settings.space != "norm" && settings.space != "flat" && settings.space != "derivative")
    throw Error(Cause::configuration, "linear combination: unknown space " +
                                          printable(settings.space) + "; norm, flat or derivative");
}

struct Range {
  Index first = 0, count = 0;
};

Range range_of(const VectorXd& energy, double e0, const record::LcfSettings& settings) {
  const auto* begin = energy.data();
  const auto* end = begin + energy.size();
  constexpr double rounding = 1e-6;  // eV: an energy that a file rounds is still in
  Index first = std::lower_bound(begin, end, e0 + settings.emin - rounding) - begin;
  Index last = std::upper_bound(begin, end, e0 + settings.emax + rounding) - begin;
  if (settings.space == "derivative") {  // a neighbour on each side
    first = std::max<Index>(0, first - 1);
    last = std::min<Index>(energy.size(), last + 1);
  }
  return {first, std::max<Index>(0, last - first)};
}

// Fractions of the weights, and their derivatives [n × p].
struct Fractions {
  VectorXd value;
  MatrixXd jacobian;
};

Fractions fractions_of(const LcfLayout& layout, const VectorXd& x) {
  const VectorXd w = layout.weights(x);
  const MatrixXd by_x = layout.weights_jacobian();
  const double total = w.sum();
  if (!layout.sum_to_one || layout.dependent >= 0 || !(total > 0)) return {w, by_x};
  const MatrixXd by_w =
      (MatrixXd::Identity(w.size(), w.size()) - w / total * VectorXd::Ones(w.size()).transpose()) /
      total;
  return {w / total, by_w * by_x};
}

double root(double variance) { return std::sqrt(std::max(0.0, variance)); }

// \p excess: of the variance by misfit, in variances by noise.
void say_parameters(LcfFit& out, const LcfLayout& layout, const VectorXd& x,
                    const MatrixXd& covariance, double excess) {
  const auto take = [&](Index i, double& value, double& sigma) {
    if (i < 0) return;
    value = x[i];
    sigma = root(covariance(i, i));
  };
  take(layout.offset, out.offset, out.offset_sigma);
  take(layout.slope, out.slope, out.slope_sigma);
  take(layout.shift, out.shift, out.shift_sigma);
  take(layout.variance, out.variance, out.variance_sigma);
  take(layout.self_absorption, out.self_absorption, out.self_absorption_sigma);
  out.broadening = root(out.variance);
  out.shift_sys = std::sqrt(excess) * out.shift_sigma;
  if (!layout.sum_to_one || layout.dependent >= 0) return;
  const VectorXd total = layout.weights_jacobian().colwise().sum().transpose();
  out.step = layout.weights(x).sum();
  out.step_sigma = root(total.dot(covariance * total));
  out.step_sys = std::sqrt(excess) * out.step_sigma;
}

void say_misfit(LcfFit& out, LcfProblem& problem, const VectorXd& x, double expected) {
  const VectorXd model = problem.model(x, nullptr);
  out.data = problem.space(problem.data());
  out.fit = problem.space(model);
  const Index skipped = (problem.energy().size() - out.data.size()) / 2;
  out.energy = problem.energy().segment(skipped, out.data.size());
  const VectorXd residual = out.data - out.fit;
  out.points = static_cast<int>(out.data.size());
  out.parameters = static_cast<int>(problem.layout.parameters);
  out.r_factor = residual.squaredNorm() / out.data.squaredNorm();
  out.chi2 = expected > 0 ? residual.squaredNorm() / (expected / out.points) : 0.0;
  out.reduced_chi2 = out.chi2 / (out.points - out.parameters);
  out.points_effective =
      out.points / numeric::statistical_inefficiency(
                       std::span(residual.data(), static_cast<std::size_t>(residual.size())));
}

void warn_of_bounds(LcfFit& out, const LcfProblem& problem, const VectorXd& x, bool nonnegative) {
  const LcfLayout& layout = problem.layout;
  const auto held = [&](Index i) {
    return i >= 0 && (x[i] <= problem.lower()[i] || x[i] >= problem.upper()[i]);
  };
  for (Index j = 0; j < out.fractions.size(); ++j)
    if (nonnegative && out.fractions[j] < 1e-12)
      out.warnings.push_back("fraction " + out.names[static_cast<std::size_t>(j)] +
                             " is held at its bound of 0: its uncertainty is one-sided, that of "
                             "a fit without the bound");
  if (held(layout.variance))
    out.warnings.push_back("the broadening is held at its bound: variance " +
                           shortest(x[layout.variance]) + " eV²");
  if (held(layout.self_absorption))
    out.warnings.push_back("self-absorption is held at its bound of " +
                           shortest(x[layout.self_absorption]));
}

void warn(LcfFit& out, const record::LcfSettings& settings) {
  if (!out.converged)
    out.warnings.emplace_back("the fit did not converge: fractions and errors are not to be used");
  if (settings.shift && settings.max_shift > 0 && std::abs(out.shift) >= settings.max_shift)
    out.warnings.push_back("the energy shift is held at its bound of " +
                           shortest(settings.max_shift) + " eV");
  if (!settings.sum_to_one && settings.step)
    out.warnings.emplace_back(
        "fractions that need not add to one carry the step with them; step is 1");
}

void say_sigmas(LcfFit& out) {
  out.sigma = out.covariance.diagonal().cwiseMax(0).cwiseSqrt();
  out.sigma_sys = out.covariance_sys.diagonal().cwiseMax(0).cwiseSqrt();
}

double scale_of(const LcfFit& out) {
  const double scatter = std::sqrt(2.0 / (out.points - out.parameters));
  return out.reduced_chi2 > 1 + 2 * scatter ? out.reduced_chi2 : 1.0;
}

// One spectrum, all but sigma_sys of what the settings leave unrefined.
LcfFit fit_one(const VectorXd& energy, const VectorXd& norm, double e0,
               const std::vector<LcfStandard>& standards, const record::LcfSettings& settings,
               double noise) {
  const Range range = range_of(energy, e0, settings);
  const LcfLayout layout(static_cast<Index>(standards.size()), settings);
  const Index neighbours = settings.space == "derivative" ? 2 : 0;
  if (range.count < layout.parameters + 1 + neighbours)
    throw Error(Cause::data, "linear combination: " + std::to_string(range.count) +
                                 " points from " + shortest(settings.emin) + " to " +
                                 shortest(settings.emax) + " eV; more than the " +
                                 std::to_string(layout.parameters) + " parameters are needed");
  LcfProblem problem(energy.segment(range.first, range.count),
                     norm.segment(range.first, range.count), e0, standards, settings);
  const numeric::LeastSquaresFit fit = problem.fit();
  LcfFit out;
  for (const LcfStandard& standard : standards) out.names.push_back(standard.name);
  out.noise = noise;
  out.converged = fit.converged;
  const LcfErrors errors = lcf_errors(problem, fit, standards, noise);
  const VectorXd& x = errors.x;
  say_misfit(out, problem, x, errors.expected);
  const double excess = scale_of(out) - 1;
  say_parameters(out, problem.layout, x, errors.covariance, excess);
  const Fractions fractions = fractions_of(problem.layout, x);
  out.fractions = fractions.value;
  // A step that is too large makes the standard too small: the weight takes it up.
  const MatrixXd by_scale = fractions.jacobian * errors.by_scale;
  const MatrixXd by_energy = fractions.jacobian * errors.by_energy;
  out.covariance = fractions.jacobian * errors.covariance * fractions.jacobian.transpose();
  out.covariance_sys = excess * out.covariance;
  const MatrixXd by_spread = fractions.jacobian * errors.by_spread;
  out.covariance += by_spread * by_spread.transpose();
  for (std::size_t j = 0; j < standards.size(); ++j) {
    const VectorXd change = by_scale.col(static_cast<Index>(j));
    const VectorXd moved = by_energy.col(static_cast<Index>(j));
    out.covariance += std::pow(standards[j].step_sigma, 2) * change * change.transpose() +
                      std::pow(standards[j].energy_sigma, 2) * moved * moved.transpose();
    out.covariance_sys += std::pow(standards[j].step_sys, 2) * change * change.transpose();
  }
  say_sigmas(out);
  warn_of_bounds(out, problem, x, settings.nonnegative);
  warn(out, settings);
  return out;
}

}  // namespace

LcfFit fit_lcf(const VectorXd& energy, const VectorXd& norm, double e0,
               const std::vector<LcfStandard>& standards, const record::LcfSettings& settings,
               std::optional<double> noise) {
  check(energy, norm, e0, standards, settings);
  const double sigma = noise ? *noise : noise_beside_edge(energy, norm, e0);
  LcfFit out = fit_one(energy, norm, e0, standards, settings, sigma);
  if (settings.slope && (settings.step || !settings.sum_to_one)) return out;
  record::LcfSettings refined = settings;
  refined.step = refined.slope = true;
  try {
    const LcfFit other = fit_one(energy, norm, e0, standards, refined, sigma);
    const VectorXd apart = other.fractions - out.fractions;
    out.covariance_sys += apart * apart.transpose();
    say_sigmas(out);
  } catch (const Error&) {
    out.warnings.emplace_back(
        "too few points to tell what the normalisation does to the fractions");
  }
  return out;
}

}  // namespace twin::xas
