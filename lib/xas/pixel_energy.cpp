// SPDX-License-Identifier: GPL-3.0-or-later
#include <Eigen/QR>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "numeric/spline.h"
#include "xas/energy_shift.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Index baseline = 4;  // coefficients of the cubic under a dispersive spectrum

void check(const VectorXd& x, const VectorXd& y, const char* whose) {
  const Index n = x.size();
  bool good =
      n >= 50 && y.size() == n && x.allFinite() && y.allFinite() && y.maxCoeff() > y.minCoeff();
  for (Index i = 1; good && i < n; ++i) good = x[i] > x[i - 1];
  if (!good)
    throw Error(Cause::data, std::string("calibrate: ") + whose +
                                 ": 50 or more points are expected, finite, in rising order, with "
                                 "an edge");
}

// Where µ rises most over a window of w points, rises (or with sign -1 falls).
double steepest(const VectorXd& x, const VectorXd& y, Index w, double sign) {
  Index best = 0;
  double most = -INFINITY;
  for (Index i = 0; i + w < x.size(); ++i) {
    const double slope = sign * (y[i + w] - y[i]) / (x[i + w] - x[i]);
    if (slope > most) {
      most = slope;
      best = i;
    }
  }
  return (x[best] + x[best + w]) / 2;
}

// Pixels as t from -1 to 1, energies as Σ e_j t^j.
class Foil {
 public:
  Foil(const VectorXd& pixels, const VectorXd& mu, const VectorXd& energy,
       const VectorXd& reference, int order)
      : mu_(mu),
        energy_(energy),
        spline_(energy, reference),
        middle_((pixels[0] + pixels.tail(1)[0]) / 2),
        half_((pixels.tail(1)[0] - pixels[0]) / 2),
        t_((pixels.array() - middle_) / half_),
        order_(order) {
    floor_.resize(t_.size(), baseline);
    for (Index j = 0; j < baseline; ++j) floor_.col(j) = t_.array().pow(static_cast<double>(j));
  }

  // Coefficients of the energy, then the scale and the baseline.
  [[nodiscard]] VectorXd start(double at_pixel, double at_energy, double per_pixel) const {
    VectorXd out = VectorXd::Zero(order_ + 1 + 1 + baseline);
    out[1] = per_pixel * half_;
    out[0] = at_energy - per_pixel * (at_pixel - middle_);
    return out;
  }

  // Rows whose energy lies within the reference, with room for them to move.
  void use(const VectorXd& x) {
    rows_.clear();
    for (Index i = 0; i < t_.size(); ++i) {
      const double e = energy_at(x, t_[i]);
      if (e >= energy_[1] && e <= energy_[energy_.size() - 2]) rows_.push_back(i);
    }
  }

  [[nodiscard]] std::size_t used() const { return rows_.size(); }
  [[nodiscard]] double pixel(Index i) const { return middle_ + half_ * t_[i]; }
  [[nodiscard]] double first() const { return pixel(rows_.front()); }
  [[nodiscard]] double last() const { return pixel(rows_.back()); }

  // The linear part solved for the energies at hand; the rms of what is left.
  double project(VectorXd& x) const {
    const auto m = static_cast<Index>(rows_.size());
    MatrixXd basis(m, 1 + baseline);
    VectorXd target(m);
    Index hint = 0;
    for (Index r = 0; r < m; ++r) {
      const Index i = rows_[static_cast<std::size_t>(r)];
      double derivative = 0;
      spline_.evaluate(energy_at(x, t_[i]), hint, &basis(r, 0), &derivative);
      basis.row(r).tail(baseline) = floor_.row(i);
      target[r] = mu_[i];
    }
    const VectorXd linear = basis.householderQr().solve(target);
    x.tail(1 + baseline) = linear;
    return std::sqrt((basis * linear - target).squaredNorm() / static_cast<double>(m));
  }

  void residuals(const VectorXd& x, VectorXd& out, MatrixXd* jacobian) const {
    const auto m = static_cast<Index>(rows_.size());
    const double scale = x[order_ + 1];
    out.resize(m);
    if (jacobian) jacobian->resize(m, x.size());
    Index hint = 0;
    for (Index r = 0; r < m; ++r) {
      const Index i = rows_[static_cast<std::size_t>(r)];
      double value = 0, slope = 0;
      spline_.evaluate(std::clamp(energy_at(x, t_[i]), spline_.front(), spline_.back()), hint,
                       &value, &slope);
      out[r] = scale * value + floor_.row(i).dot(x.tail(baseline)) - mu_[i];
      if (!jacobian) continue;
      for (int j = 0; j <= order_; ++j) (*jacobian)(r, j) = scale * slope * std::pow(t_[i], j);
      (*jacobian)(r, order_ + 1) = value;
      jacobian->row(r).tail(baseline) = floor_.row(i);
    }
  }

  // Σ e_j ((p - middle)/half)^j as powers of p.
  [[nodiscard]] VectorXd in_pixels(const VectorXd& x) const {
    VectorXd out = VectorXd::Zero(order_ + 1), power = VectorXd::Zero(order_ + 1);
    power[0] = 1;
    for (int j = 0; j <= order_; ++j) {
      out += x[j] * power;
      VectorXd next = -middle_ / half_ * power;
      next.tail(order_) += power.head(order_) / half_;
      power = next;
    }
    return out;
  }

  // Mean over the rows of the standard error of the energy.
  [[nodiscard]] double sigma(const MatrixXd& covariance) const {
    double sum = 0;
    VectorXd powers(order_ + 1);
    for (const Index i : rows_) {
      for (int j = 0; j <= order_; ++j) powers[j] = std::pow(t_[i], j);
      sum += std::sqrt(
          std::max(0.0, powers.dot(covariance.topLeftCorner(order_ + 1, order_ + 1) * powers)));
    }
    return sum / static_cast<double>(rows_.size());
  }

 private:
  [[nodiscard]] double energy_at(const VectorXd& x, double t) const {
    double out = x[order_];
    for (int j = order_ - 1; j >= 0; --j) out = out * t + x[j];
    return out;
  }

  const VectorXd &mu_, &energy_;
  numeric::CubicSpline spline_;
  double middle_, half_;
  VectorXd t_;
  int order_;
  MatrixXd floor_;
  std::vector<Index> rows_;
};

// The best of straight lines through the edge: dispersions a factor 1.1 apart, the edge within a
// few eV of where both rise most.
VectorXd best_start(Foil& foil, const VectorXd& pixels, const VectorXd& mu, const VectorXd& energy,
                    const VectorXd& reference) {
  const Index few = std::max<Index>(3, pixels.size() / 100);
  const double edge = steepest(energy, reference, 3, 1);
  const double span = energy.tail(1)[0] - energy[0], pixel_span = pixels.tail(1)[0] - pixels[0];
  VectorXd best;
  double least = INFINITY;
  for (const double sign : {1.0, -1.0}) {
    const double at = steepest(pixels, mu, few, sign);
    for (double d = 0.05 * span / pixel_span; d < 3 * span / pixel_span; d *= 1.1)
      for (double off = -6; off <= 6; off += 2) {
        VectorXd x = foil.start(at, edge + off, sign * d);
        foil.use(x);
        if (foil.used() < static_cast<std::size_t>(pixels.size() / 4)) continue;
        const double rms = foil.project(x), scale = x[x.size() - baseline - 1];
        if (scale > 0 && rms < least) {
          least = rms;
          best = x;
        }
      }
  }
  if (best.size() == 0)
    throw Error(Cause::data,
                "calibrate: no dispersion lays the edge of the pixels on that of the reference; is "
                "it the same foil?");
  return best;
}

}  // namespace

PixelEnergy calibrate_pixels(const VectorXd& pixels, const VectorXd& mu_dispersive,
                             const VectorXd& energy, const VectorXd& mu_reference, int order) {
  if (order < 1 || order > 4)
    throw Error(Cause::configuration,
                "calibrate: order " + std::to_string(order) + "; 1 to 4 are expected");
  check(pixels, mu_dispersive, "the dispersive scan");
  check(energy, mu_reference, "the reference");
  Foil foil(pixels, mu_dispersive, energy, mu_reference, order);
  VectorXd x = best_start(foil, pixels, mu_dispersive, energy, mu_reference);
  numeric::LeastSquaresFit fit;
  const VectorXd none = VectorXd::Constant(x.size(), INFINITY);
  for (int pass = 0; pass < 3; ++pass) {  // pixels come into the range as the line bends
    foil.use(x);
    if (foil.used() < 30) break;
    fit = numeric::least_squares(
        [&](const VectorXd& at, VectorXd& r, MatrixXd* j) { foil.residuals(at, r, j); }, x, -none,
        none);
    x = fit.x;
  }
  PixelEnergy out;
  out.polynomial = foil.in_pixels(x);
  out.converged = fit.converged && foil.used() >= 30;
  if (foil.used() < 30) return out;
  out.from = foil.first();
  out.to = foil.last();
  const auto m = static_cast<double>(foil.used());
  const double variance = fit.cost / std::max(1.0, m - static_cast<double>(x.size()));
  const double step = x[order + 1] * (mu_reference.maxCoeff() - mu_reference.minCoeff());
  out.rms = std::sqrt(fit.cost / m) / std::abs(step);
  out.sigma = foil.sigma(variance * numeric::inverse_normal(fit.jacobian).covariance);
  return out;
}

VectorXd energies_of(const VectorXd& polynomial, const VectorXd& pixels) {
  VectorXd out = VectorXd::Zero(pixels.size());
  for (Index j = polynomial.size() - 1; j >= 0; --j)
    out = out.cwiseProduct(pixels).array() + polynomial[j];
  const double sign = out.size() > 1 ? out[1] - out[0] : 1;
  for (Index i = 1; i < out.size(); ++i)
    if (!((out[i] - out[i - 1]) * sign > 0))
      throw Error(Cause::data, "pixels: the energies turn back at pixel " + shortest(pixels[i]) +
                                   "; the polynomial should rise or fall over all of them");
  return out;
}

}  // namespace twin::xas
