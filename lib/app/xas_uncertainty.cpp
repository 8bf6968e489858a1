// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_uncertainty.h"

#include <algorithm>
#include <cmath>

#include "app/arrays.h"
#include "core/text.h"
#include "numeric/statistics.h"
#include "xas/bands.h"

namespace twin::app {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Measurement;
using record::Quantity;
using record::Result;

namespace {

VectorXd vector(const std::vector<double>& values) {
  return Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

bool is_band(const std::string& name) { return name.starts_with("chi_r:"); }

// True where another S0² changes n alone: each path's n is free to take it, and nothing else has to
// do with n.
bool n_takes_all(const record::Recipe& recipe) {
  const auto tied = [](const record::PathParameter& p) { return !p.expression.empty(); };
  const auto takes_it = [&](const record::PathSettings& path) {
    return path.n.free && !path.n.prior && !path.n.lower && !tied(path.r) && !tied(path.sigma2) &&
           !tied(path.c3) && !tied(path.c4) && !tied(path.e0);
  };
  const auto fixes_n = [](const record::Variant& variant) {
    return std::ranges::any_of(variant.fixed, [](auto& name) { return name.starts_with("n:"); });
  };
  return recipe.parameters.empty() && recipe.restraints.empty() &&
         std::ranges::all_of(recipe.paths, takes_it) &&
         std::ranges::none_of(recipe.variants, fixes_n);
}

// ∂(finding)/∂(S0², ΔE0) [n × 2]: by the amplitude that it divides, where that is all; else by
// fits with other values.
MatrixXd by_standard(const XasPlan& plan, const XasSpectrum& spectrum, const XasFindings& found,
                     const StandardValues& values, std::optional<double> temperature) {
  const auto n = static_cast<Eigen::Index>(found.names.size());
  MatrixXd out = MatrixXd::Zero(n, 2);
  const auto refit = [&](double s02, double de0) {
    StandardValues other = values;
    other.s02 = s02;
    other.de0 = de0;
    return vector(find(plan, spectrum.k, spectrum.chi, other, temperature).values);
  };
  if (n_takes_all(plan.recipe)) {
    for (Eigen::Index i = 0; i < n; ++i) {
      const auto& name = found.names[static_cast<std::size_t>(i)];
      if (name.starts_with("n:") || is_band(name))
        out(i, 0) = -found.values[static_cast<std::size_t>(i)] / values.s02;
    }
  } else {
    const double step = 0.01 * values.s02;
    out.col(0) =
        (refit(values.s02 + step, values.de0) - refit(values.s02 - step, values.de0)) / (2 * step);
  }
  if (values.has_de0) {
    constexpr double step = 0.1;
    out.col(1) =
        (refit(values.s02, values.de0 + step) - refit(values.s02, values.de0 - step)) / (2 * step);
  }
  return out;
}

// One quantity a finding.
void put(Result& out, const XasPlan& plan, const XasFindings& found, const MatrixXd& random,
         const MatrixXd& systematic) {
  for (std::size_t j = 0; j < found.names.size(); ++j) {
    const auto i = static_cast<Eigen::Index>(j);
    out.quantities[found.names[j]] = Quantity{found.values[j],
                                              std::sqrt(random(i, i)),
                                              std::sqrt(systematic(i, i)),
                                              unit_of(found.names[j], plan.recipe),
                                              "exafs-fit",
                                              {}};
  }
}

}  // namespace

std::optional<double> temperature_of(const record::Context& context) {
  const auto at = context.environment.find("temperature");
  return at == context.environment.end() ? std::nullopt : at->second.value;
}

void warn_of_impossible(Result& out, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    const auto& q = out.quantities.at(name);
    if (!q.value || !(*q.value < 0)) continue;
    std::string why;
    if (name.starts_with("n:")) why = "fewer neighbours than none";
    if (name.starts_with("sigma2:")) why = "less disorder than none";
    if (name.starts_with("r:")) why = "no distance";
    if (why.empty()) continue;
    out.warnings.push_back(name + " is negative: " + significant(*q.value, 3) + " ± " +
                           significant(q.sigma_total(), 2) + (q.unit.empty() ? "" : " ") + q.unit +
                           ", " + why +
                           "; a wrong path, too many free parameters for these data, or a "
                           "background that follows the shell");
  }
}

void add_physical(Result& out, const XasPlan& plan, const XasSpectrum& spectrum,
                  const XasFindings& found, const StandardValues& values) {
  const auto& recipe = plan.recipe;
  const auto n = static_cast<Eigen::Index>(found.names.size());
  MatrixXd random = MatrixXd::Zero(n, n), systematic = MatrixXd::Zero(n, n);
  Eigen::Index at = 0;
  for (const auto& [suffix, fit] : found.fits) {
    const auto rows = rows_of(fit).by_free;
    const Eigen::Index m = rows.rows();
    random.block(at, at, m, m) = rows * fit.random * rows.transpose();
    systematic.block(at, at, m, m) = rows * fit.systematic * rows.transpose();
    at += m;
  }
  if (!recipe.bands.empty()) {
    // One independent point or more: an upper bound.
    const double noise =
        xas::epsilon_r(spectrum.chi, recipe.fit, recipe.fit.kweights.front()) / values.s02;
    for (Eigen::Index i = at; i < n; ++i) random(i, i) = noise * noise;
  }
  const MatrixXd by = by_standard(plan, spectrum, found, values, temperature_of(out.context));
  random += by * values.random * by.transpose();
  systematic += by * values.systematic * by.transpose();
  put(out, plan, found, random, systematic);
  warn_of_impossible(out, found.names);
  add_block(out.covariance, found.names, random);
  add_block(out.covariance_sys, found.names, systematic);
  out.quantities["s02"] = Quantity{values.s02,
                                   std::sqrt(values.random(0, 0)),
                                   std::sqrt(values.systematic(0, 0)),
                                   "",
                                   values.source,
                                   {}};
  if (values.has_de0)
    out.quantities["de0"] = Quantity{values.de0,
                                     std::sqrt(values.random(1, 1)),
                                     std::sqrt(values.systematic(1, 1)),
                                     "eV",
                                     values.source,
                                     {}};
}

void add_reduction(Result& out, const XasSpectrum& spectrum) {
  const auto& r = *spectrum.reduction;
  out.quantities["e0"] = Quantity{r.e0, spectrum.e0_sigma, {}, "eV", spectrum.e0_from, {}};
  out.quantities["edge_step"] = Quantity{r.edge_step,
                                         spectrum.edge_step_sigma,
                                         spectrum.edge_step_sys,
                                         "",
                                         r.used.method == "mback" ? "mback" : "pre-post-edge",
                                         {}};
}

void add_digital(Result& out, const XasPlan& plan, const Measurement& m,
                 const XasSpectrum& spectrum, const XasFindings& found,
                 const StandardValues& values) {
  const auto n = static_cast<Eigen::Index>(found.names.size());
  const auto of = [&](const VectorXd& curve) {
    return vector(find(plan, spectrum.k, curve, values, temperature_of(out.context)).values);
  };
  MatrixXd random = MatrixXd::Zero(n, n);
  if (m.arrays.contains("chi_without_block")) {
    const MatrixXd blocks = matrix(m, "chi_without_block");
    MatrixXd deleted(blocks.rows(), n);
    for (Eigen::Index b = 0; b < blocks.rows(); ++b) deleted.row(b) = of(blocks.row(b));
    random = numeric::jackknife_covariance(deleted);
    add_block(out.covariance, found.names, random);
    out.arrays["without_block"] = inline_matrix(deleted, "");
  }
  put(out, plan, found, random, MatrixXd::Zero(n, n));
  std::vector<VectorXd> columns;
  for (const auto& [name, array] : m.arrays) {
    if (!name.starts_with("chi@")) continue;
    const VectorXd tangent = column(m, name);
    const double size = tangent.norm();
    out.jacobian.columns.push_back(name.substr(4));
    if (size == 0) {
      columns.push_back(VectorXd::Zero(n));
      continue;
    }
    const double step = 0.02 * spectrum.chi.norm() / size;
    columns.push_back((of(spectrum.chi + step * tangent) - of(spectrum.chi - step * tangent)) /
                      (2 * step));
  }
  if (columns.empty()) return;
  out.jacobian.rows = found.names;
  for (Eigen::Index i = 0; i < n; ++i)
    for (const auto& c : columns) out.jacobian.matrix.push_back(c[i]);
}

}  // namespace twin::app
