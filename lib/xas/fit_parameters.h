// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <array>
#include <string>
#include <vector>

#include "record/recipe.h"
#include "xas/fit.h"
#include "xas/path_model.h"

namespace twin::xas {

/// Between the settings of the paths, with their shells and units, and the free parameters of a
/// fit. Defaults: n the degeneracy of the FEFF path, r its reff, σ² 0.005 Å², c3 0, E0 0. The E0 of
/// the first path holds for later ones, unless they give a value of their own or free it.
class FitParameters {
 public:
  /// \throws Error{configuration} nothing free, bounds that cross, or not one FEFF path a path
  FitParameters(const std::vector<record::PathSettings>& paths, const std::vector<PathModel>& feff,
                double s02);

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] const Eigen::VectorXd& start() const { return start_; }
  [[nodiscard]] const Eigen::VectorXd& lower() const { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const { return upper_; }

  /// The values of path \p path for free parameters \p x.
  [[nodiscard]] PathValues values(std::size_t path, const Eigen::VectorXd& x) const;

  /// Adds the derivatives of one path by its own values [m × 6] to those by the free ones [m × n].
  void collect(std::size_t path, const Eigen::MatrixXd& slopes, Eigen::MatrixXd& jacobian) const;

  /// An uncertainty beyond which parameter \p i says nothing of the sample, in its own unit.
  [[nodiscard]] double sense(Eigen::Index i, const Eigen::VectorXd& x) const;

 private:
  enum Kind { n, r, sigma2, c3, e0, kinds };
  struct Slot {
    double fixed = 0.0;
    Eigen::Index free = -1;  ///< index into x, or -1
  };
  using Slots = std::array<Slot, kinds>;

  Slot slot(const record::PathParameter& given, double fallback, Kind kind,
            const std::string& path);
  [[nodiscard]] double value(std::size_t path, Kind kind, const Eigen::VectorXd& x) const;

  double s02_;
  std::vector<double> reff_;
  std::vector<Slots> slots_;
  std::vector<std::string> names_;
  std::vector<Kind> kind_;         ///< of each free parameter
  std::vector<std::size_t> path_;  ///< that introduced it
  Eigen::VectorXd start_, lower_, upper_;
};

}  // namespace twin::xas
