// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <functional>
#include <string>

namespace twin::numeric {

/// A polynomial in Legendre's basis on [from, to]: well conditioned wherever the interval lies.
struct Polynomial {
  Eigen::VectorXd coefficients;  ///< of P0, P1 ... of the variable scaled to -1 .. 1
  double from = -1.0, to = 1.0;

  [[nodiscard]] double operator()(double x) const;
  [[nodiscard]] Eigen::VectorXd operator()(const Eigen::VectorXd& x) const;
};

/// The polynomial of order \p order that is nearest to y(x) in least squares, over its x.
/// \param x  [n] any order; \param y  [n]
/// \throws Error{data} fewer points than coefficients, or all at one place
[[nodiscard]] Polynomial fit_polynomial(const Eigen::Ref<const Eigen::VectorXd>& x,
                                        const Eigen::Ref<const Eigen::VectorXd>& y, int order);

/// The same for one set of x and any number of y: a product with a small matrix each.
class PolynomialFit {
 public:
  PolynomialFit() = default;
  /// \throws Error{data} as fit_polynomial()
  PolynomialFit(const Eigen::Ref<const Eigen::VectorXd>& x, int order);

  /// \param y  [n]
  [[nodiscard]] Polynomial operator()(const Eigen::Ref<const Eigen::VectorXd>& y) const;

 private:
  double from_ = -1.0, to_ = 1.0;
  Eigen::MatrixXd weights_;  // [n × order + 1]: coefficients = weightsᵀ y
};

/// Residuals [m] and, where asked for, their derivatives [m × n].
using Residuals = std::function<void(const Eigen::VectorXd& x, Eigen::VectorXd& residual,
                                     Eigen::MatrixXd* jacobian)>;

struct LeastSquaresOptions {
  int max_evaluations = 200;
  /// Of the last step, in standard errors of each parameter alone for a χ² per point of 1.
  double tolerance = 1e-5;
  Eigen::Index points = 0;  ///< that the residuals stand for; 0: as many as there are
  /// [n] how far each parameter may go in one step, whose length is cut to that; empty: any way.
  /// For those beyond which residuals explode: an exponent's sign costs many refused steps.
  Eigen::VectorXd reach{};
};

struct LeastSquaresFit {
  Eigen::VectorXd x;
  Eigen::VectorXd residual;
  Eigen::MatrixXd jacobian;  ///< [m × n] at x
  double cost = 0.0;         ///< Σ residual²
  int evaluations = 0;
  bool converged = false;
};

/// Levenberg-Marquardt with bounds: steps are projected into the box, parameters at a bound that
/// the gradient pushes against are held there. Scaled by the diagonal of JᵀJ, which only grows.
/// J.J. Moré, Lecture Notes in Mathematics 630, 105 (1978), doi:10.1007/BFb0067700.
///
/// \param start         [n], moved into the bounds
/// \param lower, upper  [n] each, ±infinity where there is none
/// A fit that did not converge says so; residuals that are not finite end the fit, never throw.
/// \throws Error{internal} shapes disagree
[[nodiscard]] LeastSquaresFit least_squares(const Residuals& function, const Eigen::VectorXd& start,
                                            const Eigen::VectorXd& lower,
                                            const Eigen::VectorXd& upper,
                                            const LeastSquaresOptions& options = {});

/// (JᵀJ)⁻¹ by the eigenvectors of the matrix scaled to a unit diagonal.
struct InverseNormal {
  Eigen::MatrixXd covariance;   ///< directions with no information are left out
  Eigen::MatrixXd correlation;  ///< of the parameters
  Eigen::VectorXd lost;         ///< [n] share of each parameter in lost directions, 0 .. 1
  int rank = 0;
};

/// \param jacobian  [m × n]; eigenvalues below \p cutoff of the greatest count as none
[[nodiscard]] InverseNormal inverse_normal(const Eigen::MatrixXd& jacobian, double cutoff = 1e-12);

}  // namespace twin::numeric
