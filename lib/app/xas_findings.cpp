// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_findings.h"

#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"
#include "xas/bands.h"
#include "xas/transform.h"

namespace twin::app {

using Eigen::VectorXd;

std::string band_name(const std::pair<double, double>& band) {
  return "chi_r:" + shortest(band.first) + "-" + shortest(band.second);
}

std::vector<record::PathSettings> with_variant(std::vector<record::PathSettings> paths,
                                               const record::Variant& variant) {
  const auto parameter = [&](const std::string& name) -> record::PathParameter& {
    for (auto& path : paths) {
      if (name == "n:" + path.name) return path.n;
      if (name == "r:" + path.name) return path.r;
      if (name == "sigma2:" + path.name) return path.sigma2;
      if (name == "c3:" + path.name) return path.c3;
      if (name == "c4:" + path.name) return path.c4;
      if (name == "e0:" + path.name) return path.e0;
    }
    throw Error(Cause::configuration, "variant " + variant.name + ": no parameter " + name);
  };
  for (const auto& name : variant.free) parameter(name).free = true;
  for (const auto& name : variant.fixed) parameter(name).free = false;
  return paths;
}

namespace {

std::string chi_r_unit(double kweight) {
  static const std::vector<std::string> units{"1/Å", "1/Å²", "1/Å³", "1/Å⁴"};
  return units.at(static_cast<std::size_t>(std::clamp(std::lround(kweight), 0L, 3L)));
}

}  // namespace

std::string unit_of(const std::string& name, const record::Recipe& recipe) {
  if (name.starts_with("chi_r:")) return chi_r_unit(recipe.fit.kweights.front());
  const auto plain = name.substr(0, name.find_first_of("/@"));
  const auto own = std::ranges::find(recipe.parameters, plain, &record::FitParameter::name);
  if (own != recipe.parameters.end()) return own->unit;
  const auto kind = name.substr(0, name.find(':'));
  if (kind == "r") return "Å";
  if (kind == "sigma2") return "Å²";
  if (kind == "c3") return "Å³";
  if (kind == "c4") return "Å⁴";
  if (kind == "de0" || kind == "e0") return "eV";
  return "";
}

VectorXd on_fitted_scale(const VectorXd& k, const VectorXd& chi, double de0) {
  VectorXd source = VectorXd::Zero(k.size());
  for (Eigen::Index i = 0; i < k.size(); ++i)
    source[i] = std::sqrt(std::max(0.0, k[i] * k[i] + etok * de0));
  VectorXd out = numeric::CubicInterpolator(k, source)(chi);
  return (source.array() <= k[k.size() - 1]).select(out, 0.0);
}

double fitted_e0(const XasFindings& found) {
  const auto at = std::ranges::find_if(found.names, [](auto& n) { return n.starts_with("de0:"); });
  return at == found.names.end() ? 0.0
                                 : found.values[static_cast<std::size_t>(at - found.names.begin())];
}

std::vector<record::PathSettings> with_standard(std::vector<record::PathSettings> paths,
                                                const StandardValues& values) {
  if (!values.has_de0) return paths;
  for (auto& path : paths) {
    if (!path.e0.expression.empty() || (path.e0.value && !path.e0.free)) continue;
    path.e0 = {};
    path.e0.value = values.de0;
  }
  return paths;
}

FitRows rows_of(const xas::Fit& fit) {
  const auto free = fit.values.size(), tied = fit.derived_values.size();
  FitRows out{fit.names, VectorXd(free + tied), Eigen::MatrixXd::Identity(free + tied, free)};
  out.values << fit.values, fit.derived_values;
  if (tied > 0) out.by_free.bottomRows(tied) = fit.derived_jacobian;
  out.names.insert(out.names.end(), fit.derived_names.begin(), fit.derived_names.end());
  return out;
}

XasFindings find(const XasPlan& plan, const VectorXd& k, const VectorXd& chi,
                 const StandardValues& values, std::optional<double> temperature) {
  const auto& recipe = plan.recipe;
  XasFindings out;
  const auto add = [&](const std::string& suffix, std::vector<record::PathSettings> paths) {
    const xas::FitData data{.name = "",
                            .chi = chi,
                            .settings = recipe.fit,
                            .paths = with_standard(std::move(paths), values),
                            .feff = plan.feff,
                            .s02 = values.s02,
                            .temperature = temperature,
                            .delta_chi = {}};
    auto fit = xas::fit({data}, recipe.parameters, recipe.restraints);
    const auto rows = rows_of(fit);
    for (std::size_t i = 0; i < rows.names.size(); ++i) {
      out.names.push_back(rows.names[i] + suffix);
      out.values.push_back(rows.values[static_cast<Eigen::Index>(i)]);
    }
    out.fits.emplace_back(suffix, std::move(fit));
  };
  if (!recipe.paths.empty()) {
    add("", recipe.paths);
    for (const auto& variant : recipe.variants)
      add("/" + variant.name, with_variant(recipe.paths, variant));
  }
  if (recipe.bands.empty()) return out;

  const auto transform = xas::forward_transform(
      on_fitted_scale(k, chi, fitted_e0(out)) / values.s02, recipe.fit.kmin, recipe.fit.kmax,
      recipe.fit.dk, recipe.fit.kweights.front(), recipe.fit.window);
  for (const auto& band : recipe.bands) {
    out.names.push_back(band_name(band));
    out.values.push_back(xas::band_rms(transform, band.first, band.second));
  }
  return out;
}

}  // namespace twin::app
