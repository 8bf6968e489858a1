// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/reduce.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "xas/autobk.h"
#include "xas/pre_edge.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double same_energy = 5e-4;  // eV: steps below it are repeats
constexpr Index fewest_points = 20;

void check(const VectorXd& energy, const VectorXd& mu) {
  if (energy.size() != mu.size())
    throw Error(Cause::data, "spectrum: " + std::to_string(energy.size()) + " energies and " +
                                 std::to_string(mu.size()) +
                                 " values of mu; as many of both are wanted");
  if (energy.size() < fewest_points)
    throw Error(Cause::data, "spectrum: " + std::to_string(energy.size()) + " points; " +
                                 std::to_string(fewest_points) + " or more are needed");
  for (Index i = 0; i < energy.size(); ++i) {
    if (!std::isfinite(energy[i]) || !std::isfinite(mu[i]))
      throw Error(Cause::data, "spectrum: point " + std::to_string(i + 1) +
                                   " is not finite; take the damaged rows out");
    if (i > 0 && energy[i] < energy[i - 1])
      throw Error(Cause::data, "spectrum: energy decreases at point " + std::to_string(i + 1) +
                                   ", from " + shortest(energy[i - 1]) + " to " +
                                   shortest(energy[i]) + " eV; increasing energies are wanted");
  }
}

// Points at one energy become their mean.
void average_repeats(Reduction& spectrum) {
  const VectorXd energy = spectrum.energy, mu = spectrum.mu;
  Index out = 0;
  for (Index i = 0; i < energy.size();) {
    Index end = i + 1;
    while (end < energy.size() && energy[end] - energy[i] < same_energy) ++end;
    spectrum.energy[out] = energy[i];
    spectrum.mu[out++] = mu.segment(i, end - i).mean();
    i = end;
  }
  if (out == energy.size()) return;
  spectrum.energy.conservativeResize(out);
  spectrum.mu.conservativeResize(out);
  spectrum.warnings.push_back(std::to_string(energy.size() - out) +
                              " repeated energies were averaged");
  if (out < fewest_points)
    throw Error(Cause::data, "spectrum: " + std::to_string(out) + " different energies; " +
                                 std::to_string(fewest_points) + " or more are needed");
}

double edge_of(const Reduction& spectrum, const record::ReduceSettings& settings) {
  if (!settings.e0) return find_e0(spectrum.energy, spectrum.mu);
  const Index n = spectrum.energy.size();
  if (!(*settings.e0 >= spectrum.energy[1] && *settings.e0 <= spectrum.energy[n - 2]))
    throw Error(Cause::data, "e0 " + shortest(*settings.e0) +
                                 " eV lies outside of the data; they go from " +
                                 shortest(spectrum.energy[0]) + " to " +
                                 shortest(spectrum.energy[n - 1]) + " eV");
  return *settings.e0;
}

void normalise(Reduction& out, const record::ReduceSettings& settings) {
  if (settings.normalised) {
    out.edge_step = 1.0;
    out.norm = out.flat = out.mu;
    out.used = settings;
    out.used.e0 = out.e0;
    return;
  }
  PreEdge result = pre_edge(out.energy, out.mu, out.e0, settings, out.warnings);
  out.edge_step = result.edge_step;
  out.norm = std::move(result.norm);
  out.flat = std::move(result.flat);
  out.used = result.used;
}

}  // namespace

Reduction reduce(const VectorXd& energy, const VectorXd& mu, const record::ReduceSettings& settings,
                 const record::AutobkSettings& autobk) {
  check(energy, mu);
  Reduction out;
  out.energy = energy;
  out.mu = mu;
  average_repeats(out);
  out.e0 = edge_of(out, settings);
  normalise(out, settings);
  const auto basis = AutobkBasis::get(out.energy, out.e0, autobk);
  AutobkBasis::Background background = basis->solve(out.mu);
  out.warnings.insert(out.warnings.end(), basis->warnings().begin(), basis->warnings().end());
  if (!background.converged)
    out.warnings.emplace_back(
        "the clamps of the background did not settle; chi(k) is approximate at its ends");
  out.background = std::move(background.mu0);
  out.k = basis->k();
  out.chi = background.chi / out.edge_step;
  out.used_autobk = basis->used();
  return out;
}

}  // namespace twin::xas
