// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/prepeaks_model.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "xas/line_shapes.h"

namespace twin::xas {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

constexpr double beyond = 25.0;  // eV: how far above emax the foot's centre may lie
constexpr double narrowest = 0.1, widest = 1000.0;  // eV, of the foot
constexpr double narrowest_line = 0.05;             // eV

}  // namespace

PrePeakModel::PrePeakModel(const record::PrePeakSettings& settings, int lines)
    : settings_(settings),
      foot_(settings.baseline != "line"),
      arctan_(settings.baseline == "line+arctan"),
      voigt_(settings.shape == "voigt"),
      lines_(lines) {}

double PrePeakModel::mixing(const VectorXd& x, Index line) const {
  if (voigt_) return x[line_at(line) + 3];
  return settings_.shape == "lorentzian" ? 1.0 : 0.0;
}

VectorXd PrePeakModel::operator()(const VectorXd& energy, const VectorXd& x, MatrixXd* jacobian,
                                  bool with_lines) const {
  VectorXd out(energy.size());
  if (jacobian) *jacobian = MatrixXd::Zero(energy.size(), size());
  Eigen::RowVectorXd row = Eigen::RowVectorXd::Zero(size());
  for (Index i = 0; i < energy.size(); ++i) {
    row.setZero();
    out[i] = baseline(energy[i], x, row);
    if (with_lines) out[i] += lines(energy[i], x, row);
    if (jacobian) jacobian->row(i) = row;
  }
  return out;
}

void PrePeakModel::bounds(VectorXd& lower, VectorXd& upper) const {
  lower = VectorXd::Constant(size(), -INFINITY);
  upper = VectorXd::Constant(size(), INFINITY);
  if (foot_) {
    lower.segment(2, 3) << 0, settings_.ehi, narrowest;
    upper.segment(2, 3) << INFINITY, settings_.emax + beyond, widest;
  }
  for (Index line = 0; line < lines_; ++line) {
    lower.segment(line_at(line), 3) << 0, settings_.elo, narrowest_line;
    upper.segment(line_at(line), 3) << INFINITY, settings_.ehi, settings_.ehi - settings_.elo;
    if (voigt_) lower[line_at(line) + 3] = 0, upper[line_at(line) + 3] = 1;
  }
}

double PrePeakModel::baseline(double e, const VectorXd& x, Eigen::RowVectorXd& row) const {
  const double from_end = e - settings_.emax;
  row[0] = 1;
  row[1] = from_end;
  double out = x[0] + x[1] * from_end;
  if (!foot_) return out;
  const double u = (e - x[3]) / x[4];
  if (arctan_) {
    const double slope = 1 / (std::numbers::pi * (1 + u * u));
    row[2] = 0.5 + std::atan(u) / std::numbers::pi;
    row[3] = -x[2] * slope / x[4];
    row[4] = -x[2] * slope * u / x[4];
  } else {
    const LineValue line = line_shape(e - x[3], x[4], 1);
    row[2] = line.value;
    row[3] = -x[2] * line.by_x;
    row[4] = x[2] * line.by_fwhm;
  }
  return out + x[2] * row[2];
}

double PrePeakModel::lines(double e, const VectorXd& x, Eigen::RowVectorXd& row) const {
  double out = 0;
  for (Index line = 0; line < lines_; ++line) {
    const Index at = line_at(line);
    const LineValue value = line_shape(e - x[at + 1], x[at + 2], mixing(x, line));
    row[at] = value.value;
    row[at + 1] = -x[at] * value.by_x;
    row[at + 2] = x[at] * value.by_fwhm;
    if (voigt_) row[at + 3] = x[at] * value.by_mixing;
    out += x[at] * value.value;
  }
  return out;
}

}  // namespace twin::xas
