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

namespace {

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
      if (name == "e0:" + path.name) return path.e0;
    }
    throw Error(Cause::configuration, "variant " + variant.name + ": no parameter " + name);
  };
  for (const auto& name : variant.free) parameter(name).free = true;
  for (const auto& name : variant.fixed) parameter(name).free = false;
  return paths;
}

}  // namespace

// "Cu-Cu.2" → 2: the shell's number is its place among the single-scattering paths.
int shell_number(const std::string& path_name) {
  const auto dot = path_name.rfind('.');
  const auto number = dot == std::string::npos
                          ? std::nullopt
                          : parse_integer(std::string_view(path_name).substr(dot + 1));
  if (!number || *number < 1)
    throw Error(Cause::configuration,
                "path " + printable(path_name) +
                    ": a shell is named ABSORBER-SCATTERER.NUMBER, as Cu-Cu.1");
  return static_cast<int>(*number);
}

namespace {

std::string chi_r_unit(double kweight) {
  static const std::vector<std::string> units{"1/Å", "1/Å²", "1/Å³", "1/Å⁴"};
  return units.at(static_cast<std::size_t>(std::clamp(std::lround(kweight), 0L, 3L)));
}

}  // namespace

std::string unit_of(const std::string& name, double kweight) {
  if (name.starts_with("chi_r:")) return chi_r_unit(kweight);
  const auto kind = name.substr(0, name.find(':'));
  if (kind == "r") return "Å";
  if (kind == "sigma2") return "Å²";
  if (kind == "c3") return "Å³";
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

XasFindings find(const XasPlan& plan, const VectorXd& k, const VectorXd& chi, double amplitude) {
  const auto& [recipe, shells] = plan;
  XasFindings out;
  const auto add = [&](const std::string& suffix, xas::Fit fit) {
    for (std::size_t i = 0; i < fit.names.size(); ++i) {
      out.names.push_back(fit.names[i] + suffix);
      out.values.push_back(fit.values[static_cast<Eigen::Index>(i)]);
    }
    out.fits.emplace_back(suffix, std::move(fit));
  };
  add("", xas::fit(chi, recipe.fit, recipe.paths, shells, amplitude));
  for (const auto& variant : recipe.variants)
    add("/" + variant.name,
        xas::fit(chi, recipe.fit, with_variant(recipe.paths, variant), shells, amplitude));
  if (recipe.bands.empty()) return out;

  const auto transform = xas::forward_transform(on_fitted_scale(k, chi, fitted_e0(out)) / amplitude,
                                                recipe.fit.kmin, recipe.fit.kmax, recipe.fit.dk,
                                                recipe.fit.kweights.front(), recipe.fit.window);
  for (const auto& band : recipe.bands) {
    out.names.push_back(band_name(band));
    out.values.push_back(xas::band_rms(transform, band.first, band.second));
  }
  return out;
}

}  // namespace twin::app
