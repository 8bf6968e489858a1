// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

#include "record/xanes.h"

namespace twin::xas {

/// What pre-edge peaks are fitted with. Parameters: offset at emax, slope; area (height of an
/// arctan), centre and width of the foot of the edge; area, centre, full width (and mixing) of each
/// line.
class PrePeakModel {
 public:
  PrePeakModel(const record::PrePeakSettings& settings, int lines);

  [[nodiscard]] Eigen::Index baseline_size() const { return foot_ ? 5 : 2; }
  [[nodiscard]] Eigen::Index line_size() const { return voigt_ ? 4 : 3; }
  [[nodiscard]] Eigen::Index size() const { return baseline_size() + lines_ * line_size(); }
  /// The first parameter of a line.
  [[nodiscard]] Eigen::Index line_at(Eigen::Index line) const {
    return baseline_size() + line * line_size();
  }
  [[nodiscard]] bool foot() const { return foot_; }
  [[nodiscard]] double mixing(const Eigen::VectorXd& x, Eigen::Index line) const;

  /// [n] at \p energy, and derivatives [n × size] where asked for; the baseline alone on request.
  [[nodiscard]] Eigen::VectorXd operator()(const Eigen::VectorXd& energy, const Eigen::VectorXd& x,
                                           Eigen::MatrixXd* jacobian, bool with_lines = true) const;

  void bounds(Eigen::VectorXd& lower, Eigen::VectorXd& upper) const;

 private:
  double baseline(double e, const Eigen::VectorXd& x, Eigen::RowVectorXd& row) const;
  double lines(double e, const Eigen::VectorXd& x, Eigen::RowVectorXd& row) const;

  record::PrePeakSettings settings_;
  bool foot_, arctan_, voigt_;
  Eigen::Index lines_;
};

}  // namespace twin::xas
