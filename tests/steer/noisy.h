// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <random>
#include <utility>

#include "steer/noise.h"

namespace steer_made {

using twin::steer::Sample;

/// Noise of a covariance and an autocorrelation, with a mean that the test adds.
struct Noisy {
  Noisy(unsigned seed, Eigen::MatrixXd covariance, double phi = 0)
      : random(seed), sigma(std::move(covariance)), phi_(phi), e(sigma.rows()) {
    for (double& v : e) v = normal(random);
  }

  Sample next(double claimed = 1) {
    if (t > 0)
      for (double& v : e) v = phi_ * v + std::sqrt(1 - phi_ * phi_) * normal(random);
    const Eigen::MatrixXd l = Eigen::LLT<Eigen::MatrixXd>(sigma).matrixL();
    return {l * e, claimed * sigma, static_cast<double>(t++), 1.0};
  }

  std::mt19937_64 random;
  std::normal_distribution<> normal;
  Eigen::MatrixXd sigma;
  double phi_;
  Eigen::VectorXd e;
  int t = 0;
};

}  // namespace steer_made
