// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/components.h"

#include <gsl/gsl_cdf.h>

#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Malinowski's (r - j + 1)(c - j + 1), j from 1: an eigenvalue of noise is proportional to it.
double degrees(Index r, Index c, Index j) { return static_cast<double>((r - j + 1) * (c - j + 1)); }

void judge(Components& out, Index r, Index c, double significance) {
  const Index s = out.eigenvalues.size();
  out.real_error = out.indicator = out.p_value = VectorXd::Zero(s - 1);
  double pool = 0, pool_degrees = 0;
  const double longer = static_cast<double>(std::max(r, c));
  for (Index n = s - 1; n >= 1; --n) {  // the pool: all behind component n
    pool += out.eigenvalues[n];
    pool_degrees += degrees(r, c, n + 1);
    const auto left = static_cast<double>(s - n);
    out.real_error[n - 1] = std::sqrt(pool / (longer * left));
    out.indicator[n - 1] = out.real_error[n - 1] / (left * left);
    const double reduced = out.eigenvalues[n - 1] / degrees(r, c, n);
    const double f = pool > 0 ? reduced / (pool / pool_degrees) : (reduced > 0 ? 1e300 : 0.0);
    out.p_value[n - 1] = gsl_cdf_fdist_Q(std::min(f, 1e300), 1.0, left);
  }
  out.indicator.minCoeff(&out.by_indicator);
  ++out.by_indicator;
  for (Index n = s - 1; n >= 1 && out.by_f_test == 0; --n)
    if (out.p_value[n - 1] < significance) out.by_f_test = static_cast<int>(n);
  out.number = std::max(1, out.by_f_test);
}

}  // namespace

CommonGrid on_common_grid(const std::vector<VectorXd>& energies,
                          const std::vector<VectorXd>& spectra, double from, double to) {
  if (energies.empty() || energies.size() != spectra.size())
    throw Error(Cause::data, "series: no spectrum, or energies and spectra differ in number");
  std::vector<double> grid;
  for (const double e : energies[0])
    if (e >= from && e <= to) grid.push_back(e);
  if (grid.size() < 4)
    throw Error(Cause::data, "series: " + std::to_string(grid.size()) + " points from " +
                                 shortest(from) + " to " + shortest(to) +
                                 " eV in the first scan; four or more are needed");
  const auto points = static_cast<Index>(grid.size());
  CommonGrid out{Eigen::Map<VectorXd>(grid.data(), points),
                 MatrixXd(static_cast<Index>(energies.size()), points)};
  for (std::size_t i = 0; i < energies.size(); ++i) {
    const VectorXd& e = energies[i];
    if (e.size() < 4 || e.size() != spectra[i].size() || e[0] > grid.front() + 1e-6 ||
        e[e.size() - 1] < grid.back() - 1e-6)
      throw Error(Cause::data, "series: scan " + std::to_string(i + 1) +
                                   " does not reach over the range of the first, " +
                                   shortest(grid.front()) + " to " + shortest(grid.back()) + " eV");
    out.spectra.row(static_cast<Index>(i)) =
        numeric::CubicInterpolator(e, out.energy)(spectra[i]).transpose();
  }
  return out;
}

Components analyse_components(const MatrixXd& spectra, double significance) {
  if (spectra.rows() < 2 || spectra.cols() < 2)
    throw Error(Cause::data, "components: " + std::to_string(spectra.rows()) + " scans of " +
                                 std::to_string(spectra.cols()) +
                                 " points; two of both are needed");
  if (!spectra.allFinite())
    throw Error(Cause::data, "components: a value is not finite; leave the damaged scan out");
  const Eigen::JacobiSVD<MatrixXd, Eigen::HouseholderQRPreconditioner> svd(
      spectra, Eigen::ComputeThinU | Eigen::ComputeThinV);
  Components out;
  out.eigenvalues = svd.singularValues().cwiseAbs2();
  out.variance = out.eigenvalues / std::max(out.eigenvalues.sum(), 1e-300);
  out.vectors = svd.matrixV().transpose();
  out.scores = svd.matrixU() * svd.singularValues().asDiagonal();
  judge(out, spectra.rows(), spectra.cols(), significance);
  if (out.by_indicator != out.by_f_test)
    out.warnings.push_back("the indicator function counts " + std::to_string(out.by_indicator) +
                           " components, the F test " + std::to_string(out.by_f_test));
  return out;
}

MatrixXd reconstruct(const Components& components, int number) {
  const Index n = std::clamp<Index>(number, 0, components.eigenvalues.size());
  return components.scores.leftCols(n) * components.vectors.topRows(n);
}

TargetTest test_target(const Components& components, int number, const VectorXd& target) {
  if (target.size() != components.vectors.cols())
    throw Error(Cause::data, "target: " + std::to_string(target.size()) +
                                 " points, the series has " +
                                 std::to_string(components.vectors.cols()));
  const Index s = components.eigenvalues.size(), n = std::clamp<Index>(number, 1, s - 1);
  const MatrixXd basis = components.vectors.topRows(n);
  const VectorXd weights = basis * target;  // of the abstract spectra
  TargetTest out;
  out.predicted = basis.transpose() * weights;
  const auto points = static_cast<double>(target.size());
  out.aet =
      (target - out.predicted).norm() / std::sqrt(std::max(1.0, points - static_cast<double>(n)));
  // The target as a sum of scans: errors of the scans enter with the length of that sum.
  const VectorXd of_scans = weights.cwiseQuotient(components.eigenvalues.head(n).cwiseSqrt());
  out.rep = components.real_error[n - 1] * of_scans.norm();
  out.ret = std::sqrt(std::max(0.0, out.aet * out.aet - out.rep * out.rep));
  out.spoil = out.rep > 0 ? out.ret / out.rep : 0.0;
  return out;
}

}  // namespace twin::xas
