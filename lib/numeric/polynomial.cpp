// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/QR>
#include <string>

#include "core/error.h"
#include "numeric/least_squares.h"

namespace twin::numeric {

namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

// Runs \p use(j, P_j(t)) for j = 0 .. terms - 1, t and P_j arrays or numbers:
// (j + 1) P_(j+1) = (2j + 1) t P_j - j P_(j-1)
template <typename Value, typename Use>
void legendre(const Value& t, const Value& one, Index terms, Use use) {
  Value before = one, now = one;
  for (Index j = 0; j < terms; ++j) {
    use(j, now);
    const double order = static_cast<double>(j);
    const Value next =
        j == 0 ? t : Value(((2 * order + 1) * t * now - order * before) / (order + 1));
    before = now;
    now = next;
  }
}

}  // namespace

double Polynomial::operator()(double x) const {
  const double t = (2 * x - from - to) / (to - from);
  double sum = 0;
  legendre(t, 1.0, coefficients.size(), [&](Index j, double p) { sum += coefficients[j] * p; });
  return sum;
}

VectorXd Polynomial::operator()(const VectorXd& x) const {
  // The first three terms in one pass: most polynomials have no more.
  const double scale = 2 / (to - from), shift = (from + to) / (to - from);
  const Index terms = coefficients.size();
  const double c0 = terms > 0 ? coefficients[0] : 0, c1 = terms > 1 ? coefficients[1] : 0,
               c2 = terms > 2 ? coefficients[2] : 0;
  VectorXd y(x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const double t = x[i] * scale - shift;
    y[i] = (c0 - 0.5 * c2) + t * (c1 + t * (1.5 * c2));
  }
  if (terms <= 3) return y;
  const ArrayXd t = x.array() * scale - shift;
  legendre(t, ArrayXd(ArrayXd::Ones(t.size())), terms, [&](Index j, const ArrayXd& p) {
    if (j > 2) y.array() += coefficients[j] * p;
  });
  return y;
}

PolynomialFit::PolynomialFit(const Eigen::Ref<const VectorXd>& x, int order) {
  const Index terms = order + 1;
  if (order < 0) throw Error(Cause::internal, "polynomial: an order below zero");
  if (x.size() < terms)
    throw Error(Cause::data, "polynomial of order " + std::to_string(order) + ": " +
                                 std::to_string(x.size()) + " points; " + std::to_string(terms) +
                                 " are needed");
  from_ = x.minCoeff();
  to_ = x.maxCoeff();
  if (!(to_ > from_)) {
    if (order > 0) throw Error(Cause::data, "polynomial: all points lie at one place");
    to_ = from_ + 1;
  }
  const ArrayXd t = (2 * x.array() - (from_ + to_)) / (to_ - from_);
  Eigen::MatrixXd basis(x.size(), terms);
  legendre(t, ArrayXd(ArrayXd::Ones(t.size())), terms,
           [&](Index j, const ArrayXd& p) { basis.col(j) = p; });
  // basis = QR: the weights are the columns of Q R⁻ᵀ.
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(basis);
  const Eigen::MatrixXd r = qr.matrixQR().topRows(terms).triangularView<Eigen::Upper>();
  weights_ = qr.householderQ() * Eigen::MatrixXd::Identity(x.size(), terms);
  weights_ = r.triangularView<Eigen::Upper>().solve(weights_.transpose()).transpose();
}

Polynomial PolynomialFit::operator()(const Eigen::Ref<const VectorXd>& y) const {
  if (y.size() != weights_.rows()) throw Error(Cause::internal, "polynomial: shapes disagree");
  return {weights_.transpose() * y, from_, to_};
}

Polynomial fit_polynomial(const Eigen::Ref<const VectorXd>& x, const Eigen::Ref<const VectorXd>& y,
                          int order) {
  return PolynomialFit(x, order)(y);
}

}  // namespace twin::numeric
