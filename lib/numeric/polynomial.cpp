// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/Cholesky>
#include <string>

#include "core/error.h"
#include "numeric/least_squares.h"

namespace twin::numeric {

namespace {

// (j + 1) P_(j+1) = (2j + 1) t P_j - j P_(j-1)
template <typename Use>
void legendre(double t, Eigen::Index terms, Use use) {
  double before = 0, now = 1;
  for (Eigen::Index j = 0; j < terms; ++j) {
    use(j, now);
    const double order = static_cast<double>(j);
    const double next = ((2 * order + 1) * t * now - order * before) / (order + 1);
    before = now;
    now = next;
  }
}

}  // namespace

double Polynomial::operator()(double x) const {
  const double t = (2 * x - from - to) / (to - from);
  double sum = 0;
  legendre(t, coefficients.size(), [&](Eigen::Index j, double p) { sum += coefficients[j] * p; });
  return sum;
}

Eigen::VectorXd Polynomial::operator()(const Eigen::VectorXd& x) const {
  Eigen::VectorXd y(x.size());
  for (Eigen::Index i = 0; i < x.size(); ++i) y[i] = (*this)(x[i]);
  return y;
}

Polynomial fit_polynomial(const Eigen::Ref<const Eigen::VectorXd>& x,
                          const Eigen::Ref<const Eigen::VectorXd>& y, int order) {
  const Eigen::Index terms = order + 1;
  if (order < 0 || x.size() != y.size())
    throw Error(Cause::internal, "polynomial: shapes disagree");
  if (x.size() < terms)
    throw Error(Cause::data, "polynomial of order " + std::to_string(order) + ": " +
                                 std::to_string(x.size()) + " points; " + std::to_string(terms) +
                                 " are needed");
  Polynomial out{Eigen::VectorXd(terms), x.minCoeff(), x.maxCoeff()};
  if (!(out.to > out.from)) {
    if (order > 0) throw Error(Cause::data, "polynomial: all points lie at one place");
    out.to = out.from + 1;
  }
  Eigen::MatrixXd basis(x.size(), terms);
  for (Eigen::Index i = 0; i < x.size(); ++i)
    legendre((2 * x[i] - out.from - out.to) / (out.to - out.from), terms,
             [&](Eigen::Index j, double p) { basis(i, j) = p; });
  const Eigen::LDLT<Eigen::MatrixXd> normal(basis.transpose() * basis);
  out.coefficients = normal.solve(basis.transpose() * y);
  // One refinement step brings the residual of the normal equations down to rounding.
  out.coefficients += normal.solve(basis.transpose() * (y - basis * out.coefficients));
  return out;
}

}  // namespace twin::numeric
