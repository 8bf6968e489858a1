// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/mcr.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "numeric/nonnegative.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nothing = 1e-9;  // of the data: data without noise are not followed further

// Corners of the simplex that the scans lie in: the scan farthest from the mean, then the one
// farthest from it, then each time the one farthest from the span of those before.
std::vector<Index> purest_scans(const MatrixXd& d, Index count) {
  std::vector<Index> found(1);
  (d.rowwise() - d.colwise().mean()).rowwise().norm().maxCoeff(&found[0]);
  MatrixXd left = d.rowwise() - d.row(found[0]);
  for (Index k = 1; k < count; ++k) {
    Index farthest = 0;
    const double distance = left.rowwise().norm().maxCoeff(&farthest);
    found.push_back(farthest);
    if (!(distance > 0)) continue;  // scans that repeat each other
    const Eigen::RowVectorXd direction = left.row(farthest) / distance;
    left -= (left * direction.transpose()).eval() * direction;
  }
  return found;
}

// Σ c = 1 by an equation that weighs more than all points together.
void solve_concentrations(const MatrixXd& d, const MatrixXd& s, bool closure, MatrixXd& c) {
  MatrixXd normal = s * s.transpose();
  const double heavy = closure ? 1e3 * normal.trace() : 0.0;
  normal.array() += heavy;
  const MatrixXd right = s * d.transpose();
  for (Index i = 0; i < d.rows(); ++i) {
    c.row(i) =
        numeric::nonnegative_solve(normal, (right.col(i).array() + heavy).matrix()).transpose();
    if (closure && c.row(i).sum() > 0) c.row(i) /= c.row(i).sum();
  }
}

void solve_spectra(const MatrixXd& d, const MatrixXd& c, MatrixXd& s) {
  const MatrixXd normal = c.transpose() * c, right = c.transpose() * d;
  for (Index j = 0; j < d.cols(); ++j) s.col(j) = numeric::nonnegative_solve(normal, right.col(j));
}

// C'_k = (1-a) C_k, C'_l = C_l + a C_k; S'_k = (S_k - a S_l)/(1-a): fits as well. a lies where
// both stay ≥ 0; points where S_l is small are noise and are left out.
void widen(Mcr& out, Index k, Index l) {
  constexpr double counts = 0.1;  // of the greatest
  const double weighty_s = counts * out.spectra.row(l).maxCoeff();
  const double weighty_c = counts * out.concentrations.col(k).maxCoeff();
  double most = 1 - 1e-6, least = -std::numeric_limits<double>::infinity();
  for (Index j = 0; j < out.spectra.cols(); ++j)
    if (out.spectra(l, j) > weighty_s) most = std::min(most, out.spectra(k, j) / out.spectra(l, j));
  for (Index i = 0; i < out.concentrations.rows(); ++i)
    if (out.concentrations(i, k) > weighty_c)
      least = std::max(least, -out.concentrations(i, l) / out.concentrations(i, k));
  if (!std::isfinite(least)) least = 0;
  for (const double a : {std::max(0.0, most), std::min(0.0, least)}) {
    const VectorXd of_k = (1 - a) * out.concentrations.col(k);
    const VectorXd of_l = out.concentrations.col(l) + a * out.concentrations.col(k);
    out.lowest.col(k) = out.lowest.col(k).cwiseMin(of_k);
    out.highest.col(k) = out.highest.col(k).cwiseMax(of_k);
    out.lowest.col(l) = out.lowest.col(l).cwiseMin(of_l);
    out.highest.col(l) = out.highest.col(l).cwiseMax(of_l);
  }
}

void find_bands(Mcr& out) {
  out.lowest = out.highest = out.concentrations;
  const Index n = out.spectra.rows();
  for (Index k = 0; k < n; ++k)
    for (Index l = 0; l < n; ++l)
      if (k != l) widen(out, k, l);
  out.lowest = out.lowest.cwiseMax(0);
}

void check(const MatrixXd& spectra, int components) {
  if (components < 1)
    throw Error(Cause::configuration,
                "resolution: " + std::to_string(components) + " components; one or more is wanted");
  if (spectra.rows() < components || spectra.cols() < components)
    throw Error(Cause::data, "resolution: " + std::to_string(spectra.rows()) + " scans of " +
                                 std::to_string(spectra.cols()) + " points can't hold " +
                                 std::to_string(components) + " components");
  if (!spectra.allFinite())
    throw Error(Cause::data, "resolution: a value is not finite; leave the damaged scan out");
}

}  // namespace

Mcr resolve(const MatrixXd& spectra, int components, const McrOptions& options) {
  check(spectra, components);
  Mcr out;
  out.purest = purest_scans(spectra, components);
  out.spectra = MatrixXd(spectra(out.purest, Eigen::all)).cwiseMax(0);
  out.concentrations = MatrixXd::Zero(spectra.rows(), components);
  const double all = spectra.squaredNorm();
  double last = std::numeric_limits<double>::infinity(), misfit = all;
  for (; out.iterations < options.max_iterations && !out.converged; ++out.iterations) {
    solve_concentrations(spectra, out.spectra, options.closure, out.concentrations);
    solve_spectra(spectra, out.concentrations, out.spectra);
    misfit = (spectra - out.concentrations * out.spectra).squaredNorm();
    const double change = std::abs(std::sqrt(last) - std::sqrt(misfit));
    out.converged = change <= options.tolerance * std::sqrt(misfit) + nothing * std::sqrt(all);
    last = misfit;
  }
  out.r2 = all > 0 ? 1 - misfit / all : 0.0;
  out.lack_of_fit = all > 0 ? 100 * std::sqrt(misfit / all) : 0.0;
  if (!out.converged)
    out.warnings.push_back("the resolution did not converge in " +
                           std::to_string(options.max_iterations) + " iterations");
  for (Index k = 0; k < components; ++k)
    if (!(out.concentrations.col(k).maxCoeff() > 0))
      out.warnings.push_back("component " + std::to_string(k + 1) + " is empty: ask for fewer");
  find_bands(out);
  return out;
}

}  // namespace twin::xas
