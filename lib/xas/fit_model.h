// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "xas/fit.h"
#include "xas/fit_parameters.h"
#include "xas/path_model.h"
#include "xas/projection.h"

namespace twin::xas {

/// The residuals of a fit: of each spectrum in turn (data - model) over its noise, in the short
/// form of its projection, then the rows of priors and restraints.
class FitModel {
 public:
  FitModel(const std::vector<FitData>& data, const FitParameters& parameters);

  /// [rows] and, where asked for, their derivatives [rows × free].
  void operator()(const Eigen::VectorXd& x, Eigen::VectorXd& residual,
                  Eigen::MatrixXd* jacobian) const;

  [[nodiscard]] double n_idp() const;
  [[nodiscard]] Eigen::Index points() const;  ///< that the residuals stand for
  [[nodiscard]] double data_square() const;   ///< Σ |data over the noise|² of all spectra

  [[nodiscard]] Eigen::Index data_rows() const { return rows_; }  ///< before those of priors

  /// Jᵀ (covariance of the residuals by noise alone) J; rows of priors have no noise.
  [[nodiscard]] Eigen::MatrixXd noise_normal(const Eigen::MatrixXd& jacobian) const;

  /// What is told of each spectrum, for the fit's own \p residual.
  [[nodiscard]] std::vector<DataFit> outcome(const Eigen::VectorXd& x,
                                             const Eigen::VectorXd& residual) const;

 private:
  struct Spectrum {
    const FitData* given = nullptr;
    std::shared_ptr<const Projection> projection;
    std::vector<PathModel> paths;
    double noise = 0.0, white = 0.0;  ///< ε(k) that weighs, and that of the covariance
    Eigen::VectorXd k, projected;     ///< points with weight; B data / noise
    Eigen::VectorXd over;             ///< 1/noise of each point: in k with delta_chi alone
    double data_square = 0.0;
    Eigen::Index rows = 0;
    std::vector<Eigen::Index> touched;  ///< free parameters that it depends on
    std::vector<Eigen::Index> place;    ///< [free] of each among those, from 1
  };

  [[nodiscard]] static Spectrum make(const FitData& data);
  static void set_noise(Spectrum& out);
  /// The first column is χ, the others its derivatives by what touches the spectrum, if there are
  /// any to fill.
  void evaluate(std::size_t spectrum, const Eigen::VectorXd& x, const FitParameters::Tied& tied,
                const Eigen::VectorXd& k, Eigen::MatrixXd& curves) const;
  /// B of the curves, over the noise.
  static void project(const Spectrum& of, Eigen::MatrixXd& curves, Eigen::MatrixXd& out);

  const FitParameters& parameters_;
  std::vector<Spectrum> spectra_;
  Eigen::Index rows_ = 0;
};

}  // namespace twin::xas
