// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_xanes.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/arrays.h"
#include "app/recipe_check.h"
#include "app/xas_uncertainty.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/combinations.h"
#include "xas/lcf.h"
#include "xas/prepeaks.h"
#include "xas/valence.h"
#include "xas/white_line.h"

namespace twin::app {

using record::Quantity;
using record::Result;
using record::Value;

struct XanesAnalysis::State {
  record::XanesSettings settings;
  std::vector<xas::LcfStandard> standards;
  std::vector<xas::Estimate> valences;  // empty when one of them is not known
  std::optional<xas::ValenceLine> line;
  std::vector<std::string> notes;  // of the standards, for each result
};

namespace {

Quantity quantity(double value, double sigma, const std::string& unit, const std::string& method) {
  return {value, sigma, {}, unit, method, {}};
}

void warn(Result& out, const std::string& what, const std::vector<std::string>& warnings) {
  for (const auto& text : warnings) out.warnings.push_back(what + ": " + text);
}

Value lcf_statistics(const xas::LcfFit& fit) {
  Value out;
  out.set("r_factor", fit.r_factor);
  out.set("reduced_chi2", fit.reduced_chi2);
  out.set("noise", fit.noise);
  out.set("points", fit.points);
  out.set("parameters", fit.parameters);
  out.set("offset", fit.offset);
  out.set("slope", fit.slope);
  out.set("broadening", fit.broadening);
  out.set("self_absorption", fit.self_absorption);
  return out;
}

// The sets of standards that come close to the best, by name.
Value standings(const std::vector<xas::LcfCombination>& all) {
  Value::Array out;
  for (const auto& combination : all) {
    if (out.size() == 20) break;
    Value entry;
    Value::Array names;
    for (const auto& name : combination.fit.names) names.emplace_back(name);
    entry.set("standards", names);
    entry.set("criterion", combination.criterion);
    entry.set("weight", combination.weight);
    out.emplace_back(entry);
  }
  return out;
}

void add_fractions(Result& out, const xas::LcfFit& fit,
                   const std::vector<xas::LcfStandard>& standards, bool sum_to_one) {
  std::vector<std::string> names;
  const bool by_construction = fit.names.size() == 1 && sum_to_one;
  for (std::size_t j = 0; j < fit.names.size(); ++j) {
    const auto i = static_cast<Eigen::Index>(j);
    names.push_back("fraction:" + fit.names[j]);
    auto& q = out.quantities[names.back()];
    q = quantity(fit.fractions[i], fit.sigma[i], "", "lcf");
    q.sigma_sys = fit.sigma_sys[i];
    if (by_construction) q.sigma = q.sigma_sys = std::nullopt;
  }
  if (!by_construction) {
    add_block(out.covariance, names, fit.covariance);
    add_block(out.covariance_sys, names, fit.covariance_sys);
  }
  // A standard that the best set leaves out has no part in the sample.
  for (const auto& standard : standards)
    if (!out.quantities.contains("fraction:" + standard.name))
      out.quantities["fraction:" + standard.name] = {0.0, {}, {}, "", "lcf", {}};
}

// The valences of the standards of a fit, in its order.
std::vector<xas::Estimate> valences_of(const xas::LcfFit& fit,
                                       const std::vector<xas::LcfStandard>& standards,
                                       const std::vector<xas::Estimate>& valences) {
  std::vector<xas::Estimate> out;
  for (const auto& name : fit.names) {
    const auto at = std::ranges::find(standards, name, &xas::LcfStandard::name);
    out.push_back(valences[static_cast<std::size_t>(at - standards.begin())]);
  }
  return out;
}

// The standard, and its E0.
std::pair<xas::LcfStandard, double> standard_of(const XasPlan& plan,
                                                const record::XanesStandard& known,
                                                std::vector<std::string>& notes) {
  const auto recipe = for_standards(plan.recipe);
  auto absorption = standard_absorption(known.scan, recipe, plan.conditions);
  prepare(absorption, recipe, plan.conditions);
  const auto spectrum = reduced(absorption, recipe, plan.conditions, known.name);
  const auto& r = *spectrum.reduction;
  auto on_norm = r.used;  // of norm itself, where no polynomials made it
  on_norm.normalised = true;
  const auto doubt = r.used.method == "mback" ? xas::step_uncertainty(r.energy, r.norm, on_norm)
                                              : xas::step_uncertainty(r.energy, r.mu, r.used);
  if (!spectrum.edge_step_sys && !r.used.normalised)
    notes.push_back("the edge step of " + known.name +
                    " leaves no choice of ranges: how far it moves the fractions is not known");
  return {{.name = known.name,
           .energy = r.energy,
           .norm = curve_of(r, recipe.xanes.lcf->space),
           .noise = doubt.noise,
           .step_sigma = spectrum.edge_step_sigma.value_or(0.0) / r.edge_step,
           .step_sys = spectrum.edge_step_sys.value_or(0.0) / r.edge_step},
          r.e0};
}

void add_prepeaks(Result& out, const XasSpectrum& spectrum,
                  const record::PrePeakSettings& settings) {
  const auto& r = *spectrum.reduction;
  const auto found = xas::fit_prepeaks(r.energy, r.norm, settings);
  const std::string method = "baseline " + settings.baseline;
  out.quantities["prepeak_area"] = quantity(found.area, found.area_sigma, "eV", method);
  out.quantities["prepeak_centroid"] = quantity(found.centroid, found.centroid_sigma, "eV", method);
  out.quantities["prepeak_height"] = quantity(found.height, found.height_sigma, "", method);
  for (std::size_t i = 0; i < found.peaks.size(); ++i) {
    const auto& peak = found.peaks[i];
    const std::string number = "." + std::to_string(i + 1);
    out.quantities["peak_centre" + number] =
        quantity(peak.centre, peak.centre_sigma, "eV", settings.shape);
    out.quantities["peak_area" + number] =
        quantity(peak.area, peak.area_sigma, "eV", settings.shape);
    out.quantities["peak_fwhm" + number] =
        quantity(peak.fwhm, peak.fwhm_sigma, "eV", settings.shape);
  }
  out.converged = out.converged && found.converged;
  warn(out, "prepeaks", found.warnings);
  out.arrays["prepeak_energy"] = inline_array(found.energy, "eV");
  out.arrays["prepeak_baseline"] = inline_array(found.baseline, "");
  out.arrays["prepeak_fit"] = inline_array(found.fit, "");
}

void add_white_line(Result& out, const XasSpectrum& spectrum,
                    const record::WhiteLineSettings& settings) {
  const auto& r = *spectrum.reduction;
  const auto found = xas::find_white_line(r.energy, r.flat, r.e0, settings);
  const std::string method = "white-line";
  out.quantities["white_line_energy"] = quantity(found.energy, found.energy_sigma, "eV", method);
  out.quantities["white_line_height"] = quantity(found.height, found.height_sigma, "", method);
  out.quantities["white_line_area"] = quantity(found.area, found.area_sigma, "eV", method);
  warn(out, "white line", found.warnings);
}

}  // namespace

const Eigen::VectorXd& curve_of(const xas::Reduction& reduction, const std::string& space) {
  return space == "flat" ? reduction.flat : reduction.norm;
}

XanesAnalysis::XanesAnalysis(const XasPlan& plan) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.settings = plan.recipe.xanes;
  if (!s.settings.lcf) return;
  std::vector<xas::ValencePoint> points;
  for (std::size_t i = 0; i < s.settings.lcf->standards.size(); ++i) {
    const auto& known = s.settings.lcf->standards[i];
    auto [standard, e0] = in_recipe(plan.recipe, {"xanes", "lcf", "standards", std::to_string(i)},
                                    [&] { return standard_of(plan, known, s.notes); });
    s.standards.push_back(standard);
    if (!known.valence) continue;
    const xas::Estimate valence{*known.valence, known.valence_sigma.value_or(0.0)};
    s.valences.push_back(valence);
    if (const auto edge =
            xas::edge_by_integral(standard.energy, standard.norm, e0, 0.15, 1.0, standard.noise))
      points.push_back({known.name, *edge, valence});
  }
  if (points.size() > 1) s.line = xas::calibrate_valence(points);
  if (s.valences.size() != s.standards.size()) s.valences.clear();
}

XanesAnalysis::~XanesAnalysis() = default;
XanesAnalysis::XanesAnalysis(XanesAnalysis&&) noexcept = default;
XanesAnalysis& XanesAnalysis::operator=(XanesAnalysis&&) noexcept = default;

void XanesAnalysis::add(Result& out, const XasSpectrum& spectrum) const {
  const State& s = *state_;
  const auto& r = *spectrum.reduction;
  if (s.settings.lcf) {
    const auto& lcf = *s.settings.lcf;
    const auto& curve = curve_of(r, lcf.space);
    xas::LcfFit fit;
    if (lcf.combinations) {
      auto all = xas::fit_combinations(r.energy, curve, r.e0, s.standards, lcf);
      out.parameters.set("combinations", standings(all));
      fit = std::move(all.front().fit);
    } else {
      fit = xas::fit_lcf(r.energy, curve, r.e0, s.standards, lcf);
    }
    add_fractions(out, fit, s.standards, lcf.sum_to_one);
    if (lcf.shift)
      out.quantities["lcf_shift"] = {fit.shift, fit.shift_sigma, fit.shift_sys, "eV", "lcf", {}};
    if (lcf.step)
      out.quantities["lcf_step"] = {fit.step, fit.step_sigma, fit.step_sys, "", "lcf", {}};
    if (!s.valences.empty()) {
      const auto mean = xas::mean_valence(fit, valences_of(fit, s.standards, s.valences));
      auto& q = out.quantities["valence"];
      q = {mean.value, mean.sigma, mean.sigma_sys, "", "lcf", {}};
      if (mean.sigma == 0) q.sigma.reset();  // one standard alone: nothing is known of it
      if (mean.sigma_sys == 0) q.sigma_sys.reset();
    }
    out.converged = out.converged && fit.converged;
    out.parameters.set("lcf", lcf_statistics(fit));
    warn(out, "lcf", fit.warnings);
    warn(out, "lcf", s.notes);
    out.arrays["lcf_energy"] = inline_array(fit.energy, "eV");
    out.arrays["lcf_data"] = inline_array(fit.data, "");
    out.arrays["lcf_fit"] = inline_array(fit.fit, "");
  }
  if (s.line) {
    const double noise = out.parameters.find("lcf")->find("noise")->number();
    if (const auto edge = xas::edge_by_integral(r.energy, r.norm, r.e0, 0.15, 1.0, noise)) {
      std::vector<std::string> warnings;
      const auto valence = xas::valence_of(*s.line, *edge, &warnings);
      out.quantities["edge_energy"] = quantity(edge->value, edge->sigma, "eV", "integral");
      out.quantities["valence/edge"] = quantity(valence.value, valence.sigma, "", "edge-energy");
      warn(out, "valence", warnings);
    }
  }
  if (s.settings.prepeaks) add_prepeaks(out, spectrum, *s.settings.prepeaks);
  if (s.settings.white_line) add_white_line(out, spectrum, *s.settings.white_line);
}

}  // namespace twin::app
