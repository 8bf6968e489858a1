// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <numbers>
#include <random>

/// Normalised spectra in closed form: an arctan edge with a white line and a wave after it.
namespace xanes {

inline constexpr double e0 = 5000.0;

struct Shape {
  double edge = 0.0;   ///< eV from e0
  double line = 0.8;   ///< height of the white line
  double width = 2.5;  ///< eV, of the white line
  double wave = 0.05;  ///< amplitude
  double period = 20;  ///< eV
};

inline double at(double energy, const Shape& shape) {
  const double x = energy - e0 - shape.edge;
  const double step = 0.5 + std::atan(x / 1.2) / std::numbers::pi;
  const double line = shape.line * std::exp(-0.5 * std::pow((x - 4) / shape.width, 2));
  const double wave = shape.wave * std::sin(2 * std::numbers::pi * x / shape.period) *
                      std::exp(-x * x / 5000) * step;
  return step + line + wave;
}

inline Eigen::VectorXd grid(double from = -60, double to = 120, double step = 0.4) {
  const auto n = static_cast<Eigen::Index>(std::lround((to - from) / step)) + 1;
  return Eigen::VectorXd::LinSpaced(n, e0 + from, e0 + to);
}

inline Eigen::VectorXd curve(const Eigen::VectorXd& energy, const Shape& shape) {
  return energy.unaryExpr([&](double e) { return at(e, shape); });
}

inline const Shape& first() {
  static const Shape shape{.edge = 0, .line = 0.2, .width = 3.0, .wave = 0.04, .period = 24};
  return shape;
}
inline const Shape& second() {
  static const Shape shape{.edge = 2.5, .line = 0.9, .width = 2.0, .wave = 0.06, .period = 17};
  return shape;
}
inline const Shape& third() {
  static const Shape shape{.edge = 5.0, .line = 0.5, .width = 4.0, .wave = 0.08, .period = 31};
  return shape;
}

inline Eigen::VectorXd noise(std::mt19937_64& random, Eigen::Index n, double sigma) {
  std::normal_distribution<double> normal(0, sigma);
  return Eigen::VectorXd::NullaryExpr(n, [&] { return normal(random); });
}

}  // namespace xanes
