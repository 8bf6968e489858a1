// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_plan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/recipe_check.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"
#include "feff/feff.h"
#include "formats/cif.h"
#include "xas/fit.h"

namespace twin::app {

using record::Recipe;

namespace {

feff::Request request_of(const Recipe& recipe) {
  const auto edge = atoms::parse_edge(recipe.edge);
  const auto& feff = recipe.feff;
  feff::Request out{.crystal = {feff.lattice, feff.element, feff.a, {1, 1, 1}},
                    .edge = edge.level,
                    .rmax = feff.rmax,
                    .legs = feff.legs};
  if (feff.structure.empty()) return out;
  out.structure = formats::read_cif(feff.structure);
  out.absorber = edge.element;
  out.site = feff.site;
  return out;
}

// FEFF's path of one of the recipe's.
xas::ScatteringPath path_of(const feff::Paths& all, const record::PathSettings& path) {
  xas::ScatteringPath out = !path.file.empty() ? feff::read_feff_dat(path.file)
                            : path.index > 0   ? feff::choose(all, path.index)
                                               : feff::choose(all, path.name);
  out.name = path.name;
  return out;
}

}  // namespace

XasPlan plan_of(Recipe recipe) {
  XasPlan out;
  out.conditions = conditions_of(recipe);
  const bool run =
      std::ranges::any_of(recipe.paths, [](const auto& path) { return path.file.empty(); });
  feff::Paths all;
  if (run)
    all = in_recipe(recipe, {recipe.document.find("feff") ? "feff" : "standard", "structure"},
                    [&] { return feff::ideal_paths(request_of(recipe)); });
  out.feff_version = all.version;
  for (std::size_t i = 0; i < recipe.paths.size(); ++i)
    out.feff.push_back(in_recipe(recipe, {"paths", std::to_string(i)},
                                 [&] { return path_of(all, recipe.paths[i]); }));
  out.recipe = std::move(recipe);
  return out;
}

XasPlan plan_of_standard(const XasPlan& plan) {
  const auto& standard = *plan.recipe.standard;
  if (standard.structure.empty()) return plan;
  Recipe recipe = plan.recipe;
  recipe.feff.structure = standard.structure;
  recipe.feff.site.clear();
  // The first shell of the standard, whatever the sample's paths are: one path that is all its own.
  XasPlan out = plan;
  const auto all = in_recipe(recipe, {"standard", "structure"},
                             [&] { return feff::ideal_paths(request_of(recipe)); });
  recipe.paths.resize(1);
  recipe.paths.front() = {};
  const auto first = std::ranges::find(all.paths, 2, &xas::ScatteringPath::legs);
  if (first == all.paths.end() || first->elements.size() < 2)
    throw Error(Cause::configuration,
                "standard: " + printable(standard.structure) + ": no neighbour within rmax");
  auto& path = recipe.paths.front();
  path.name = first->elements[0] + "-" + first->elements[1] + ".1";
  path.n.free = path.r.free = path.sigma2.free = path.e0.free = true;
  recipe.parameters.clear();
  recipe.restraints.clear();
  out.feff = {feff::choose(all, path.name)};
  out.recipe = std::move(recipe);
  return out;
}

StandardValues values_of_standard(const XasPlan& plan, const Eigen::VectorXd& chi) {
  const auto& standard = *plan.recipe.standard;
  const xas::FitData data{.name = "",
                          .chi = chi,
                          .settings = plan.recipe.fit,
                          .paths = plan.recipe.paths,
                          .feff = plan.feff,
                          .s02 = 1.0,
                          .temperature = {},
                          .delta_chi = {}};
  const auto fit = xas::fit({data}, plan.recipe.parameters, plan.recipe.restraints);
  if (!fit.converged)
    throw Error(Cause::data, "standard " + printable(standard.scan) + ": " + fit.message);
  const auto find = [&](std::string_view kind) {
    const auto at = std::ranges::find_if(fit.names, [&](auto& n) { return n.starts_with(kind); });
    return at == fit.names.end() ? Eigen::Index{-1} : Eigen::Index{at - fit.names.begin()};
  };
  const auto n = find("n:"), e0 = find("de0:");
  if (n < 0) throw Error(Cause::configuration, "standard: its fit has no free n to take S0² from");
  StandardValues out;
  out.source = "standard " + standard.scan;
  const std::string of = fit.names[static_cast<std::size_t>(n)].substr(2);
  const auto path = std::ranges::find(plan.recipe.paths, of, &record::PathSettings::name);
  const double known =
      standard.n > 0
          ? standard.n
          : plan.feff[static_cast<std::size_t>(path - plan.recipe.paths.begin())].degeneracy;
  Eigen::Matrix<double, 2, Eigen::Dynamic> map =
      Eigen::Matrix<double, 2, Eigen::Dynamic>::Zero(2, fit.values.size());
  map(0, n) = 1 / known;
  out.s02 = fit.values[n] / known;
  out.has_de0 = std::ranges::find(standard.gives, "de0") != standard.gives.end();
  if (out.has_de0) {
    if (e0 < 0) throw Error(Cause::configuration, "standard: its fit has no free e0 to give");
    map(1, e0) = 1;
    out.de0 = fit.values[e0];
  }
  out.random = map * fit.random * map.transpose();
  out.systematic = map * fit.systematic * map.transpose();
  return out;
}

}  // namespace twin::app
