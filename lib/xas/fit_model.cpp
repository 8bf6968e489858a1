// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit_model.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check(const FitData& data) {
  const record::FitSettings& s = data.settings;
  if (s.kweights.empty()) throw Error(Cause::configuration, "fit: no k weight; give one or more");
  if (!(s.kmin > 0) || !(s.kmin < s.kmax) || !(s.rmin >= 0) || !(s.rmin < s.rmax) || !(s.rmax < 31))
    throw Error(Cause::configuration,
                "fit: ranges k " + shortest(s.kmin) + " to " + shortest(s.kmax) + " and R " +
                    shortest(s.rmin) + " to " + shortest(s.rmax) +
                    "; each must begin above zero and before its end, R below 31 A");
  if (s.epsilon_k && !(*s.epsilon_k > 0 && std::isfinite(*s.epsilon_k)))
    throw Error(Cause::configuration,
                "fit: epsilon_k is " + shortest(*s.epsilon_k) + "; noise must be positive");
  if (!data.chi.allFinite() || data.chi.size() > nfft)
    throw Error(Cause::data, "fit: chi(k) must be finite and have at most 2048 points");
  const double end = kstep * static_cast<double>(data.chi.size() - 1);
  if (end < s.kmax - kstep / 2)
    throw Error(Cause::data, "fit: chi(k) ends at " + significant(end, 4) + " 1/A, before kmax " +
                                 shortest(s.kmax) + "; lower kmax, or measure further");
  if (data.delta_chi && (data.delta_chi->size() != data.chi.size() || !data.delta_chi->allFinite()))
    throw Error(Cause::data, "fit: the uncertainty of chi(k) must be finite, a number for each k");
}

}  // namespace

FitModel::FitModel(const std::vector<FitData>& data, const FitParameters& parameters)
    : parameters_(parameters) {
  for (const FitData& one : data) {
    try {
      spectra_.push_back(make(one));
    } catch (const Error& error) {
      if (data.size() == 1) throw;
      throw error.at("spectrum " + printable(one.name));
    }
    Spectrum& made = spectra_.back();
    rows_ += made.rows;
    made.touched = parameters.touched(spectra_.size() - 1);
    made.place.resize(parameters.names().size());
    for (std::size_t i = 0; i < made.touched.size(); ++i)
      made.place[static_cast<std::size_t>(made.touched[i])] = static_cast<Index>(i) + 1;
  }
}

FitModel::Spectrum FitModel::make(const FitData& data) {
  check(data);
  Spectrum out;
  out.given = &data;
  out.projection = Projection::get(data.settings);
  out.paths.reserve(data.feff.size());
  for (const ScatteringPath& path : data.feff) out.paths.emplace_back(path);
  out.rows = out.projection->rows();
  const Index first = out.projection->first();
  const Index count = std::min(out.projection->count(), data.chi.size() - first);
  if (count < 1) throw Error(Cause::data, "fit: no point of chi(k) lies within the window");
  out.k = k_grid(data.chi.size()).segment(first, count);
  set_noise(out);
  MatrixXd curve = data.chi.segment(first, count), projected;
  project(out, curve, projected);
  out.projected = projected;
  out.data_square = out.projected.squaredNorm();
  return out;
}

// The background's uncertainty joins ε(k) in quadrature: in k at each point, elsewhere as much of
// it as reaches the residuals: ε² + tr(B diag(δχ²) Bᵀ) / tr(B Bᵀ).
void FitModel::set_noise(Spectrum& out) {
  const FitData& data = *out.given;
  if (data.settings.epsilon_k) {
    out.noise = out.white = *data.settings.epsilon_k;
  } else {
    const Projection::Noise noise = out.projection->noise(data.chi);
    out.noise = noise.weighing;
    out.white = noise.white;
  }
  if (!data.delta_chi) return;
  const VectorXd square =
      data.delta_chi->segment(out.projection->first(), out.k.size()).cwiseAbs2();
  if (data.settings.space == "k") out.over = (square.array() + out.noise * out.noise).rsqrt();
  out.noise = std::sqrt(out.noise * out.noise + out.projection->noise_covariance(square).trace() /
                                                    out.projection->noise_squares().sum());
}

void FitModel::project(const Spectrum& of, MatrixXd& curves, MatrixXd& out) {
  if (of.over.size() > 0) curves.array().colwise() *= of.over.array();
  of.projection->apply(curves, out);
  if (of.over.size() == 0) out /= of.noise;
}

void FitModel::evaluate(std::size_t d, const VectorXd& x, const FitParameters::Tied& tied,
                        const VectorXd& k, MatrixXd& curves) const {
  static thread_local MatrixXd own;
  curves.setZero();
  const bool with_slopes = curves.cols() > 1;
  for (std::size_t p = 0; p < spectra_[d].paths.size(); ++p) {
    spectra_[d].paths[p].add(parameters_.values(d, p, x, tied), k, curves.col(0),
                             with_slopes ? &own : nullptr, parameters_.moving(d, p));
    if (with_slopes) parameters_.collect(d, p, tied, own, spectra_[d].place, curves);
  }
}

void FitModel::operator()(const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) const {
  static thread_local MatrixXd curves, projected;
  residual.resize(rows_ + parameters_.rows());
  if (jacobian) jacobian->resize(residual.size(), x.size());
  if (jacobian) jacobian->setZero();
  const FitParameters::Tied tied = parameters_.tied(x);
  Index at = 0;
  for (std::size_t d = 0; d < spectra_.size(); ++d) {
    const Spectrum& one = spectra_[d];
    curves.resize(one.k.size(), jacobian ? static_cast<Index>(one.touched.size()) + 1 : 1);
    evaluate(d, x, tied, one.k, curves);
    project(one, curves, projected);
    residual.segment(at, one.rows) = one.projected - projected.col(0);
    for (Index j = 1; j < curves.cols(); ++j)
      jacobian->col(one.touched[static_cast<std::size_t>(j) - 1]).segment(at, one.rows) =
          -projected.col(j);
    at += one.rows;
  }
  parameters_.add_rows(x, tied, residual, jacobian, at);
}

double FitModel::n_idp() const {
  double sum = 0;
  for (const Spectrum& one : spectra_) sum += one.projection->n_idp();
  return sum;
}

Index FitModel::points() const {
  Index sum = parameters_.rows();
  for (const Spectrum& one : spectra_) sum += one.projection->points();
  return sum;
}

double FitModel::data_square() const {
  double sum = 0;
  for (const Spectrum& one : spectra_) sum += one.data_square;
  return sum;
}

MatrixXd FitModel::noise_normal(const MatrixXd& jacobian) const {
  MatrixXd out = MatrixXd::Zero(jacobian.cols(), jacobian.cols());
  Index at = 0;
  for (const Spectrum& one : spectra_) {
    const auto own = jacobian.middleRows(at, one.rows);
    VectorXd variance = VectorXd::Constant(one.k.size(), one.white * one.white);
    if (one.given->delta_chi)
      variance += one.given->delta_chi->segment(one.projection->first(), one.k.size()).cwiseAbs2();
    if (one.over.size() > 0)
      variance.array() *= one.over.array().square();
    else
      variance /= one.noise * one.noise;
    if (one.given->delta_chi)
      out += own.transpose() * one.projection->noise_covariance(variance) * own;
    else
      out += own.transpose() * (variance[0] * one.projection->noise_squares()).asDiagonal() * own;
    at += one.rows;
  }
  return out;
}

std::vector<DataFit> FitModel::outcome(const VectorXd& x, const VectorXd& residual) const {
  std::vector<DataFit> out;
  const FitParameters::Tied tied = parameters_.tied(x);
  Index at = 0;
  for (std::size_t d = 0; d < spectra_.size(); ++d) {
    const Spectrum& one = spectra_[d];
    DataFit& to = out.emplace_back();
    to.name = one.given->name;
    to.chi2 = residual.segment(at, one.rows).squaredNorm();
    to.r_factor = to.chi2 / std::max(one.data_square, 1e-300);
    to.n_idp = one.projection->n_idp();
    to.epsilon_k = one.noise;
    to.epsilon_r = one.projection->noise_r(one.noise);
    MatrixXd curve(one.given->chi.size(), 1);
    evaluate(d, x, tied, k_grid(curve.rows()), curve);
    to.model_chi = curve.col(0);
    at += one.rows;
  }
  return out;
}

}  // namespace twin::xas
