// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/statistics.h"

#include <gsl/gsl_cdf.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "core/error.h"

namespace twin::numeric {

namespace {

double mean_of(std::span<const double> series) {
  return std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
}

/// Σ (x_i - mean)².
double squares_about(std::span<const double> series, double mean) {
  double sum = 0;
  for (const double x : series) sum += (x - mean) * (x - mean);
  return sum;
}

/// The median; reorders \p values.
double median(std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(half);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

/// A third difference on any grid: the combination of four neighbouring values that vanishes on
/// parabolas, scaled so that white noise of variance 1 gives variance 1. NaN for equal abscissae.
double scaled_third_difference(const double* x, const double* y) {
  double sum = 0, norm = 0;
  for (int i = 0; i < 4; ++i) {
    double weight = 1;
    for (int j = 0; j < 4; ++j)
      if (j != i) weight /= x[i] - x[j];
    sum += weight * y[i];
    norm += weight * weight;
  }
  return sum / std::sqrt(norm);
}

}  // namespace

double chi_squared_survival(double chi2, double dof) {
  if (std::isnan(chi2) || std::isnan(dof)) return std::numeric_limits<double>::quiet_NaN();
  return chi2 <= 0 ? 1.0 : gsl_cdf_chisq_Q(chi2, dof);
}

double chi_squared_quantile(double p, double dof) { return gsl_cdf_chisq_Qinv(p, dof); }

double normal_two_sided(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double normal_two_sided_quantile(double p) { return gsl_cdf_ugaussian_Qinv(0.5 * p); }

double student_two_sided(double t, double dof) { return 2 * gsl_cdf_tdist_Q(std::abs(t), dof); }

double student_quantile(double p, double dof) { return gsl_cdf_tdist_Pinv(p, dof); }

std::vector<double> holm(std::span<const double> p) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const double scaled = static_cast<double>(p.size() - rank) * p[order[rank]];
    largest = std::max(largest, std::min(1.0, scaled));
    adjusted[order[rank]] = largest;
  }
  return adjusted;
}

double statistical_inefficiency(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 2) return 1;
  const double mean = mean_of(series);
  const double variance = squares_about(series, mean) / static_cast<double>(n);
  if (!(variance > 0)) return 1;
  double g = 1;
  for (std::size_t lag = 1; lag + 1 < n; ++lag) {
    double sum = 0;
    for (std::size_t i = 0; i + lag < n; ++i) sum += (series[i] - mean) * (series[i + lag] - mean);
    const double correlation = sum / (static_cast<double>(n - lag) * variance);
    if (correlation <= 0) break;
    g += 2 * (1 - static_cast<double>(lag) / static_cast<double>(n)) * correlation;
  }
  return std::max(1.0, g);
}

std::size_t mser5(std::span<const double> series) {
  constexpr std::size_t batch = 5;
  const std::size_t batches = series.size() / batch;
  if (batches < 2) return 0;
  std::vector<double> means(batches);
  for (std::size_t b = 0; b < batches; ++b) means[b] = mean_of(series.subspan(b * batch, batch));
  // From the back, one pass: mean and squares about it by Welford's update.
  double mean = 0, squares = 0, best = std::numeric_limits<double>::infinity();
  std::size_t count = 0, cut = 0;
  for (std::size_t b = batches; b-- > 0;) {
    const double step = means[b] - mean;
    mean += step / static_cast<double>(++count);
    squares += step * (means[b] - mean);
    if (b > batches / 2) continue;  // at most the first half is cut
    const double error = squares / (static_cast<double>(count) * static_cast<double>(count));
    if (error <= best) {
      best = error;
      cut = b;
    }
  }
  return cut * batch;
}

Eigen::MatrixXd jackknife_covariance(const Eigen::MatrixXd& delete_one) {
  const auto blocks = static_cast<double>(delete_one.rows());
  if (delete_one.rows() < 2) return Eigen::MatrixXd::Zero(delete_one.cols(), delete_one.cols());
  const Eigen::MatrixXd centred = delete_one.rowwise() - delete_one.colwise().mean();
  return (blocks - 1) / blocks * (centred.transpose() * centred);
}

double noise_by_differences(std::span<const double> x, std::span<const double> y, double from,
                            double to) {
  std::vector<double> inside_x, inside_y;
  for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
    if (!(x[i] >= from && x[i] <= to) || !std::isfinite(y[i])) continue;
    inside_x.push_back(x[i]);
    inside_y.push_back(y[i]);
  }
  if (inside_x.size() < 10)
    throw Error(Cause::data, "noise: " + std::to_string(inside_x.size()) +
                                 " points in the range; at least 10 are needed");
  std::vector<double> differences;
  for (std::size_t i = 0; i + 4 <= inside_x.size(); ++i) {
    const double d = std::abs(scaled_third_difference(&inside_x[i], &inside_y[i]));
    if (std::isfinite(d)) differences.push_back(d);
  }
  if (differences.empty())
    throw Error(Cause::data, "noise: all points have one abscissa; a curve is needed");
  return 1.4826022185056018 * median(differences);  // median of |z| for a standard normal is 1/1.48
}

}  // namespace twin::numeric
