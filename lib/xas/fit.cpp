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

// The best fit with the data's rows over the root of s, and what is told of s there.
struct Weighed {
  numeric::LeastSquaresFit best;  // rows of the data as they are over their noise
  numeric::InverseNormal inverse;
  double s = 1.0, reduced_chi2 = 1.0;
};

Weighed weigh(const FitModel& model, const FitParameters& parameters, const VectorXd& start,
              double s) {
  Weighed out;
  out.s = s;
  const Index rows = model.data_rows();
  const double root = std::sqrt(s);
  const numeric::Residuals weighed = [&](const VectorXd& x, VectorXd& residual,
                                         MatrixXd* jacobian) {
    model(x, residual, jacobian);
    residual.head(rows) /= root;
    if (jacobian) jacobian->topRows(rows) /= root;
  };
  out.best = numeric::least_squares(s == 1.0 ? numeric::Residuals(std::cref(model)) : weighed,
                                    start, parameters.lower(), parameters.upper(),
                                    {.points = model.points(), .reach = parameters.reach()});
  out.inverse = numeric::inverse_normal(out.best.jacobian);
  out.best.residual.head(rows) *= root;
  out.best.jacobian.topRows(rows) *= root;
  out.best.cost = out.best.residual.squaredNorm();
  const auto own = out.best.jacobian.topRows(rows);
  const double left = model.n_idp() - static_cast<double>(out.best.x.size());
  if (parameters.rows() == 0) {
    out.reduced_chi2 = out.best.cost / left;
    return out;
  }
  const double determined = (out.inverse.covariance * (own.transpose() * own)).trace() / s;
  const double data_chi2 = out.best.residual.head(rows).squaredNorm();
  const double degrees = model.n_idp() - determined;
  out.reduced_chi2 = degrees > 0.5
                         ? data_chi2 / degrees
                         : out.best.cost / (left + static_cast<double>(parameters.rows()));
  return out;
}

// s is what the fit with s finds.
Weighed settle(const FitModel& model, const FitParameters& parameters) {
  Weighed out = weigh(model, parameters, parameters.start(), 1.0);
  int evaluations = out.best.evaluations;
  for (int turn = 0; parameters.rows() > 0 && turn < 20; ++turn) {
    const double s = std::max(1.0, out.reduced_chi2);
    if (!std::isfinite(s) || std::abs(s / out.s - 1) < 1e-4) break;
    out = weigh(model, parameters, out.best.x, s);
    evaluations += out.best.evaluations;
  }
  out.best.evaluations = evaluations;
  return out;
}

void set_covariances(Fit& out, const FitModel& model, const Weighed& found) {
  const MatrixXd& inverse = found.inverse.covariance;
  const double s = found.s;
  const Index rows = model.data_rows();
  out.covariance = inverse / s;
  out.correlation = found.inverse.correlation;
  out.random = inverse * model.noise_normal(found.best.jacobian) * inverse / (s * s);
  const auto data = found.best.jacobian.topRows(rows);
  const auto priors = found.best.jacobian.bottomRows(found.best.jacobian.rows() - rows);
  if (priors.rows() == 0)
    out.systematic = inverse * std::max(0.0, found.reduced_chi2 - 1);
  else
    out.systematic =
        inverse *
        ((1 / s - 1 / (s * s)) * (data.transpose() * data) + priors.transpose() * priors) * inverse;
}

void set_statistics(Fit& out, double data_chi2, double data_square) {
  const double points = out.n_idp + out.n_rows, free = static_cast<double>(out.names.size());
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
  const Weighed found = settle(model, parameters);
  const numeric::LeastSquaresFit& best = found.best;
  out.values = best.x;
  out.reduced_chi2 = found.reduced_chi2;
  set_covariances(out, model, found);
  out.chi2 = best.cost;
  out.evaluations = best.evaluations;
  out.converged = best.converged;
  if (!out.converged)
    say(out, "the fit did not converge in " + std::to_string(best.evaluations) + " evaluations");
  out.data = model.outcome(out.values, best.residual);
  const double rows_chi2 = best.residual.tail(parameters.rows()).squaredNorm();
  set_statistics(out, best.cost - rows_chi2, model.data_square());
  set_derived(out, parameters);
  judge(out, parameters, found.inverse);
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
