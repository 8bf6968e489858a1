// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "xas/fit_model.h"
#include "xas/fit_parameters.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double too_correlated = 0.999;

void say(Fit& out, const std::string& text) {
  out.message += (out.message.empty() ? "" : "; ") + text;
}

// What the data leave open: lost directions, twins, uncertainties as wide as the range.
void judge(Fit& out, const FitParameters& parameters, const numeric::InverseNormal& inverse) {
  const auto n = static_cast<Index>(out.names.size());
  for (Index i = 0; i < n; ++i) {
    const std::string& name = out.names[static_cast<std::size_t>(i)];
    const double sigma = std::sqrt(out.covariance(i, i) * std::max(out.reduced_chi2, 0.0));
    bool open = inverse.lost[i] > 1e-6 || !(out.covariance(i, i) > 0);
    if (!open && sigma > parameters.sense(i, out.values)) {
      open = true;
      say(out, name + " is not determined: " + significant(out.values[i], 3) + " +- " +
                   significant(sigma, 2));
    } else if (open) {
      say(out, name + " has no influence of its own");
    }
    for (Index j = 0; j < n; ++j)
      if (i != j && std::abs(inverse.correlation(i, j)) > too_correlated) {
        if (j > i)
          say(out, name + " and " + out.names[static_cast<std::size_t>(j)] +
                       " are told apart by nothing");
        open = true;
      }
    if (open) out.undetermined.push_back(name);
    if (out.values[i] <= parameters.lower()[i] || out.values[i] >= parameters.upper()[i]) {
      say(out, name + " stands at its bound " + significant(out.values[i], 4));
      out.at_bounds.push_back(name);
    }
  }
  for (const std::string& name : parameters.unused())
    say(out, name + " is in no expression and stays what it is");
}

void set_statistics(Fit& out, double data_chi2, double data_square) {
  const double points = out.n_idp + out.n_rows, free = static_cast<double>(out.names.size());
  out.reduced_chi2 = out.chi2 / (points - free);
  out.r_factor = data_chi2 / std::max(data_square, 1e-300);
  const double likelihood = points * std::log(std::max(out.chi2, 1e-300) / points);
  out.aic = likelihood + 2 * free;
  out.bic = likelihood + std::log(points) * free;
}

void set_derived(Fit& out, const FitParameters& parameters) {
  const FitParameters::Tied tied = parameters.tied(out.values);
  const auto count = static_cast<Index>(parameters.derived().size());
  out.derived_values.resize(count);
  out.derived_jacobian.resize(count, out.values.size());
  for (const auto& [name, at] : parameters.derived()) {
    const auto row = static_cast<Index>(out.derived_names.size());
    out.derived_names.push_back(name);
    out.derived_values[row] = tied.values[at];
    out.derived_jacobian.row(row) = tied.slopes[at].transpose();
  }
}

}  // namespace

Fit fit(const std::vector<FitData>& data, const std::vector<record::FitParameter>& shared,
        const std::vector<record::Restraint>& restraints) {
  const FitParameters parameters(data, shared, restraints);
  const FitModel model(data, parameters);
  Fit out;
  out.names = parameters.names();
  out.n_idp = model.n_idp();
  out.n_rows = static_cast<int>(parameters.rows());
  if (static_cast<double>(out.names.size()) >= out.n_idp + out.n_rows)
    throw Error(Cause::configuration, "fit: " + std::to_string(out.names.size()) +
                                          " free parameters, " + significant(out.n_idp, 3) +
                                          " independent points; fix some, or widen the ranges");
  const numeric::LeastSquaresFit best = numeric::least_squares(
      std::cref(model), parameters.start(), parameters.lower(), parameters.upper(),
      {.points = model.points(), .reach = parameters.reach()});
  const numeric::InverseNormal inverse = numeric::inverse_normal(best.jacobian);
  out.values = best.x;
  out.covariance = inverse.covariance;
  out.correlation = inverse.correlation;
  out.random = inverse.covariance * model.noise_normal(best.jacobian) * inverse.covariance;
  out.chi2 = best.cost;
  out.evaluations = best.evaluations;
  out.converged = best.converged;
  if (!out.converged)
    say(out, "the fit did not converge in " + std::to_string(best.evaluations) + " evaluations");
  out.data = model.outcome(out.values, best.residual);
  const double rows_chi2 = best.residual.tail(parameters.rows()).squaredNorm();
  set_statistics(out, best.cost - rows_chi2, model.data_square());
  set_derived(out, parameters);
  judge(out, parameters, inverse);
  out.epsilon_r = out.data.front().epsilon_r;
  out.model_chi = out.data.front().model_chi;
  return out;
}

Fit fit(const VectorXd& chi, const record::FitSettings& settings,
        const std::vector<record::PathSettings>& paths, const std::vector<ScatteringPath>& feff,
        double s02) {
  std::vector<FitData> data(1);
  data[0].chi = chi;
  data[0].settings = settings;
  data[0].paths = paths;
  data[0].feff = feff;
  data[0].s02 = s02;
  return fit(data);
}

}  // namespace twin::xas
