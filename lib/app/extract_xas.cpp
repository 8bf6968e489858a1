// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_xas.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "app/arrays.h"
#include "app/xas_findings.h"
#include "app/xas_spectrum.h"
#include "app/xas_uncertainty.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"
#include "feff/feff.h"
#include "xas/transform.h"

namespace twin::app {

using record::Measurement;
using record::Recipe;
using record::Result;

struct XasExtraction::State {
  XasPlan plan;
  std::string feff_version;
  std::optional<AmplitudeReduction> s02;
};

namespace {

AmplitudeReduction stated_reduction(const record::StandardSettings& standard) {
  return {*standard.s02, standard.s02_sigma.value_or(0), standard.s02_sigma_sys.value_or(0),
          "recipe"};
}

void add_arrays(Result& out, const Recipe& recipe, const XasSpectrum& chi, const XasFindings& found,
                double amplitude) {
  out.arrays["k"] = inline_array(chi.k, "1/Å");
  out.arrays["chi"] = inline_array(chi.chi / amplitude, "");
  out.arrays["fit"] = inline_array(found.fits.front().second.model_chi / amplitude, "");
  const auto transform = xas::forward_transform(
      on_fitted_scale(chi.k, chi.chi, fitted_e0(found)) / amplitude, recipe.fit.kmin,
      recipe.fit.kmax, recipe.fit.dk, recipe.fit.kweights.front(), recipe.fit.window);
  const Eigen::Index shown = std::ranges::count_if(transform.r, [](double r) { return r <= 6.2; });
  out.arrays["r"] = inline_array(transform.r.head(shown), "Å");
  out.arrays["chi_r"] = inline_array(transform.chi.head(shown).cwiseAbs(),
                                     unit_of("chi_r:", recipe.fit.kweights.front()));
}

}  // namespace

XasExtraction::XasExtraction(Recipe recipe) : state_(std::make_unique<State>()) {
  const auto& feff = recipe.feff;
  if (recipe.paths.empty())
    throw Error(Cause::configuration, "recipe: paths: none; at least one shell is needed");
  const auto answer = feff::ideal_paths({.crystal = {feff.lattice, feff.element, feff.a, {1, 1, 1}},
                                         .edge = atoms::parse_edge(recipe.edge).level,
                                         .rmax = feff.rmax,
                                         .legs = feff.legs});
  state_->feff_version = answer.version;
  std::vector<xas::ScatteringPath> single;
  std::ranges::copy_if(answer.paths, std::back_inserter(single),
                       [](auto& p) { return p.legs == 2; });
  for (const auto& path : recipe.paths) {
    const auto shell = static_cast<std::size_t>(shell_number(path.name));
    if (shell > single.size())
      throw Error(Cause::configuration, "path " + path.name + ": the crystal has " +
                                            std::to_string(single.size()) + " shells within " +
                                            shortest(feff.rmax) + " Å");
    state_->plan.shells.push_back(single[shell - 1]);
  }
  if (!recipe.standard)
    state_->s02 = AmplitudeReduction{1.0, 0.0, recipe.feff_amplitude_sys, "none: S0² = 1"};
  else if (recipe.standard->s02)
    state_->s02 = stated_reduction(*recipe.standard);
  state_->plan.recipe = std::move(recipe);
}

XasExtraction::~XasExtraction() = default;

bool XasExtraction::waits_for_standard() const { return !state_->s02; }

bool XasExtraction::is_standard(const Measurement& m) const {
  return state_->plan.recipe.standard && !state_->plan.recipe.standard->s02 &&
         m.origin == record::Origin::physical && m.context.synthetic.empty() &&
         m.context.scan == state_->plan.recipe.standard->scan;
}

void XasExtraction::learn_standard(const Measurement& m) {
  const auto& standard = *state_->plan.recipe.standard;
  const auto chi = spectrum_of(m, state_->plan.recipe);
  const auto fit = xas::fit(chi.chi, state_->plan.recipe.fit, state_->plan.recipe.paths,
                            state_->plan.shells, 1.0);
  if (!fit.converged) throw Error(Cause::data, "standard " + standard.scan + ": " + fit.message);
  const auto at = std::ranges::find_if(fit.names, [](auto& n) { return n.starts_with("n:"); });
  if (at == fit.names.end() || standard.n <= 0)
    throw Error(Cause::configuration, "standard: its fit has no free n, or no known n is given");
  const auto i = static_cast<Eigen::Index>(at - fit.names.begin());
  const double variance = fit.covariance(i, i) / (standard.n * standard.n);
  state_->s02 = AmplitudeReduction{fit.values[i] / standard.n, std::sqrt(variance),
                                   std::sqrt(variance * std::max(0.0, fit.reduced_chi2 - 1)),
                                   "standard " + standard.scan};
}

Result XasExtraction::extract(const Measurement& m) const {
  const State& s = *state_;
  const auto chi = spectrum_of(m, s.plan.recipe);
  const bool digital = m.origin == record::Origin::digital;
  const double amplitude = digital ? 1.0 : s.s02->value;
  const auto found = find(s.plan, chi.k, chi.chi, amplitude);

  Result out;
  if (!m.header.id.empty()) out.header.from = {m.header.id};
  out.origin = m.origin;
  out.technique = m.technique;
  out.edge = m.edge.empty() ? s.plan.recipe.edge : m.edge;
  out.recipe_sha256 = s.plan.recipe.sha256;
  out.recipe_name = s.plan.recipe.name;
  out.context = m.context;
  out.status = m.status;
  out.revision = m.revision;
  out.warnings = m.warnings;
  if (digital)
    add_digital(out, s.plan, m, chi, found);
  else
    add_physical(out, s.plan, chi, found, *s.s02);
  add_arrays(out, s.plan.recipe, chi, found, amplitude);
  for (const auto& [suffix, fit] : found.fits) {
    out.converged = out.converged && fit.converged;
    if (!fit.message.empty()) out.warnings.push_back("fit" + suffix + ": " + fit.message);
    record::Value statistics;
    statistics.set("r_factor", fit.r_factor).line = 0;
    statistics.set("reduced_chi2", fit.reduced_chi2);
    statistics.set("n_idp", fit.n_idp);
    statistics.set("epsilon_r", fit.epsilon_r);
    out.parameters.set("fit" + suffix, statistics);
  }
  out.parameters.set("feff", s.feff_version);
  if (chi.reduction) {
    for (const auto& text : chi.reduction->warnings) out.warnings.push_back(text);
    const auto& used = chi.reduction->used;
    record::Value range;
    range.set("e0", chi.reduction->e0);
    if (used.pre1) range.set("pre1", *used.pre1).line = 0;
    if (used.pre2) range.set("pre2", *used.pre2).line = 0;
    if (used.norm1) range.set("norm1", *used.norm1).line = 0;
    if (used.norm2) range.set("norm2", *used.norm2).line = 0;
    if (used.nnorm) range.set("nnorm", *used.nnorm).line = 0;
    out.parameters.set("reduce", range);
  }
  return out;
}

}  // namespace twin::app
