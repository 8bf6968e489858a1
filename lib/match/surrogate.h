// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <vector>

namespace twin::match {

/// What quantities are expected to be where nothing was simulated: for each a mixture of Gaussian
/// processes, of a wide linear trend and a squared exponential whose length and amplitude are not
/// known: all of a grid count, each by its evidence, under log-normal priors (half of the box; a
/// third of the spread of the values). With a single best length, a few runs that lie on a line
/// would say that all is straight.
/// C.E. Rasmussen, C.K.I. Williams, Gaussian Processes for Machine Learning (MIT 2006), ch. 2, 5.
class Surrogate {
 public:
  /// \param at        [m × p] parameters in units of their ranges
  /// \param values    [m × n]
  /// \param variance  [m × n] of the values
  /// \param least     [n] what they spread over the box at least, as far as is known; or 0
  Surrogate(const Eigen::MatrixXd& at, const Eigen::MatrixXd& values,
            const Eigen::MatrixXd& variance, const Eigen::VectorXd& least);

  struct Prediction {
    Eigen::VectorXd mean, variance;  ///< [n]; of the quantities, not of a run's noise
  };
  [[nodiscard]] Prediction predict(const Eigen::VectorXd& place) const;

 private:
  struct Process {
    double amplitude, length;  ///< the former squared
    double weight;             ///< of the mixture
    Eigen::LLT<Eigen::MatrixXd> factor;
    Eigen::VectorXd weights;
  };
  struct Mixture {
    double middle = 0.0, scale = 1.0;  ///< the processes are of (value - middle) / scale
    std::vector<Process> processes;
  };
  void add(Mixture& mixture, const Eigen::VectorXd& values, const Eigen::VectorXd& variance,
           double amplitude, double length) const;

  Eigen::VectorXd middle_;
  Eigen::MatrixXd at_;       ///< [m × p] from the middle
  Eigen::MatrixXd squared_;  ///< [m × m] distances
  Eigen::MatrixXd trend_;    ///< [m × m]
  std::vector<Mixture> mixtures_;
};

}  // namespace twin::match
