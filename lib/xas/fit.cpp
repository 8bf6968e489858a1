// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "xas/fit_parameters.h"
#include "xas/path_model.h"
#include "xas/projection.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double too_correlated = 0.999;

void check(const VectorXd& chi, const record::FitSettings& s) {
  if (s.space != "r")
    throw Error(Cause::configuration, "fit: space '" + printable(s.space) + "' is not known; r is");
  if (s.kweights.empty()) throw Error(Cause::configuration, "fit: no k weight; give one or more");
  if (!(s.kmin > 0) || !(s.kmin < s.kmax) || !(s.rmin >= 0) || !(s.rmin < s.rmax) || !(s.rmax < 31))
    throw Error(Cause::configuration,
                "fit: ranges k " + shortest(s.kmin) + " to " + shortest(s.kmax) + " and R " +
                    shortest(s.rmin) + " to " + shortest(s.rmax) +
                    "; each must begin above zero and before its end, R below 31 A");
  if (!chi.allFinite() || chi.size() > nfft)
    throw Error(Cause::data, "fit: chi(k) must be finite and have at most 2048 points");
  const double end = kstep * static_cast<double>(chi.size() - 1);
  if (end < s.kmax - kstep / 2)
    throw Error(Cause::data, "fit: chi(k) ends at " + significant(end, 4) + " 1/A, before kmax " +
                                 shortest(s.kmax) + "; lower kmax, or measure further");
}

// Model and derivatives, on the points of the projection or on the whole grid.
class Model {
 public:
  Model(const std::vector<PathModel>& paths, const FitParameters& parameters)
      : paths_(paths), parameters_(parameters) {}

  void operator()(const VectorXd& x, const VectorXd& k, VectorXd& chi, MatrixXd* jacobian) const {
    chi = VectorXd::Zero(k.size());
    if (jacobian) jacobian->setZero(k.size(), x.size());
    MatrixXd slopes;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      paths_[i].add(parameters_.values(i, x), k, chi, jacobian ? &slopes : nullptr);
      if (jacobian) parameters_.collect(i, slopes, *jacobian);
    }
  }

 private:
  const std::vector<PathModel>& paths_;
  const FitParameters& parameters_;
};

// (data - model) in R over the noise, in the short form of the projection.
class Residual {
 public:
  Residual(const Model& model, const Projection& projection, const VectorXd& chi)
      : model_(model), noise_(projection.noise(chi)) {
    const Index count = std::min(projection.count(), chi.size() - projection.first());
    rows_ = projection.rows().leftCols(count) / noise_;
    data_ = chi.segment(projection.first(), count);
    k_ = k_grid(chi.size()).segment(projection.first(), count);
  }

  void operator()(const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) const {
    VectorXd wave;
    MatrixXd slopes;
    model_(x, k_, wave, jacobian ? &slopes : nullptr);
    residual.noalias() = rows_ * (data_ - wave);
    if (jacobian) *jacobian = rows_ * -slopes;
  }

  [[nodiscard]] double noise() const { return noise_; }
  [[nodiscard]] double data_square() const { return (rows_ * data_).squaredNorm(); }

 private:
  const Model& model_;
  double noise_;
  MatrixXd rows_;
  VectorXd data_, k_;
};

// What the data leave open: lost directions, twins, uncertainties as wide as the range.
void judge(Fit& out, const FitParameters& parameters, const numeric::InverseNormal& inverse) {
  const auto n = static_cast<Index>(out.names.size());
  const auto say = [&](const std::string& text) {
    out.message += (out.message.empty() ? "" : "; ") + text;
  };
  for (Index i = 0; i < n; ++i) {
    const std::string& name = out.names[static_cast<std::size_t>(i)];
    const double sigma = std::sqrt(out.covariance(i, i) * std::max(out.reduced_chi2, 0.0));
    bool open = inverse.lost[i] > 1e-6 || !(out.covariance(i, i) > 0);
    if (!open && sigma > parameters.sense(i, out.values)) {
      open = true;
      say(name + " is not determined: " + significant(out.values[i], 3) + " +- " +
          significant(sigma, 2));
    } else if (open) {
      say(name + " has no influence of its own");
    }
    for (Index j = 0; j < n; ++j)
      if (i != j && std::abs(inverse.correlation(i, j)) > too_correlated) {
        if (j > i)
          say(name + " and " + out.names[static_cast<std::size_t>(j)] +
              " are told apart by nothing");
        open = true;
      }
    if (open) out.undetermined.push_back(name);
    if (out.values[i] <= parameters.lower()[i] || out.values[i] >= parameters.upper()[i])
      say(name + " stands at its bound " + significant(out.values[i], 4));
  }
}

}  // namespace

Fit fit(const VectorXd& chi, const record::FitSettings& settings,
        const std::vector<record::PathSettings>& paths, const std::vector<ScatteringPath>& feff,
        double s02) {
  check(chi, settings);
  const std::vector<PathModel> models(feff.begin(), feff.end());
  const FitParameters parameters(paths, models, s02);
  const auto projection = Projection::get(settings);
  Fit out;
  out.names = parameters.names();
  out.n_idp = projection->n_idp();
  const auto free = static_cast<double>(out.names.size());
  if (free >= out.n_idp)
    throw Error(Cause::configuration, "fit: " + std::to_string(out.names.size()) +
                                          " free parameters, " + significant(out.n_idp, 3) +
                                          " independent points; fix some, or widen the ranges");
  const Model model(models, parameters);
  const Residual residual(model, *projection, chi);
  const numeric::LeastSquaresFit best =
      numeric::least_squares(residual, parameters.start(), parameters.lower(), parameters.upper(),
                             {.points = projection->points()});
  const numeric::InverseNormal inverse = numeric::inverse_normal(best.jacobian);
  out.values = best.x;
  out.covariance = inverse.covariance;
  out.reduced_chi2 = best.cost / (out.n_idp - free);
  out.r_factor = best.cost / std::max(residual.data_square(), 1e-300);
  out.epsilon_r = projection->noise_r(residual.noise());
  out.evaluations = best.evaluations;
  out.converged = best.converged;
  if (!out.converged)
    out.message =
        "the fit did not converge in " + std::to_string(best.evaluations) + " evaluations";
  judge(out, parameters, inverse);
  model(out.values, k_grid(chi.size()), out.model_chi, nullptr);
  return out;
}

}  // namespace twin::xas
