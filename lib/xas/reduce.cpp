// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/reduce.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

double smallest_step(const VectorXd& energy) {
  const Index steps = energy.size() - 1;
  return (energy.tail(steps) - energy.head(steps)).minCoeff();
}

void check(const VectorXd& energy, const VectorXd& mu) {
  if (energy.size() != mu.size())
    throw Error(Cause::data, "spectrum: " + std::to_string(energy.size()) + " energies and " +
                                 std::to_string(mu.size()) +
                                 " values of mu; as many of both are wanted");
  if (energy.size() < fewest_points)
    throw Error(Cause::data, "spectrum: " + std::to_string(energy.size()) + " points; " +
                                 std::to_string(fewest_points) + " or more are needed");
  // Zero times what is not finite is not zero; sums and minima are quick, the search for the
  // culprit below is not.
  const bool finite = (0 * energy).sum() + (0 * mu).sum() == 0;
  if (finite && smallest_step(energy) >= 0) return;
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

// The mean of each run of points in \p y; \p ends says where the runs end.
void average(VectorXd& y, const std::vector<Index>& ends) {
  Index begin = 0, out = 0;
  for (const Index end : ends) {
    y[out++] = y.segment(begin, end - begin).mean();
    begin = end;
  }
  y.conservativeResize(out);
}

// Points at one energy become their mean, at the first of their energies.
void average_repeats(Reduction& spectrum, std::optional<Normalisation>& given) {
  if (smallest_step(spectrum.energy) >= same_energy) return;
  const VectorXd energy = spectrum.energy;
  std::vector<Index> ends;
  spectrum.energy.resize(0);
  for (Index i = 0; i < energy.size(); i = ends.back()) {
    Index end = i + 1;
    while (end < energy.size() && energy[end] - energy[i] < same_energy) ++end;
    ends.push_back(end);
  }
  const auto different = static_cast<Index>(ends.size());
  spectrum.energy.resize(different);
  for (Index i = 0; i < different; ++i)
    spectrum.energy[i] = energy[i == 0 ? 0 : ends[static_cast<std::size_t>(i - 1)]];
  average(spectrum.mu, ends);
  if (given) average(given->pre, ends);
  if (given && given->post.size() > 0) average(given->post, ends);
  spectrum.warnings.push_back(std::to_string(energy.size() - different) +
                              " repeated energies were averaged");
  if (different < fewest_points)
    throw Error(Cause::data, "spectrum: " + std::to_string(different) + " different energies; " +
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

void check(const Normalisation& given, Index n) {
  if (!(given.edge_step > 0) || !std::isfinite(given.edge_step))
    throw Error(Cause::data, "normalisation: an edge step of " + shortest(given.edge_step) +
                                 "; one above zero is wanted");
  if (given.pre.size() != n || (given.post.size() != n && given.post.size() != 0))
    throw Error(Cause::data, "normalisation: curves of " + std::to_string(given.pre.size()) +
                                 " and " + std::to_string(given.post.size()) + " points for " +
                                 std::to_string(n) + " energies");
  if (!given.pre.allFinite() || !given.post.allFinite())
    throw Error(Cause::data, "normalisation: the given curves are not finite");
}

// norm and flat by curves that somebody else has found.
void apply(Reduction& out, Normalisation given) {
  out.edge_step = given.edge_step;
  out.norm = out.flat = (out.mu - given.pre) / given.edge_step;
  out.pre = std::move(given.pre);
  out.post = std::move(given.post);
  if (out.post.size() == 0) return;
  const Index edge = index_nearest(out.energy, out.e0), above = out.energy.size() - edge;
  const VectorXd curve = (out.post - out.pre).tail(above);
  out.flat.tail(above).array() -= (curve.array() - curve[0]) / out.edge_step;
}

void normalise(Reduction& out, const record::ReduceSettings& settings,
               std::optional<Normalisation> given) {
  out.used = settings;
  out.used.e0 = out.e0;
  if (given) return apply(out, std::move(*given));
  if (settings.normalised) {
    out.edge_step = 1.0;
    out.norm = out.flat = out.mu;
    return;
  }
  PreEdge result = pre_edge(out.energy, out.mu, out.e0, settings, out.warnings);
  out.edge_step = result.edge_step;
  out.pre = std::move(result.pre);
  out.post = std::move(result.post);
  out.norm = std::move(result.norm);
  out.flat = std::move(result.flat);
  out.used = std::move(result.used);
}

// The basis for the spectrum's grid; nothing, and a warning, where the data end too early for one.
std::shared_ptr<const AutobkBasis> basis_for(Reduction& out,
                                             const record::AutobkSettings& settings) {
  try {
    return AutobkBasis::get(out.energy, out.e0, settings);
  } catch (const Error& error) {
    if (error.cause() != Cause::data) throw;
    out.warnings.push_back(std::string("no chi(k): ") + error.what());
    out.used_autobk = settings;
    return nullptr;
  }
}

void subtract_background(Reduction& out, const AutobkBasis& basis, bool uncertainty) {
  AutobkBasis::Background background = basis.solve(out.mu);
  if (uncertainty) basis.uncertainty(background);
  out.warnings.insert(out.warnings.end(), basis.warnings().begin(), basis.warnings().end());
  if (!background.converged)
    out.warnings.emplace_back(
        "the clamps of the background did not settle; chi(k) is approximate at its ends");
  out.background = std::move(background.mu0);
  out.k = basis.k();
  out.chi = background.chi / out.edge_step;
  if (uncertainty) {
    out.delta_chi = background.delta_chi / out.edge_step;
    out.delta_background = std::move(background.delta_mu0);
  }
  out.used_autobk = basis.used();
}

}  // namespace

Reduction reduce(const VectorXd& energy, const VectorXd& mu, const record::ReduceSettings& settings,
                 const record::AutobkSettings& autobk, const ReduceOptions& options) {
  check(energy, mu);
  std::optional<Normalisation> given = options.normalisation;
  if (given) check(*given, energy.size());
  Reduction out;
  out.energy = energy;
  out.mu = mu;
  average_repeats(out, given);
  out.e0 = edge_of(out, settings);
  normalise(out, settings, std::move(given));
  if (const auto basis = basis_for(out, autobk))
    subtract_background(out, *basis, options.uncertainty);
  return out;
}

}  // namespace twin::xas
