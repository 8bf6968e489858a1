// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/xas_uncertainty.h"

#include <algorithm>
#include <cmath>

#include "app/arrays.h"
#include "numeric/statistics.h"
#include "xas/bands.h"

namespace twin::app {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Measurement;
using record::Quantity;
using record::Result;

void add_physical(Result& out, const XasPlan& plan, const XasSpectrum& chi,
                  const XasFindings& found, const AmplitudeReduction& s02) {
  const auto& recipe = plan.recipe;
  const auto n = static_cast<Eigen::Index>(found.names.size());
  MatrixXd random = MatrixXd::Zero(n, n), systematic = MatrixXd::Zero(n, n);
  Eigen::Index at = 0;
  for (const auto& [suffix, fit] : found.fits) {
    const Eigen::Index m = fit.values.size();
    random.block(at, at, m, m) = fit.covariance;
    systematic.block(at, at, m, m) = fit.covariance * std::max(0.0, fit.reduced_chi2 - 1);
    at += m;
  }
  const double noise = xas::epsilon_r(chi.chi, recipe.fit, recipe.fit.kweights.front()) / s02.value;
  VectorXd by_s02 = VectorXd::Zero(n);  // d ln(quantity) / d ln(S0²) = -1 for amplitudes
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    const bool band = name.starts_with("chi_r:");
    if (name.starts_with("n:") || band)
      by_s02[i] = -found.values[static_cast<std::size_t>(i)] / s02.value;
    if (band) random(i, i) = noise * noise;  // one independent point or more: an upper bound
  }
  random += by_s02 * by_s02.transpose() * s02.sigma * s02.sigma;
  systematic += by_s02 * by_s02.transpose() * s02.sigma_sys * s02.sigma_sys;

  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    out.quantities[name] = Quantity{found.values[static_cast<std::size_t>(i)],
                                    std::sqrt(random(i, i)),
                                    std::sqrt(systematic(i, i)),
                                    unit_of(name, recipe.fit.kweights.front()),
                                    "exafs-fit",
                                    {}};
  }
  out.covariance = named(found.names, random);
  out.covariance_sys = named(found.names, systematic);
  if (chi.reduction) {
    out.quantities["e0"] =
        Quantity{chi.reduction->e0,
                 {},
                 {},
                 "eV",
                 reduce_settings(recipe, out.context.scan).e0 ? "stated" : "derivative",
                 {}};
    out.quantities["edge_step"] =
        Quantity{chi.reduction->edge_step, {}, {}, "", "pre-post-edge", {}};
  }
  out.quantities["s02"] = Quantity{s02.value, s02.sigma, s02.sigma_sys, "", s02.source, {}};
}

void add_digital(Result& out, const XasPlan& plan, const Measurement& m, const XasSpectrum& chi,
                 const XasFindings& found) {
  const auto n = static_cast<Eigen::Index>(found.names.size());
  const auto values = [&](const VectorXd& curve) {
    const XasFindings f = find(plan, chi.k, curve, 1.0);
    return VectorXd(Eigen::Map<const VectorXd>(f.values.data(), n));
  };
  MatrixXd random = MatrixXd::Zero(n, n);
  if (m.arrays.contains("chi_without_block")) {
    const MatrixXd blocks = matrix(m, "chi_without_block");
    MatrixXd deleted(blocks.rows(), n);
    for (Eigen::Index b = 0; b < blocks.rows(); ++b) deleted.row(b) = values(blocks.row(b));
    random = numeric::jackknife_covariance(deleted);
    out.covariance = named(found.names, random);
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = found.names[static_cast<std::size_t>(i)];
    out.quantities[name] = Quantity{found.values[static_cast<std::size_t>(i)],
                                    std::sqrt(random(i, i)),
                                    0.0,
                                    unit_of(name, plan.recipe.fit.kweights.front()),
                                    "exafs-fit",
                                    {}};
  }
  std::vector<VectorXd> columns;
  for (const auto& [name, array] : m.arrays) {
    if (!name.starts_with("chi@")) continue;
    const VectorXd tangent = column(m, name);
    const double size = tangent.norm();
    if (size == 0) continue;
    const double step = 0.02 * chi.chi.norm() / size;
    columns.push_back((values(chi.chi + step * tangent) - values(chi.chi - step * tangent)) /
                      (2 * step));
    out.jacobian.columns.push_back(name.substr(4));
  }
  if (columns.empty()) return;
  out.jacobian.rows = found.names;
  for (Eigen::Index i = 0; i < n; ++i)
    for (const auto& c : columns) out.jacobian.matrix.push_back(c[i]);
}

}  // namespace twin::app
