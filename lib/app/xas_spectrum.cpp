// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_spectrum.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/arrays.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"
#include "xas/lcf.h"
#include "xas/mback.h"
#include "xas/ranges.h"
#include "xas/self_absorption.h"
#include "xas/threshold.h"
#include "xas/transform.h"

namespace twin::app {

using Eigen::VectorXd;
using record::Measurement;
using record::Value;

namespace {

struct Settings {
  record::ReduceSettings reduce;
  record::AutobkSettings autobk;
};

// What the file says of its own reduction, where the recipe says nothing.
void take_stored(Settings& out, const Value& stored, const Value* autobk) {
  const auto number = [&](const char* key) -> std::optional<double> {
    const Value* found = stored.find(key);
    return found && found->is_number() ? std::optional(found->number()) : std::nullopt;
  };
  const auto take = [&](std::optional<double>& target, const char* key) {
    if (const auto value = number(key); value && !target) target = value;
  };
  take(out.reduce.e0, "e0");
  take(out.reduce.pre1, "pre1");
  take(out.reduce.pre2, "pre2");
  take(out.reduce.norm1, "norm1");
  take(out.reduce.norm2, "norm2");
  if (const auto order = number("nnorm"); order && !out.reduce.nnorm)
    out.reduce.nnorm = static_cast<int>(*order);
  if (number("norm2")) out.reduce.before_end.reset();
  const auto open = [&](const char* key) -> std::optional<double> {
    return autobk && autobk->find(key) ? std::nullopt : number(key);
  };
  if (const auto value = open("rbkg")) out.autobk.rbkg = *value;
  if (const auto value = open("kweight")) out.autobk.kweight = *value;
  if (const auto value = open("nclamp")) out.autobk.nclamp = static_cast<int>(*value);
  if (const auto value = open("clamp_lo")) out.autobk.clamp_lo = *value;
  if (const auto value = open("clamp_hi")) out.autobk.clamp_hi = *value;
}

void find_e0(XasSpectrum& out, Settings& settings, const Absorption& a, const XasConditions& c) {
  const bool by_reference = settings.reduce.e0_from == "reference";
  if (by_reference && a.reference.size() == 0)
    throw Error(Cause::configuration,
                "reduce: e0: reference is asked for, and there is none; columns: ir or "
                "mu_reference gives it");
  const auto found = xas::find_threshold(a.energy, by_reference ? a.reference : a.mu,
                                         settings.reduce, c.edge, c.elements);
  settings.reduce.e0 = found.e0;
  out.e0_sigma = found.sigma;
  out.e0_from = by_reference ? "reference" : found.from;
  for (const auto& text : found.warnings) out.warnings.push_back(text);
}

void choose_ranges(XasSpectrum& out, Settings& settings, const Absorption& a,
                   const XasConditions& c) {
  auto& reduce = settings.reduce;
  const double e0 = *reduce.e0, last = a.energy[a.energy.size() - 1];
  if (reduce.before_end && !reduce.norm2) {
    const double norm2 = last - e0 - *reduce.before_end;
    if (!reduce.norm1 || norm2 > *reduce.norm1) reduce.norm2 = norm2;
    if (!reduce.norm2 && reduce.norm1 && last - e0 <= *reduce.norm1) reduce.norm1.reset();
  }
  if (!c.edge) return;
  const auto stated = reduce;
  xas::stay_between(c.elements, *c.edge, e0, a.energy[0], last, reduce, settings.autobk,
                    out.warnings);
  if (stated.normalised) reduce = stated;  // the background's range alone
}

xas::ReduceOptions normalisation(XasSpectrum& out, const Settings& settings, const Absorption& a,
                                 const XasConditions& c) {
  xas::ReduceOptions options{.uncertainty = true, .normalisation = {}};
  if (settings.reduce.method != "mback") return options;
  if (!c.edge)
    throw Error(Cause::configuration, "reduce: method: mback needs an edge that tables have");
  const auto found =
      xas::mback(a.energy, a.mu, *settings.reduce.e0, *c.edge, settings.reduce, out.warnings);
  if (!found.converged) out.warnings.push_back("mback did not converge");
  out.edge_step_sigma = found.step_sigma;
  out.edge_step_sys = found.step_sys;
  options.normalisation =
      xas::Normalisation{found.normalised.edge_step, found.normalised.pre, found.normalised.post};
  return options;
}

// Fluorescence put right: the whole of norm, or χ alone.
void undo_self_absorption(XasSpectrum& out, const Settings& settings, const record::Recipe& recipe,
                          const XasConditions& c) {
  if (!c.edge) throw Error(Cause::configuration, "self_absorption needs an edge that tables have");
  auto& r = *out.reduction;
  if (recipe.self_absorption->method == "booth") {
    if (r.chi.size() == 0) return;
    const VectorXd energies = (r.e0 + r.k.array().square() / etok).matrix();
    const auto sample = xas::self_absorption(recipe.sample, *c.edge, energies);
    const auto found = xas::correct_chi(sample, r.chi);
    r.chi = found.norm;
    if (r.delta_chi.size() > 0) r.delta_chi.array() *= found.slope.array();
    for (const auto& text : sample.warnings) out.warnings.push_back(text);
    return;
  }
  const auto sample = xas::self_absorption(recipe.sample, *c.edge, r.energy);
  const auto found = xas::correct_self_absorption(sample, r.flat);
  const double step = r.edge_step;
  auto plain = settings.reduce;
  plain.normalised = true;
  auto again = xas::reduce(r.energy, found.norm, plain, settings.autobk,
                           {.uncertainty = true, .normalisation = {}});
  again.edge_step = step;
  again.mu = r.mu;
  again.used = r.used;
  again.warnings.insert(again.warnings.begin(), r.warnings.begin(), r.warnings.end());
  r = std::move(again);
  out.norm_sys = found.sigma_sys;
  for (const auto& text : sample.warnings) out.warnings.push_back(text);
}

void check_chi(const VectorXd& k, const VectorXd& chi) {
  const auto n = k.size();
  if (n != chi.size() || n < 4)
    throw Error(Cause::data, std::to_string(n) + " points of k and " + std::to_string(chi.size()) +
                                 " of χ; as many of both, four or more, are expected");
  for (Eigen::Index i = 0; i < n; ++i)
    if (!std::isfinite(k[i]) || !std::isfinite(chi[i]) || (i > 0 && !(k[i] > k[i - 1])))
      throw Error(Cause::data, "point " + std::to_string(i + 1) +
                                   " of χ(k) is not finite, or k does not rise there");
  if (!(k[0] >= 0) || !(k[n - 1] < xas::kstep * (xas::nfft - 1)))
    throw Error(Cause::data, "k from " + significant(k[0], 4) + " to " + significant(k[n - 1], 4) +
                                 "; 0 to 100 1/Å is expected");
}

// χ(k) of a file or a simulation on the grid that all else works on.
XasSpectrum given_chi(const VectorXd& k, const VectorXd& chi) {
  check_chi(k, chi);
  const auto last = static_cast<Eigen::Index>(std::floor(k[k.size() - 1] / xas::kstep + 1e-6));
  const VectorXd grid = xas::k_grid(last + 1);
  XasSpectrum out;
  out.k = grid;
  out.chi = chi;
  if (k.size() == grid.size() && (k - grid).cwiseAbs().maxCoeff() < 1e-6) return out;
  out.chi = numeric::CubicInterpolator(k, grid)(chi);
  for (Eigen::Index i = 0; i < grid.size() && grid[i] < k[0]; ++i) out.chi[i] = 0;
  return out;
}

}  // namespace

const record::ReduceSettings& reduce_settings(const record::Recipe& recipe,
                                              const std::string& scan) {
  const auto own = recipe.reduce_by_scan.find(scan.substr(0, scan.find('+')));
  return own == recipe.reduce_by_scan.end() ? recipe.reduce : own->second;
}

XasSpectrum reduced(const Absorption& absorption, const record::Recipe& recipe,
                    const XasConditions& conditions, const std::string& scan) {
  XasSpectrum out;
  out.warnings = absorption.warnings;
  out.done = absorption.done;
  Settings settings{reduce_settings(recipe, scan), recipe.autobk};
  Absorption a = absorption;
  if (settings.reduce.stored) {
    take_stored(settings, a.stored, recipe.document.find("autobk"));
    // A project's own shift: its e0 is on the shifted axis.
    if (const Value* shift = a.stored.find("eshift")) a.energy.array() += shift->number();
  }
  if (a.energy.size() < 10)
    throw Error(Cause::data,
                std::to_string(a.energy.size()) + " points; a spectrum of 10 or more is expected");
  if (looks_like_keV(a.energy, conditions))
    throw Error(Cause::data, "the energies go from " + significant(a.energy[0], 5) + " to " +
                                 significant(a.energy[a.energy.size() - 1], 5) +
                                 ": they look like keV; say columns: {energy_unit: keV}, or "
                                 "which column the energy is");
  find_e0(out, settings, a, conditions);
  choose_ranges(out, settings, a, conditions);
  const auto options = normalisation(out, settings, a, conditions);
  out.reduction = xas::reduce(a.energy, a.mu, settings.reduce, settings.autobk, options);
  if (recipe.self_absorption) undo_self_absorption(out, settings, recipe, conditions);
  const auto& r = *out.reduction;
  if (!r.used.normalised && !options.normalisation) {
    const auto doubt = xas::step_uncertainty(r.energy, r.mu, r.used);
    out.edge_step_sigma = doubt.step_sigma * r.edge_step;
    if (doubt.step_sys) out.edge_step_sys = *doubt.step_sys * r.edge_step;
  }
  for (const auto& text : r.warnings) out.warnings.push_back(text);
  out.k = r.k;
  out.chi = r.chi;
  out.delta_chi = out.reduction->delta_chi;
  return out;
}

XasSpectrum spectrum_of(const Measurement& m, const record::Recipe& recipe,
                        const XasConditions& conditions) {
  if (m.arrays.contains("k") && m.arrays.contains("chi"))
    return given_chi(column(m, "k"), column(m, "chi"));
  auto absorption = absorption_of(m, recipe, conditions);
  if (!is_merged(m)) prepare(absorption, recipe, conditions);
  return reduced(absorption, recipe, conditions, m.context.scan);
}

}  // namespace twin::app
