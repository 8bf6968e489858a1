// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/prepeaks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "core/error.h"
#include "core/text.h"
#include "numeric/least_squares.h"
#include "numeric/statistics.h"
#include "xas/line_shapes.h"
#include "xas/pre_edge.h"
#include "xas/prepeaks_model.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void check(const VectorXd& energy, const VectorXd& norm, const record::PrePeakSettings& s) {
  if (energy.size() != norm.size() || !energy.allFinite() || !norm.allFinite())
    throw Error(Cause::data, "pre-edge peaks: energies and values do not fit, or are not finite");
  if (!(s.emin < s.elo && s.elo < s.ehi && s.ehi < s.emax))
    throw Error(Cause::configuration, "pre-edge peaks: emin " + shortest(s.emin) + ", elo " +
                                          shortest(s.elo) + ", ehi " + shortest(s.ehi) + ", emax " +
                                          shortest(s.emax) + " eV; they must increase");
  if (s.baseline != "line" && s.baseline != "line+lorentzian" && s.baseline != "line+arctan")
    throw Error(Cause::configuration, "pre-edge peaks: unknown baseline " + printable(s.baseline) +
                                          "; line, line+lorentzian or line+arctan");
  if (s.shape != "gaussian" && s.shape != "lorentzian" && s.shape != "voigt")
    throw Error(Cause::configuration, "pre-edge peaks: unknown shape " + printable(s.shape) +
                                          "; gaussian, lorentzian or voigt");
  if (s.peaks < 0 || s.peaks > 20)
    throw Error(Cause::configuration,
                "pre-edge peaks: " + std::to_string(s.peaks) + " peaks; 0 to 20");
}

numeric::LeastSquaresFit fit(const PrePeakModel& model, const VectorXd& energy,
                             const VectorXd& norm, const VectorXd& start) {
  VectorXd lower, upper;
  model.bounds(lower, upper);
  numeric::LeastSquaresOptions options;
  options.max_evaluations = 1000;
  return numeric::least_squares(
      [&](const VectorXd& x, VectorXd& residual, MatrixXd* jacobian) {
        residual = model(energy, x, jacobian) - norm;
      },
      start, lower, upper, options);
}

// The foot of an edge has several minima: the best of a few starts.
numeric::LeastSquaresFit fit_baseline(const PrePeakModel& model, const VectorXd& energy,
                                      const VectorXd& norm,
                                      const record::PrePeakSettings& settings) {
  numeric::LeastSquaresFit best;
  best.cost = INFINITY;
  const double height = std::max(norm.maxCoeff(), 0.1);
  for (const double beyond : {0.0, 5.0, 15.0})
    for (const double width : {2.0, 6.0, 15.0}) {
      VectorXd start = VectorXd::Zero(model.size());
      if (model.foot()) start.segment(2, 3) << 2 * height * width, settings.emax + beyond, width;
      const auto one = fit(model, energy, norm, start);
      const bool better = one.cost < best.cost * (1 - 1e-9) ||
                          (one.converged && !best.converged && one.cost < best.cost * (1 + 1e-6));
      if (better) best = one;
      if (!model.foot()) return best;
    }
  return best;
}

// Lines one after the other at the highest place that the others leave.
VectorXd start_lines(const PrePeakModel& model, const VectorXd& energy, const VectorXd& norm,
                     const VectorXd& base, const record::PrePeakSettings& settings) {
  VectorXd x = VectorXd::Zero(model.size());
  x.head(base.size()) = base;
  const double width = (settings.ehi - settings.elo) / (2.0 + 2.0 * settings.peaks);
  for (Index line = 0; line < settings.peaks; ++line) {
    const Index at = model.line_at(line);
    x.segment(at, 3) << 0, 0.5 * (settings.elo + settings.ehi), width;
    if (model.line_size() == 4) x[at + 3] = 0.5;
  }
  for (Index line = 0; line < settings.peaks; ++line) {
    const VectorXd left = norm - model(energy, x, nullptr);
    Index best = -1;
    for (Index i = 0; i < energy.size(); ++i)
      if (energy[i] > settings.elo && energy[i] < settings.ehi &&
          (best < 0 || left[i] > left[best]))
        best = i;
    if (best < 0) break;
    const Index at = model.line_at(line);
    x[at + 1] = energy[best];
    x[at] = std::max(left[best], 0.0) * width;
  }
  return x;
}

double finest_step(const VectorXd& energy) {
  double least = 1.0;
  for (Index i = 1; i < energy.size(); ++i) least = std::min(least, energy[i] - energy[i - 1]);
  return std::max(least, 0.0);
}

// Widths of the trapezium rule.
VectorXd widths(const VectorXd& energy) {
  const Index n = energy.size();
  VectorXd out(n);
  for (Index i = 0; i < n; ++i)
    out[i] = 0.5 * (energy[std::min(i + 1, n - 1)] - energy[std::max<Index>(i - 1, 0)]);
  return out;
}

// How Σ g_i (y_i - baseline_i) moves with each y: the baseline follows the points it is fitted to.
double error_of(const VectorXd& weights, const MatrixXd& baseline_jacobian,
                const MatrixXd& fitted_jacobian, const std::vector<Index>& fitted, double noise) {
  const MatrixXd inverse = numeric::inverse_normal(fitted_jacobian).covariance;
  const VectorXd through = fitted_jacobian * (inverse * (baseline_jacobian.transpose() * weights));
  VectorXd all = weights;
  for (std::size_t i = 0; i < fitted.size(); ++i) all[fitted[i]] -= through[static_cast<Index>(i)];
  return noise * all.norm();
}

void read_lines(PrePeaks& out, const PrePeakModel& model, const numeric::LeastSquaresFit& fitted,
                double noise) {
  const MatrixXd covariance = noise * noise * numeric::inverse_normal(fitted.jacobian).covariance;
  const Index lines = (model.size() - model.baseline_size()) / model.line_size();
  for (Index line = 0; line < lines; ++line) {
    const Index at = model.line_at(line);
    const auto sigma = [&](Index i) { return std::sqrt(std::max(0.0, covariance(i, i))); };
    Peak peak;
    peak.area = fitted.x[at], peak.area_sigma = sigma(at);
    peak.centre = fitted.x[at + 1], peak.centre_sigma = sigma(at + 1);
    peak.fwhm = fitted.x[at + 2], peak.fwhm_sigma = sigma(at + 2);
    const LineValue top = line_shape(0, peak.fwhm, model.mixing(fitted.x, line));
    peak.height = peak.area * top.value;
    VectorXd by = VectorXd::Zero(model.size());
    by[at] = top.value;
    by[at + 2] = peak.area * top.by_fwhm;
    if (model.line_size() == 4) by[at + 3] = peak.area * top.by_mixing;
    peak.height_sigma = std::sqrt(std::max(0.0, by.dot(covariance * by)));
    out.peaks.push_back(peak);
  }
  std::sort(out.peaks.begin(), out.peaks.end(),
            [](const Peak& a, const Peak& b) { return a.centre < b.centre; });
}

// Area, centroid and height of what stands above the baseline.
void read_moments(PrePeaks& out, const MatrixXd& baseline_jacobian, const MatrixXd& fitted_jacobian,
                  const std::vector<Index>& fitted, double noise) {
  const VectorXd above = out.norm - out.baseline, width = widths(out.energy);
  const auto error = [&](const VectorXd& weights) {
    return error_of(weights, baseline_jacobian, fitted_jacobian, fitted, noise);
  };
  out.area = width.dot(above);
  out.area_sigma = error(width);
  Index top = 0;
  out.height = above.maxCoeff(&top);
  out.height_at = out.energy[top];
  out.height_sigma = error(VectorXd::Unit(above.size(), top));
  if (std::abs(out.area) <= out.area_sigma)
    out.warnings.emplace_back("nothing stands above the baseline by more than its uncertainty");
  if (out.area == 0) return;
  out.centroid = width.cwiseProduct(out.energy).dot(above) / out.area;
  out.centroid_sigma =
      error(width.cwiseProduct((out.energy.array() - out.centroid).matrix()) / out.area);
}

}  // namespace

PrePeaks fit_prepeaks(const VectorXd& energy, const VectorXd& norm,
                      const record::PrePeakSettings& settings, std::optional<double> noise) {
  check(energy, norm, settings);
  // A point that a range only just misses is in: a fifth of the finest step, as Larch has it.
  const double rounding = finest_step(energy) / 5;
  const Index first = index_below(energy, settings.emin + rounding);
  const Index last = index_below(energy, settings.emax + rounding);
  const Index low = index_below(energy, settings.elo + rounding);
  const Index high = index_below(energy, settings.ehi + rounding);
  PrePeaks out;
  out.energy = energy.segment(first, last - first + 1);
  out.norm = norm.segment(first, last - first + 1);
  std::vector<Index> outside, all;
  for (Index i = 0; i < out.energy.size(); ++i) {
    all.push_back(i);
    if (i + first <= low || i + first >= high) outside.push_back(i);
  }
  const PrePeakModel base(settings, 0), whole(settings, settings.peaks);
  const auto needed = std::max(base.size(), whole.size() - settings.peaks);
  if (static_cast<Index>(outside.size()) <= base.size() || out.energy.size() <= needed + 2)
    throw Error(Cause::data, "pre-edge peaks: " + std::to_string(outside.size()) +
                                 " points beside the peaks from " + shortest(settings.emin) +
                                 " to " + shortest(settings.emax) + " eV; more than the " +
                                 std::to_string(base.size()) +
                                 " parameters of the baseline are needed");
  numeric::LeastSquaresFit done =
      fit_baseline(base, out.energy(outside), out.norm(outside), settings);
  if (settings.peaks > 0) {
    done = fit(whole, out.energy, out.norm,
               start_lines(whole, out.energy, out.norm, done.x, settings));
    outside = all;
  }
  const PrePeakModel& used = settings.peaks > 0 ? whole : base;
  MatrixXd jacobian;
  out.fit = used(out.energy, done.x, nullptr);
  out.baseline = used(out.energy, done.x, &jacobian, false);
  out.converged = done.converged;
  const auto freedom = static_cast<double>(static_cast<Index>(outside.size()) - used.size());
  const double rest = freedom > 0 ? std::sqrt(done.cost / freedom) : 0.0;
  out.noise = noise.value_or(rest);
  out.reduced_chi2 = out.noise > 0 && freedom > 0 ? std::pow(rest / out.noise, 2) : 0.0;
  out.r_factor = done.cost / std::max(out.norm(outside).squaredNorm(), 1e-300);
  const double sigma = std::max(out.noise, rest);
  read_moments(out, jacobian, done.jacobian, outside, sigma);
  if (settings.peaks > 0) read_lines(out, used, done, sigma);
  if (!out.converged)
    out.warnings.emplace_back("the fit did not converge: area and lines are not to be used");
  return out;
}

}  // namespace twin::xas
