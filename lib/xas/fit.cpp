// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "xas/bands.h"
#include "xas/fit_parameters.h"
#include "xas/path_model.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double too_correlated = 0.999;

// The linear map from χ(k), at the points that carry weight, to the residuals in R.
struct Projection {
  Index first = 0, count = 0;  ///< the points of k
  MatrixXd rows;  ///< [2 nR nW × count] Re and Im over their noise, each k weight in turn
  std::vector<double> epsilon;  ///< of each k weight
};

// One noise of χ(k) for all k weights: the mean of their estimates, so that each weight sees the
// same data and none wins by the accident of its own tail.
std::vector<double> noise(const VectorXd& chi, const record::FitSettings& settings) {
  double mean = 0;
  for (const double weight : settings.kweights)
    mean += epsilon_k(chi, settings, weight) / static_cast<double>(settings.kweights.size());
  std::vector<double> out;
  for (const double weight : settings.kweights) {
    const double epsilon = mean / epsilon_ratio(settings, weight);
    out.push_back(epsilon > 0 ? epsilon : 1e-12);
  }
  return out;
}

// exp(-2πi j/nfft) as a column of two for each j.
const MatrixXd& unit_circle() {
  static const MatrixXd all = [] {
    MatrixXd out(2, nfft);
    for (int j = 0; j < nfft; ++j)
      out.col(j) << std::cos(2 * std::numbers::pi * j / nfft),
          -std::sin(2 * std::numbers::pi * j / nfft);
    return out;
  }();
  return all;
}

Projection projection(const VectorXd& chi, const record::FitSettings& s) {
  Projection out;
  out.epsilon = noise(chi, s);
  const VectorXd k = k_grid(nfft);
  const VectorXd weight = window(k, s.kmin, s.kmax, s.dk, s.window).head(chi.size());
  while (out.first < chi.size() && weight[out.first] == 0) ++out.first;
  Index end = chi.size();
  while (end > out.first && weight[end - 1] == 0) --end;
  out.count = end - out.first;
  const auto from = static_cast<Index>(std::max(0.0, 0.01 + s.rmin / rstep));
  const auto to = static_cast<Index>(std::min(nfft / 2.0, 0.01 + s.rmax / rstep));
  if (to <= from)
    throw Error(Cause::configuration, "fit: no point of chi(R) lies between rmin " +
                                          shortest(s.rmin) + " and rmax " + shortest(s.rmax) +
                                          " A");
  out.rows.resize(2 * (to - from) * static_cast<Index>(s.kweights.size()), out.count);
  Index row = 0;
  const MatrixXd& turn = unit_circle();
  for (std::size_t w = 0; w < s.kweights.size(); ++w, row += 2 * (to - from))
    for (Index i = 0; i < out.count; ++i) {
      const Index at = out.first + i;
      const double scale = kstep * std::numbers::inv_sqrtpi * weight[at] *
                           std::pow(k[at], s.kweights[w]) / out.epsilon[w];
      for (Index j = from; j < to; ++j)
        out.rows.col(i).segment<2>(row + 2 * (j - from)) = scale * turn.col((at * j) % nfft);
    }
  return out;
}

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
  Fit out;
  out.names = parameters.names();
  out.n_idp =
      1 + 2 * (settings.rmax - settings.rmin) * (settings.kmax - settings.kmin) / std::numbers::pi;
  const auto free = static_cast<double>(out.names.size());
  if (free >= out.n_idp)
    throw Error(Cause::configuration, "fit: " + std::to_string(out.names.size()) +
                                          " free parameters, " + significant(out.n_idp, 3) +
                                          " independent points; fix some, or widen the ranges");
  const Projection project = projection(chi, settings);
  const VectorXd k = k_grid(chi.size());
  const VectorXd used_k = k.segment(project.first, project.count);
  // Scaled so that the sum of squares is χ² of n_idp independent points.
  const double share = std::sqrt(out.n_idp / static_cast<double>(project.rows.rows()));
  const VectorXd data = share * (project.rows * chi.segment(project.first, project.count));
  const Model model(models, parameters);
  const numeric::Residuals residuals = [&](const VectorXd& x, VectorXd& residual,
                                           MatrixXd* jacobian) {
    VectorXd wave;
    MatrixXd slopes;
    model(x, used_k, wave, jacobian ? &slopes : nullptr);
    residual = data - share * (project.rows * wave);
    if (jacobian) *jacobian = -share * (project.rows * slopes);
  };
  const numeric::LeastSquaresFit best =
      numeric::least_squares(residuals, parameters.start(), parameters.lower(), parameters.upper());
  const numeric::InverseNormal inverse = numeric::inverse_normal(best.jacobian);
  out.values = best.x;
  out.covariance = inverse.covariance;
  out.reduced_chi2 = best.cost / (out.n_idp - free);
  out.r_factor = best.cost / std::max(data.squaredNorm(), 1e-300);
  out.epsilon_r = project.epsilon.front();
  out.evaluations = best.evaluations;
  out.converged = best.converged;
  if (!out.converged)
    out.message =
        "the fit did not converge in " + std::to_string(best.evaluations) + " evaluations";
  judge(out, parameters, inverse);
  model(out.values, k, out.model_chi, nullptr);
  return out;
}

}  // namespace twin::xas
