// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/tangent.h"

#include <algorithm>
#include <cmath>

#include "match/estimate.h"
#include "match/residual.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double relative_noise = 0.2;  ///< of a jacobian from fluctuations
constexpr double row_noise = 0.04;      ///< the same, of the largest element of its row
constexpr double diffuse = 1e12;        ///< variance of what nothing is known of

/// Values and variances of one quantity through the runs.
struct Series {
  VectorXd value, variance;
};

Series series_of(const std::vector<record::Evaluation>& runs, const std::string& name) {
  Series out{VectorXd::Zero(static_cast<Index>(runs.size())),
             VectorXd::Zero(static_cast<Index>(runs.size()))};
  for (Index j = 0; j < out.value.size(); ++j) {
    const auto& run = runs[static_cast<std::size_t>(j)];
    const auto found = run.quantities.find(name);
    if (found == run.quantities.end() || !found->second.value) {
      out.value[j] = std::nan("");
      continue;
    }
    out.value[j] = *found->second.value;
    out.variance[j] =
        run.covariance.at(name, name).value_or(std::pow(found->second.sigma.value_or(0), 2));
  }
  return out;
}

/// One row of the jacobian and its covariance, in units of the parameters' ranges and of \p scale.
struct Row {
  VectorXd mean;
  MatrixXd covariance;

  void observe(const VectorXd& direction, double value, double variance) {
    const VectorXd gain =
        covariance * direction / (direction.dot(covariance * direction) + variance);
    mean += gain * (value - direction.dot(mean));
    const MatrixXd rest =
        MatrixXd::Identity(mean.size(), mean.size()) - gain * direction.transpose();
    // Joseph's form: stays symmetric and positive where the start is diffuse.
    covariance = (rest * covariance * rest.transpose() + variance * gain * gain.transpose()).eval();
  }
};

void observe_jacobian(Row& row, const record::Jacobian& jacobian, const std::string& name,
                      const record::Model& model, const VectorXd& range, double scale) {
  VectorXd seen = VectorXd::Constant(row.mean.size(), std::nan(""));
  double largest = 0.0;
  for (Index k = 0; k < seen.size(); ++k) {
    const auto element = jacobian.at(name, model.free[static_cast<std::size_t>(k)].name);
    if (!element || !std::isfinite(*element)) continue;
    seen[k] = *element * range[k] / scale;
    largest = std::max(largest, std::abs(seen[k]));
  }
  for (Index k = 0; k < seen.size(); ++k) {
    if (std::isnan(seen[k])) continue;
    const double noise = std::hypot(relative_noise * seen[k], row_noise * largest) + 1e-9;
    row.observe(VectorXd::Unit(seen.size(), k), seen[k], noise * noise);
  }
}

/// The move from one run to the next: the secant tells, the change of the quantity lets fade.
void follow(Row& row, const VectorXd& move, double change, double size, double noise_variance) {
  if (move.norm() == 0 || std::isnan(change)) return;
  const double fade = std::min(1.0, std::abs(change) / std::max(size, 1e-300));
  const bool informed = row.covariance.diagonal().maxCoeff() < 0.1 * diffuse;
  const double curvature = informed ? 0.5 * fade * std::abs(row.mean.dot(move)) : 0.0;
  row.observe(move, change, noise_variance + curvature * curvature + 1e-18);
  // The secant belongs to the middle of the move; the newest end is half as far again.
  row.covariance.diagonal() += (0.5 * fade * row.mean).cwiseAbs2();
}

Row follow_row(const std::vector<record::Evaluation>& runs, const std::string& name,
               const record::Model& model, const VectorXd& range, double scale,
               const Series& series) {
  const Index p = range.size();
  Row row{VectorXd::Zero(p), diffuse * MatrixXd::Identity(p, p)};
  for (std::size_t j = 0; j < runs.size(); ++j) {
    const auto now = static_cast<Index>(j);
    if (j > 0) {
      const VectorXd move =
          (parameters_of(runs[j], model) - parameters_of(runs[j - 1], model)).cwiseQuotient(range);
      const double before = series.value[now - 1] / scale, after = series.value[now] / scale;
      follow(row, move, after - before, std::max(std::abs(before), std::abs(after)),
             (series.variance[now - 1] + series.variance[now]) / (scale * scale));
    }
    observe_jacobian(row, runs[j].jacobian, name, model, range, scale);
  }
  return row;
}

double scale_of(const Series& series) {
  double scale = 0.0;
  for (const double value : series.value)
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
  return scale > 0 ? scale : 1.0;
}

}  // namespace

Tangent pooled_tangent(const std::vector<record::Evaluation>& runs,
                       const std::vector<std::string>& names, const record::Model& model) {
  const auto n = static_cast<Index>(names.size());
  const VectorXd range = ranges(model);
  Tangent out{MatrixXd::Zero(n, range.size()), MatrixXd::Zero(n, range.size()),
              std::vector<bool>(static_cast<std::size_t>(range.size()), n > 0)};
  for (Index i = 0; i < n; ++i) {
    const auto& name = names[static_cast<std::size_t>(i)];
    const Series series = series_of(runs, name);
    const double scale = scale_of(series);
    const Row row = follow_row(runs, name, model, range, scale, series);
    out.jacobian.row(i) = (scale * row.mean.cwiseQuotient(range)).transpose();
    out.sigma.row(i) =
        (scale * row.covariance.diagonal().cwiseSqrt().cwiseQuotient(range)).transpose();
    for (Index k = 0; k < range.size(); ++k)
      if (row.covariance(k, k) > 0.01 * diffuse) out.known[static_cast<std::size_t>(k)] = false;
  }
  return out;
}

record::Jacobian named(const Tangent& tangent, const std::vector<std::string>& names,
                       const record::Model& model) {
  record::Jacobian out;
  out.rows = names;
  for (const auto& parameter : model.free) out.columns.push_back(parameter.name);
  for (Index i = 0; i < tangent.jacobian.rows(); ++i)
    for (Index k = 0; k < tangent.jacobian.cols(); ++k)
      out.matrix.push_back(tangent.jacobian(i, k));
  return out;
}

}  // namespace twin::match
