// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_xas.h"

#include <Eigen/Core>
#include <algorithm>
#include <optional>
#include <utility>

#include "app/arrays.h"
#include "app/recipe_check.h"
#include "app/xas_findings.h"
#include "app/xas_transform.h"
#include "app/xas_uncertainty.h"
#include "app/xas_xanes.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/transform.h"

namespace twin::app {

using record::Measurement;
using record::Recipe;
using record::Result;
using record::Value;

struct XasExtraction::State {
  XasPlan plan;
  XasPlan standard_plan;
  std::optional<StandardValues> standard;
  std::optional<XanesAnalysis> xanes;
};

namespace {

StandardValues stated_values(const Recipe& recipe) {
  StandardValues out;
  if (!recipe.standard) {
    out.source = "none: S0² = 1";
    out.systematic(0, 0) = recipe.feff_amplitude_sys * recipe.feff_amplitude_sys;
    return out;
  }
  const auto squared = [](double x) { return x * x; };
  out.s02 = *recipe.standard->s02;
  out.random(0, 0) = squared(recipe.standard->s02_sigma.value_or(0));
  out.systematic(0, 0) = squared(recipe.standard->s02_sigma_sys.value_or(0));
  out.source = "recipe";
  return out;
}

void add_fit_arrays(Result& out, const XasSpectrum& spectrum, const XasFindings& found,
                    double amplitude) {
  out.arrays["k"] = inline_array(spectrum.k, "1/Å");
  out.arrays["chi"] = inline_array(spectrum.chi / amplitude, "");
  if (spectrum.delta_chi.size() > 0)
    out.arrays["delta_chi"] = inline_array(spectrum.delta_chi / amplitude, "");
  if (!found.fits.empty())
    out.arrays["fit"] = inline_array(found.fits.front().second.model_chi / amplitude, "");
}

// On the k scale of the fitted E0, so that curves of different thresholds can be laid together.
Eigen::VectorXd chi_to_transform(const XasSpectrum& spectrum, const XasFindings& found) {
  const double de0 = fitted_e0(found);
  if (spectrum.k.size() == 0 || de0 == 0) return spectrum.chi;
  return on_fitted_scale(spectrum.k, spectrum.chi, de0);
}

void add_edge_arrays(Result& out, const xas::Reduction& reduction) {
  out.arrays["energy"] = inline_array(reduction.energy, "eV");
  out.arrays["mu"] = inline_array(reduction.mu, "");
  out.arrays["norm"] = inline_array(reduction.norm, "");
  out.arrays["flat"] = inline_array(reduction.flat, "");
  if (reduction.background.size() > 0)
    out.arrays["background"] = inline_array(reduction.background, "");
}

Value fit_statistics(const xas::Fit& fit) {
  Value out;
  out.set("r_factor", fit.r_factor);
  out.set("reduced_chi2", fit.reduced_chi2);
  out.set("n_idp", fit.n_idp);
  out.set("epsilon_r", fit.epsilon_r);
  if (fit.undetermined.empty()) return out;
  Value::Array names;
  for (const auto& name : fit.undetermined) names.emplace_back(name);
  out.set("undetermined", names);
  return out;
}

// The effective settings: what was used, not what was asked for.
Value reduce_settings_used(const xas::Reduction& reduction) {
  const auto& used = reduction.used;
  Value out;
  out.set("e0", reduction.e0);
  const auto put = [&](const char* key, const auto& value) {
    if (value) out.set(key, *value);
  };
  put("pre1", used.pre1);
  put("pre2", used.pre2);
  put("norm1", used.norm1);
  put("norm2", used.norm2);
  put("nnorm", used.nnorm);
  if (used.nvict != 0) out.set("nvict", used.nvict);
  return out;
}

Value autobk_settings_used(const record::AutobkSettings& used) {
  Value out;
  out.set("rbkg", used.rbkg);
  out.set("kweight", used.kweight);
  out.set("kmin", used.kmin);
  if (used.kmax) out.set("kmax", *used.kmax);
  out.set("clamp_lo", used.clamp_lo);
  out.set("clamp_hi", used.clamp_hi);
  out.set("nclamp", used.nclamp);
  return out;
}

void add_fits(Result& out, const XasFindings& found) {
  for (const auto& [suffix, fit] : found.fits) {
    out.converged = out.converged && fit.converged;
    if (!fit.message.empty()) out.warnings.push_back("fit" + suffix + ": " + fit.message);
    out.parameters.set("fit" + suffix, fit_statistics(fit));
  }
}

Result begin_result(const Measurement& m, const XasPlan& plan) {
  Result out;
  out.header.from = m.header.from;  // of a merged one, what went in
  if (!m.header.id.empty()) out.header.from = {m.header.id};
  out.origin = m.origin;
  out.technique = m.technique;
  out.edge = plan.recipe.edge;
  out.recipe_sha256 = plan.recipe.sha256;
  out.recipe_name = plan.recipe.name;
  out.context = m.context;
  out.measured_at = m.measured_at;
  out.status = m.status;
  out.revision = m.revision;
  out.warnings = m.warnings;
  const auto plain = [](const std::string& edge) {
    std::string out_of;
    for (const auto word : words(edge)) out_of += lower(word) + " ";
    return std::string(trim(out_of));
  };
  if (!m.edge.empty() && !plain(plan.recipe.edge).starts_with(plain(m.edge)))  // "Ce L" is no other
    out.warnings.push_back("the file says " + printable(m.edge) + ", the recipe " +
                           printable(plan.recipe.edge) + ", which is used");
  return out;
}

// Not everything with columns is absorption.
void check_technique(const Measurement& m, const Recipe& recipe) {
  if (!m.technique.empty() && m.technique != recipe.technique)
    throw Error(Cause::data, "technique is " + printable(m.technique) + "; the recipe is of " +
                                 recipe.technique);
}

// True when χ(k) reaches over the range of the fit. A scan that does not is partial: it goes as far
// as it goes.
bool reaches(const XasSpectrum& spectrum, const Recipe& recipe, Result& out) {
  if (recipe.paths.empty() && recipe.bands.empty()) return false;
  const double end = spectrum.k.size() > 0 ? spectrum.k[spectrum.k.size() - 1] : 0.0;
  if (end >= recipe.fit.kmax - xas::kstep / 2) return true;
  out.warnings.push_back("χ(k) ends at " + significant(end, 4) + " 1/Å, before the fit's kmax of " +
                         shortest(recipe.fit.kmax) + "; there is no fit");
  out.status = record::Completeness::partial;
  return false;
}

}  // namespace

XasExtraction::XasExtraction(Recipe recipe) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.plan = plan_of(std::move(recipe));
  const Recipe& r = s.plan.recipe;
  if (!r.standard || r.standard->s02) s.standard = stated_values(r);
  if (r.standard && !r.standard->s02) s.standard_plan = plan_of_standard(s.plan);
  if (r.standard && r.standard->file) {
    s.standard = in_recipe(r, {"standard", "measurement"}, [&] {
      const Recipe own = for_standards(r);
      auto absorption = standard_absorption(r.standard->scan, own, s.plan.conditions);
      prepare(absorption, own, s.plan.conditions);
      return values_of_standard(s.standard_plan,
                                reduced(absorption, own, s.plan.conditions, r.standard->scan).chi);
    });
  }
  if (r.xanes.lcf || r.xanes.prepeaks || r.xanes.white_line) s.xanes.emplace(s.plan);
}

XasExtraction::~XasExtraction() = default;

const XasPlan& XasExtraction::plan() const { return state_->plan; }

const StandardValues& XasExtraction::standard() const { return *state_->standard; }

bool XasExtraction::waits_for_standard() const { return !state_->standard; }

bool XasExtraction::is_standard(const Measurement& m) const {
  const auto& standard = state_->plan.recipe.standard;
  return standard && !standard->s02 && !standard->file && m.origin == record::Origin::physical &&
         m.context.synthetic.empty() && m.context.scan == standard->scan;
}

void XasExtraction::learn_standard(const Measurement& m) {
  const auto& plan = state_->plan;
  state_->standard =
      values_of_standard(state_->standard_plan, spectrum_of(m, plan.recipe, plan.conditions).chi);
}

Absorption XasExtraction::absorption(const Measurement& m) const {
  const auto& plan = state_->plan;
  auto out = absorption_of(m, plan.recipe, plan.conditions);
  prepare(out, plan.recipe, plan.conditions);
  return out;
}

Result XasExtraction::extract(const Measurement& m) const {
  const State& s = *state_;
  const Recipe& recipe = s.plan.recipe;
  check_technique(m, recipe);
  auto spectrum = spectrum_of(m, recipe, s.plan.conditions);
  const bool digital = m.origin == record::Origin::digital;
  StandardValues values = *s.standard;
  if (digital) {  // FEFF's own scale: S0² is one, and E0 is where the phases have it
    values.s02 = 1.0;
    values.de0 = 0.0;
  }
  Result out = begin_result(m, s.plan);
  for (const auto& text : spectrum.warnings) out.warnings.push_back(text);
  if (!s.plan.feff_version.empty()) out.parameters.set("feff", s.plan.feff_version);
  out.parameters.set("defaults", recipe.defaults);
  if (spectrum.reduction && spectrum.k.size() == 0) out.status = record::Completeness::partial;
  if (spectrum.reduction) {
    add_reduction(out, spectrum);
    add_edge_arrays(out, *spectrum.reduction);
    out.parameters.set("reduce", reduce_settings_used(*spectrum.reduction));
    out.parameters.set("autobk", autobk_settings_used(spectrum.reduction->used_autobk));
    if (s.xanes) s.xanes->add(out, spectrum);
  }
  for (const auto& [key, value] : spectrum.done.object()) out.parameters.set(key, value);
  XasFindings found;
  if (reaches(spectrum, recipe, out)) {
    found = find(s.plan, spectrum.k, spectrum.chi, values, temperature_of(m.context));
    if (digital)
      add_digital(out, s.plan, m, spectrum, found, values);
    else
      add_physical(out, s.plan, spectrum, found, values);
    add_fits(out, found);
  }
  if (spectrum.k.size() > 0) add_fit_arrays(out, spectrum, found, values.s02);
  add_transforms(out, recipe, spectrum.k, chi_to_transform(spectrum, found) / values.s02);
  return out;
}

}  // namespace twin::app
