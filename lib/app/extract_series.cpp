// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/extract_series.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "app/arrays.h"
#include "app/xas_findings.h"
#include "app/xas_uncertainty.h"
#include "core/error.h"
#include "core/text.h"
#include "xas/components.h"
#include "xas/fit.h"
#include "xas/mcr.h"

namespace twin::app {

using Eigen::VectorXd;
using record::Quantity;
using record::Result;
using record::Value;

struct Series::State {
  const XasExtraction& extraction;
  std::vector<std::string> ids, scans;
  std::vector<VectorXd> energies, curves;
  double e0 = 0.0;
  std::vector<Result> joint;  // in the order in which they came

  [[nodiscard]] Result begin(const std::string& scan) const;
};

namespace {

VectorXd curve_of(const Result& result, const std::string& name) {
  const auto& values = result.arrays.at(name).data;
  return Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

void describe(Result& out, const xas::Components& found) {
  Value pca;
  const auto list = [](const VectorXd& values, Eigen::Index most) {
    Value::Array numbers;
    for (Eigen::Index i = 0; i < std::min(values.size(), most); ++i)
      numbers.emplace_back(values[i]);
    return numbers;
  };
  pca.set("eigenvalues", list(found.eigenvalues, 12));
  pca.set("variance", list(found.variance, 12));
  pca.set("indicator", list(found.indicator, 12));
  pca.set("p_value", list(found.p_value, 12));
  pca.set("by_indicator", found.by_indicator);
  pca.set("by_f_test", found.by_f_test);
  out.parameters.set("pca", pca);
  for (const auto& text : found.warnings) out.warnings.push_back("pca: " + text);
}

// ∂(rows of the joint fit)/∂(S0², ΔE0) [n × 2] by the standard's values: fits with others.
Eigen::MatrixXd by_standard(const std::vector<xas::FitData>& all, const record::Recipe& recipe,
                            const StandardValues& values) {
  const auto with = [&](double s02, double de0) {
    StandardValues other = values;
    other.s02 = s02;
    other.de0 = de0;
    auto changed = all;
    for (auto& each : changed) {
      each.s02 = s02;
      each.paths = with_standard(recipe.paths, other);
    }
    return rows_of(xas::fit(changed, recipe.parameters, recipe.restraints)).values;
  };
  const double ds = 0.01 * values.s02;
  const VectorXd first =
      (with(values.s02 + ds, values.de0) - with(values.s02 - ds, values.de0)) / (2 * ds);
  Eigen::MatrixXd by = Eigen::MatrixXd::Zero(first.size(), 2);
  by.col(0) = first;
  if (values.has_de0)
    by.col(1) = (with(values.s02, values.de0 + 0.1) - with(values.s02, values.de0 - 0.1)) / 0.2;
  return by;
}

}  // namespace

Result Series::State::begin(const std::string& scan) const {
  const auto& recipe = extraction.plan().recipe;
  Result out;
  out.technique = recipe.technique;
  out.edge = recipe.edge;
  out.recipe_sha256 = recipe.sha256;
  out.recipe_name = recipe.name;
  out.context.scan = scan;
  return out;
}

Series::Series(const XasExtraction& extraction)
    : state_(std::make_unique<State>(State{extraction, {}, {}, {}, {}, 0.0, {}})) {}

Series::~Series() = default;

void Series::take(const Result& result) {
  State& s = *state_;
  const auto& recipe = s.extraction.plan().recipe;
  if (result.origin != record::Origin::physical) return;
  if (recipe.joint &&
      std::ranges::find(recipe.joint->scans, result.context.scan) != recipe.joint->scans.end() &&
      result.arrays.contains("chi"))
    s.joint.push_back(result);
  if (!recipe.xanes.series || !result.arrays.contains("norm")) return;
  if (s.scans.empty()) s.e0 = result.quantities.at("e0").value.value_or(0.0);
  s.ids.push_back(result.header.id);
  s.scans.push_back(result.context.scan);
  s.energies.push_back(curve_of(result, "energy"));
  s.curves.push_back(curve_of(result, recipe.xanes.series->space == "flat" ? "flat" : "norm"));
}

std::optional<Result> Series::joint() {
  State& s = *state_;
  const auto& plan = s.extraction.plan();
  const auto& recipe = plan.recipe;
  if (!recipe.joint) return std::nullopt;
  Result out = s.begin("joint");
  std::vector<xas::FitData> all;
  const auto& values = s.extraction.standard();
  for (const auto& name : recipe.joint->scans) {
    const auto at =
        std::ranges::find_if(s.joint, [&](const Result& r) { return r.context.scan == name; });
    if (at == s.joint.end())
      throw Error(Cause::data, "joint: scan " + printable(name) +
                                   " did not come, or has no χ(k); the scans are fitted together "
                                   "when all are there");
    out.header.from.push_back(at->header.id);
    all.push_back({.name = name,
                   .chi = curve_of(*at, "chi") * values.s02,
                   .settings = recipe.fit,
                   .paths = with_standard(recipe.paths, values),
                   .feff = plan.feff,
                   .s02 = values.s02,
                   .temperature = temperature_of(at->context),
                   .delta_chi = {}});
  }
  const auto fit = xas::fit(all, recipe.parameters, recipe.restraints);
  const auto rows = rows_of(fit);
  const Eigen::MatrixXd by = by_standard(all, recipe, values);
  const Eigen::MatrixXd random =
      rows.by_free * fit.random * rows.by_free.transpose() + by * values.random * by.transpose();
  const Eigen::MatrixXd systematic = rows.by_free * fit.systematic * rows.by_free.transpose() +
                                     by * values.systematic * by.transpose();
  for (std::size_t j = 0; j < rows.names.size(); ++j) {
    const auto i = static_cast<Eigen::Index>(j);
    out.quantities[rows.names[j]] = Quantity{rows.values[i],
                                             std::sqrt(random(i, i)),
                                             std::sqrt(systematic(i, i)),
                                             unit_of(rows.names[j], recipe),
                                             "exafs-joint-fit",
                                             {}};
  }
  warn_of_impossible(out, rows.names);
  add_block(out.covariance, rows.names, random);
  add_block(out.covariance_sys, rows.names, systematic);
  out.converged = fit.converged;
  if (!fit.message.empty()) out.warnings.push_back("fit: " + fit.message);
  Value statistics;
  statistics.set("r_factor", fit.r_factor);
  statistics.set("reduced_chi2", fit.reduced_chi2);
  statistics.set("n_idp", fit.n_idp);
  for (const auto& each : fit.data) statistics.set("r_factor@" + each.name, each.r_factor);
  out.parameters.set("fit", statistics);
  return out;
}

std::optional<Result> Series::components() {
  State& s = *state_;
  const auto& settings = s.extraction.plan().recipe.xanes.series;
  if (!settings) return std::nullopt;
  if (s.scans.size() < 2)
    throw Error(Cause::data, "series: " + std::to_string(s.scans.size()) +
                                 " spectra came; two or more have components");
  const auto grid =
      xas::on_common_grid(s.energies, s.curves, s.e0 + settings->emin, s.e0 + settings->emax);
  Eigen::MatrixXd spectra = grid.spectra;
  if (settings->space == "derivative") {
    const Eigen::Index n = spectra.cols() - 1;
    const VectorXd step = grid.energy.tail(n) - grid.energy.head(n);
    spectra =
        ((spectra.rightCols(n) - spectra.leftCols(n)).array().rowwise() / step.transpose().array())
            .matrix()
            .eval();
  }
  Result out = s.begin("series");
  out.header.from = s.ids;
  const auto found = xas::analyse_components(spectra);
  describe(out, found);
  const bool stated = settings->components > 0;
  const int number = stated ? settings->components : found.number;
  if (number > found.vectors.rows())
    throw Error(Cause::configuration, "series: " + std::to_string(number) + " components of " +
                                          std::to_string(spectra.rows()) + " spectra with " +
                                          std::to_string(spectra.cols()) + " points; " +
                                          std::to_string(found.vectors.rows()) + " at most");
  if (stated && number != found.number)
    out.warnings.push_back("pca: " + std::to_string(number) +
                           " components, as the recipe states; the data tell " +
                           std::to_string(found.number) +
                           (number > found.number ? " apart: the others are noise" : " apart"));
  out.quantities["components"] = {static_cast<double>(number), {}, {}, "",
                                  stated ? "stated" : "pca",   {}};
  const VectorXd energy =
      settings->space == "derivative" ? VectorXd(grid.energy.head(spectra.cols())) : grid.energy;
  out.arrays["energy"] = inline_array(energy, "eV");
  out.arrays["components"] = inline_matrix(found.vectors.topRows(number), "");
  out.arrays["scores"] = inline_matrix(found.scores.leftCols(number), "");
  if (!settings->mcr) return out;
  const auto mcr = xas::resolve(spectra, number, {.closure = settings->closure});
  out.converged = mcr.converged;
  for (const auto& text : mcr.warnings) out.warnings.push_back("mcr: " + text);
  Value statistics;
  statistics.set("lack_of_fit", mcr.lack_of_fit);
  statistics.set("r2", mcr.r2);
  statistics.set("iterations", mcr.iterations);
  out.parameters.set("mcr", statistics);
  out.arrays["mcr_spectra"] = inline_matrix(mcr.spectra, "");
  out.arrays["mcr_concentrations"] = inline_matrix(mcr.concentrations, "");
  out.arrays["mcr_lowest"] = inline_matrix(mcr.lowest, "");
  out.arrays["mcr_highest"] = inline_matrix(mcr.highest, "");
  return out;
}

}  // namespace twin::app
