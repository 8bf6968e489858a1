// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <vector>

#include "numeric/least_squares.h"
#include "record/xanes.h"
#include "xas/lcf_model.h"

namespace twin::xas {

/// Which parameters a fit has, and where each stands: weights first, then those below; -1 = none.
struct LcfLayout {
  Eigen::Index standards = 0;
  Eigen::Index dependent = -1;  ///< the weight that is one less the others, or none
  Eigen::Index offset = -1, slope = -1, shift = -1, variance = -1, self_absorption = -1;
  Eigen::Index parameters = 0;
  bool sum_to_one = true;

  LcfLayout(Eigen::Index n, const record::LcfSettings& settings);

  /// [n] from the parameters.
  [[nodiscard]] Eigen::VectorXd weights(const Eigen::VectorXd& x) const;
  /// [n × parameters] their derivatives.
  [[nodiscard]] Eigen::MatrixXd weights_jacobian() const;
  [[nodiscard]] static double at(const Eigen::VectorXd& x, Eigen::Index i) {
    return i < 0 ? 0.0 : x[i];
  }
};

/// The residuals of a fit, model less data, and their derivatives by parameters.
class LcfProblem {
 public:
  /// \param energy, data  [k], one point more on both sides of the range in derivative space
  LcfProblem(Eigen::VectorXd energy, Eigen::VectorXd data, double e0,
             const std::vector<LcfStandard>& standards, const record::LcfSettings& settings);

  LcfLayout layout;

  [[nodiscard]] numeric::LeastSquaresFit fit();

  /// The model in norm, before differences.  \param jacobian  [k × parameters] or null
  [[nodiscard]] Eigen::VectorXd model(const Eigen::VectorXd& x, Eigen::MatrixXd* jacobian);

  /// [k × n] what a relative change of each standard's scale does to the model in norm.
  [[nodiscard]] Eigen::MatrixXd by_scale(const Eigen::VectorXd& x);

  /// Differences in derivative space, else nothing: [k × ·] → [k' × ·]; and its transpose.
  [[nodiscard]] Eigen::MatrixXd space(const Eigen::MatrixXd& in) const;
  [[nodiscard]] Eigen::MatrixXd transposed_space(const Eigen::MatrixXd& in) const;

  /// [k × Σr] what the columns of the standards' spread do to the model in norm.
  [[nodiscard]] Eigen::MatrixXd by_spread(const Eigen::VectorXd& x,
                                          const std::vector<LcfStandard>& standards);
  /// How the points of standard j enter the model, self-absorption included.
  [[nodiscard]] LcfResponse response(Eigen::Index j, const Eigen::VectorXd& x);
  /// The same in the space of the fit.
  [[nodiscard]] LcfResponse space(const LcfResponse& in) const;
  /// [k × n] what a shift of each standard alone, eV, does to the model in norm.
  [[nodiscard]] Eigen::MatrixXd by_energy(const Eigen::VectorXd& x);

  /// Σ of the squares of the matrix behind space(): k where there are no differences.
  [[nodiscard]] double space_squares() const;

  [[nodiscard]] const Eigen::VectorXd& energy() const { return energy_; }
  [[nodiscard]] const Eigen::VectorXd& data() const { return data_; }
  [[nodiscard]] bool derivative() const { return derivative_; }
  [[nodiscard]] const Eigen::VectorXd& lower() const { return lower_; }
  [[nodiscard]] const Eigen::VectorXd& upper() const { return upper_; }

 private:
  [[nodiscard]] Eigen::MatrixXd by_weights(const Eigen::VectorXd& x);
  [[nodiscard]] Eigen::VectorXd by_sum(const Eigen::VectorXd& x);  // ∂m/∂U at one W
  [[nodiscard]] Eigen::VectorXd start();
  void set_bounds();
  [[nodiscard]] numeric::LeastSquaresFit fit_once();

  Eigen::VectorXd energy_, data_, from_e0_;
  bool nonnegative_;
  double max_shift_;
  bool derivative_;
  LcfBasis basis_;
  Eigen::VectorXd lower_, upper_;
};

}  // namespace twin::xas
