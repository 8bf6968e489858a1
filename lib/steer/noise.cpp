// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/noise.h"

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "numeric/statistics.h"
#include "steer/autocorrelation.h"

namespace twin::steer {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool usable(const Sample& sample, Index i) {
  return std::isfinite(sample.value[i]) && std::isfinite(sample.covariate);
}

bool claims(const Sample& sample, Index i) {
  return sample.covariance(i, i) > 0 && std::isfinite(sample.covariance(i, i));
}

/// Which quantities serve, those missing least first; which claim an error wherever they are.
void choose(const std::vector<Sample>& baseline, Noise& out) {
  const Index d = baseline.front().value.size();
  std::vector<std::size_t> count(static_cast<std::size_t>(d));
  for (Index i = 0; i < d; ++i) {
    for (const auto& sample : baseline)
      count[static_cast<std::size_t>(i)] += static_cast<std::size_t>(usable(sample, i));
    const bool enough = 2 * count[static_cast<std::size_t>(i)] >= baseline.size();
    (enough ? out.order : out.absent).push_back(i);
  }
  std::ranges::stable_sort(out.order, [&](Index a, Index b) {
    return count[static_cast<std::size_t>(a)] > count[static_cast<std::size_t>(b)];
  });
}

/// Residuals [samples] of one quantity about the null's mean, nan where it is missing.
VectorXd about_mean(const std::vector<Sample>& baseline, Index i, Drift drift, double& mean) {
  const auto n = static_cast<Index>(baseline.size());
  std::vector<Index> rows;
  for (Index k = 0; k < n; ++k)
    if (usable(baseline[static_cast<std::size_t>(k)], i)) rows.push_back(k);
  const auto m = static_cast<Index>(rows.size());
  if (m == 0) return VectorXd::Constant(n, nan);
  MatrixXd design = MatrixXd::Ones(m, drift == Drift::none ? 1 : 2);
  VectorXd y(m);
  for (Index k = 0; k < m; ++k) {
    const auto& sample = baseline[static_cast<std::size_t>(rows[static_cast<std::size_t>(k)])];
    y[k] = sample.value[i];
    if (drift != Drift::none) design(k, 1) = sample.covariate;
  }
  mean = y.mean();
  const VectorXd off = y.array() - mean;
  const VectorXd rest = off - design * design.colPivHouseholderQr().solve(off);
  VectorXd out = VectorXd::Constant(n, nan);
  for (Index k = 0; k < m; ++k) out[rows[static_cast<std::size_t>(k)]] = rest[k];
  return out;
}

/// The claimed covariance of the chosen quantities, averaged over the samples that have it; where
/// none is claimed 1 on the diagonal.
MatrixXd typical(const std::vector<Sample>& baseline, const Noise& noise) {
  const auto m = static_cast<Index>(noise.order.size());
  MatrixXd out = MatrixXd::Zero(m, m);
  for (Index a = 0; a < m; ++a)
    for (Index b = 0; b < m; ++b) {
      const Index i = noise.order[static_cast<std::size_t>(a)],
                  j = noise.order[static_cast<std::size_t>(b)];
      double sum = 0, count = 0;
      if (noise.claimed[a] > 0 && noise.claimed[b] > 0)
        for (const auto& sample : baseline)
          if (usable(sample, i) && usable(sample, j) && std::isfinite(sample.covariance(i, j))) {
            sum += sample.covariance(i, j);
            ++count;
          }
      out(a, b) = count > 0 ? sum / count : a == b ? 1.0 : 0.0;
    }
  return out;
}

/// Where no covariance between quantities is claimed: correlations of the residuals, shrunk to none
/// by how well they are known (J. Schäfer, K. Strimmer, Stat. Appl. Genet. Mol. Biol. 4, 32
/// (2005)).
void correlate(MatrixXd& covariance, const MatrixXd& residuals) {
  const Index m = covariance.rows();
  if ((covariance.array() != MatrixXd(covariance.diagonal().asDiagonal()).array()).any()) return;
  MatrixXd r = MatrixXd::Identity(m, m);
  double squares = 0, variances = 0;
  for (Index a = 0; a < m; ++a)
    for (Index b = 0; b < a; ++b) {
      double ab = 0, aa = 0, bb = 0, n = 0;
      for (Index k = 0; k < residuals.rows(); ++k) {
        const double x = residuals(k, a), y = residuals(k, b);
        if (!std::isfinite(x) || !std::isfinite(y)) continue;
        ab += x * y;
        aa += x * x;
        bb += y * y;
        ++n;
      }
      if (n < 10 || !(aa > 0) || !(bb > 0)) continue;
      r(a, b) = r(b, a) = ab / std::sqrt(aa * bb);
      squares += r(a, b) * r(a, b);
      variances += std::pow(1 - r(a, b) * r(a, b), 2) / (n - 1);
    }
  const double keep = squares > 0 ? std::clamp(1 - variances / squares, 0.0, 1.0) : 0.0;
  const VectorXd s = covariance.diagonal().cwiseSqrt();
  for (Index a = 0; a < m; ++a)
    for (Index b = 0; b < m; ++b)
      if (a != b) covariance(a, b) = keep * r(a, b) * s[a] * s[b];
}

/// Those of the covariance's quantities that do not follow from the ones before them: of which a
/// thousandth of σ is left when the others are known. A covariance that is none loses the quantity
/// that shows it: without its correlations it would count as evidence of its own.
std::vector<Index> independent(const MatrixXd& covariance) {
  std::vector<Index> out;
  for (Index i = 0; i < covariance.rows(); ++i) {
    out.push_back(i);
    const Eigen::LLT<MatrixXd> llt(MatrixXd(covariance(out, out)));
    const auto last = static_cast<Index>(out.size()) - 1;
    if (llt.info() != Eigen::Success ||
        !(llt.matrixLLT()(last, last) > 1e-3 * std::sqrt(covariance(i, i))))
      out.pop_back();
  }
  return out;
}

MatrixXd factor_of(const MatrixXd& covariance) {
  return Eigen::LLT<MatrixXd>(covariance).matrixL();
}

/// Rows of residuals in which the first \p m quantities are.
Index whole_rows(const MatrixXd& residuals, Index m) {
  Index out = 0;
  for (Index k = 0; k < residuals.rows(); ++k) out += residuals.row(k).head(m).allFinite() ? 1 : 0;
  return out;
}

/// Residuals [samples × m], each over its own error where it states one, in whitened coordinates.
MatrixXd whitened(MatrixXd residuals, const MatrixXd& factor, const std::vector<Sample>& samples,
                  const Noise& noise) {
  for (Index i = 0; i < residuals.cols(); ++i) {
    if (noise.claimed[i] <= 0) continue;
    const Index at = noise.order[static_cast<std::size_t>(i)];
    Eigen::ArrayXd sigma(residuals.rows());
    double sum = 0, count = 0;
    for (Index k = 0; k < residuals.rows(); ++k) {
      const auto& sample = samples[static_cast<std::size_t>(k)];
      sigma[k] = claims(sample, at) ? std::sqrt(sample.covariance(at, at)) : nan;
      if (!std::isfinite(sigma[k]) || !std::isfinite(residuals(k, i))) continue;
      sum += sigma[k] * sigma[k];
      ++count;
    }
    residuals.col(i).array() *= std::sqrt(sum / std::max(1.0, count)) / sigma;
  }
  return factor.triangularView<Eigen::Lower>().solve(residuals.transpose()).transpose();
}

/// Variance over the claimed one [m], by the scatter where the two disagree.
void rescale(const VectorXd& ratio, double dof_each, Noise& out) {
  const Index m = ratio.size();
  std::vector<double> p;
  for (Index i = 0; i < m; ++i) {
    const double upper = numeric::chi_squared_survival(ratio[i] * dof_each, dof_each);
    p.push_back(out.claimed[i] > 0 ? std::min(1.0, 2 * std::min(upper, 1 - upper)) : 0.0);
  }
  const auto adjusted = numeric::holm(p);
  const auto limit = [](double found, double dof) { return found * (1 + std::sqrt(2 / dof)); };
  out.scale = VectorXd::Ones(m);
  double rest = 0, count = 0;
  for (Index i = 0; i < m; ++i) {
    if (out.claimed[i] > 0) {
      out.chi2 += ratio[i] * dof_each;
      out.dof += dof_each;
    }
    if (adjusted[static_cast<std::size_t>(i)] < 0.05) {
      out.scale[i] = limit(ratio[i], dof_each);
    } else {
      rest += ratio[i] * dof_each;
      count += dof_each;
    }
  }
  if (out.dof > 0) out.p = numeric::chi_squared_survival(out.chi2, out.dof);
  const double upper = numeric::chi_squared_survival(rest, count);
  if (count > 0 && 2 * std::min(upper, 1 - upper) <= 0.05)
    for (Index i = 0; i < m; ++i)
      if (adjusted[static_cast<std::size_t>(i)] >= 0.05) out.scale[i] = limit(rest / count, count);
  // Errors a tenth of the stated ones are believed, smaller ones are not: values stick, too.
  for (Index i = 0; i < m; ++i)
    if (out.claimed[i] > 0) out.scale[i] = std::max(0.01, out.scale[i]);
}

}  // namespace

Noise estimate_noise(const std::vector<Sample>& baseline, Drift drift, double cautious) {
  if (baseline.size() < 10) throw Error(Cause::data, "a baseline of less than 10 samples");
  Noise out;
  choose(baseline, out);
  const double parameters = drift == Drift::none ? 1 : 2;
  const auto n = static_cast<Index>(baseline.size());
  MatrixXd residuals;
  std::vector<double> centers, claimed;
  std::erase_if(out.order, [&](Index i) {
    double mean = 0;
    const VectorXd rest = about_mean(baseline, i, drift, mean);
    const bool claim = std::ranges::all_of(
        baseline, [&](const Sample& s) { return !usable(s, i) || claims(s, i); });
    const double scatter = rest.array().isFinite().select(rest.array().square(), 0).sum();
    // Whatever it states: it says nothing of how it scatters.
    const bool dead = !(scatter > 1e-24 * mean * mean);
    if (dead) out.constant.push_back(i);
    if (dead) return true;
    residuals.conservativeResize(n, residuals.cols() + 1);
    residuals.rightCols(1) = rest;
    centers.push_back(mean);
    claimed.push_back(claim ? 1 : 0);
    return false;
  });
  auto m = static_cast<Index>(out.order.size());
  if (m == 0 && !out.constant.empty())
    throw Error(Cause::data, "no watched quantity varies in the baseline");
  if (m == 0) throw Error(Cause::data, "no watched quantity is in half of the baseline's samples");
  for (; m > 1 && whole_rows(residuals, m) < 10; --m) {
    out.absent.push_back(out.order.back());
    out.order.pop_back();
  }
  residuals.conservativeResize(n, m);
  if (whole_rows(residuals, m) < 10)
    throw Error(Cause::data, "less than 10 samples of a baseline are whole");
  out.center = Eigen::Map<const VectorXd>(centers.data(), m);
  out.claimed = Eigen::Map<const VectorXd>(claimed.data(), m);
  MatrixXd covariance = typical(baseline, out);
  VectorXd ratio(m);
  for (Index i = 0; i < m; ++i) {
    double sum = 0, count = 0;
    for (Index k = 0; k < n; ++k) {
      if (!std::isfinite(residuals(k, i))) continue;
      const auto& c = baseline[static_cast<std::size_t>(k)].covariance;
      const Index at = out.order[static_cast<std::size_t>(i)];
      sum += residuals(k, i) * residuals(k, i) / (out.claimed[i] > 0 ? c(at, at) : 1.0);
      ++count;
    }
    ratio[i] = sum / (count - parameters);
  }
  const VectorXd found = ratio.cwiseSqrt();
  covariance = found.asDiagonal() * covariance * found.asDiagonal();
  correlate(covariance, residuals);
  const auto kept = independent(covariance);
  for (Index i = 0; i < m; ++i)
    if (std::ranges::find(kept, i) == kept.end())
      out.dependent.push_back(out.order[static_cast<std::size_t>(i)]);
  std::erase_if(out.order, [&](Index i) { return std::ranges::count(out.dependent, i) > 0; });
  covariance = MatrixXd(covariance(kept, kept));
  residuals = MatrixXd(residuals(Eigen::all, kept));
  for (VectorXd* each : {&ratio, &out.center, &out.claimed}) *each = VectorXd((*each)(kept));
  const MatrixXd u = whitened(residuals, factor_of(covariance), baseline, out);
  correlate_in_time(u, baseline, drift, cautious, out);
  // Of a correlated series: a mean takes g/n of the variance, and fewer squares are independent.
  const double phi = std::max(0.0, out.phi_found), g = (1 + phi) / (1 - phi);
  const double whole = static_cast<double>(n);
  const double lost = std::max(0.2, (1 - parameters * g / whole) / (1 - parameters / whole));
  const double dof = std::max(4.0, whole * (1 - phi * phi) / (1 + phi * phi) - parameters);
  rescale(ratio / lost, dof, out);
  const VectorXd to = out.scale.cwiseQuotient(ratio).cwiseSqrt();
  out.factor = factor_of(to.asDiagonal() * covariance * to.asDiagonal());
  double sum = 0, squares = 0, count = 0;
  for (const auto& sample : baseline)
    if (std::isfinite(sample.covariate)) sum += sample.covariate, ++count;
  out.covariate_center = count > 0 ? sum / count : 0;
  for (const auto& sample : baseline)
    if (std::isfinite(sample.covariate))
      squares += std::pow(sample.covariate - out.covariate_center, 2);
  if (squares > 0) out.covariate_scale = std::sqrt(squares / count);
  return out;
}

void refine_autocorrelation(Noise& noise, const std::vector<Sample>& samples, Drift drift,
                            double cautious) {
  const auto n = static_cast<Index>(samples.size()), m = noise.factor.rows();
  MatrixXd residuals(n, m);
  double mean = 0;
  for (Index i = 0; i < m; ++i)
    residuals.col(i) = about_mean(samples, noise.order[static_cast<std::size_t>(i)], drift, mean);
  const MatrixXd u = whitened(residuals, noise.factor, samples, noise);
  if (whole_rows(u, m) >= 10) correlate_in_time(u, samples, drift, cautious, noise);
}

}  // namespace twin::steer
