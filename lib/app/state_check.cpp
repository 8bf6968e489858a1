// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/state_check.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/text.h"
#include "core/units.h"

namespace twin::app {

namespace {

constexpr double rounding = 1e-6;

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A parameter in the unit of what was asked for; nothing where it has no such value.
std::optional<double> in_unit_of(const record::FreeParameter& asked, const record::Quantity& ran) {
  if (!ran.value) return std::nullopt;
  if (ran.unit == asked.unit || ran.unit.empty()) return ran.value;
  try {
    return convert(*ran.value, ran.unit, asked.unit);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string fault_of_parameter(const record::FreeParameter& asked, const record::State& state,
                               const record::Model& model) {
  const auto ran = state.parameters.find(asked.name);
  if (ran == state.parameters.end()) return "";  // it does not say: believed
  const auto value = in_unit_of(asked, ran->second);
  const double near =
      std::max({1e-3 * (asked.upper - asked.lower), rounding * std::abs(asked.value),
                record::smallest_step(model, asked)});
  if (value && std::abs(*value - asked.value) <= near) return "";
  const std::string unit = ran->second.unit.empty() ? "" : " " + printable(ran->second.unit);
  return "it ran at " + printable(asked.name) + " = " +
         (ran->second.value ? shortest(*ran->second.value) + unit : "nothing") + "; asked was " +
         shortest(asked.value) + (asked.unit.empty() ? "" : " " + asked.unit);
}

}  // namespace

std::string fault_of(const record::Covariance& covariance) {
  const auto n = static_cast<Eigen::Index>(covariance.names.size());
  if (n == 0) return "";
  Matrix m = Eigen::Map<const Matrix>(covariance.matrix.data(), n, n);
  if (!m.allFinite()) return "covariance: a number is not finite";
  const Eigen::VectorXd diagonal = m.diagonal();
  for (Eigen::Index i = 0; i < n; ++i)
    if (diagonal[i] < 0)
      return "covariance: the variance of " +
             printable(covariance.names[static_cast<std::size_t>(i)]) + " is negative";
  // To correlations, where all are of one size; what has no variance may not vary with others.
  const Eigen::VectorXd sigma = diagonal.cwiseSqrt();
  const double least = sigma.maxCoeff() > 0 ? 1e-12 * sigma.maxCoeff() : 1.0;
  const Eigen::VectorXd scale = sigma.cwiseMax(least).cwiseInverse();
  m = scale.asDiagonal() * m * scale.asDiagonal();
  if ((m - m.transpose()).cwiseAbs().maxCoeff() > rounding) return "covariance: is not symmetric";
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(m, Eigen::EigenvaluesOnly);
  if (eigen.eigenvalues().minCoeff() < -rounding)
    return "covariance: is not positive semidefinite: no errors are correlated so";
  return "";
}

std::string fault_of(const record::State& state, const record::Model& model) {
  const auto& asked = model.potential.empty() ? model.potentials.front() : model.potential;
  if (!state.potential.empty() && state.potential != asked)
    return "it ran " + printable(state.potential) + "; asked was " + printable(asked);
  for (const auto& parameter : model.free)
    if (const auto fault = fault_of_parameter(parameter, state, model); !fault.empty())
      return fault;
  for (const auto& name : state.covariance.names)
    if (!state.quantities.contains(name))
      return "covariance: there is no quantity " + printable(name);
  return fault_of(state.covariance);
}

}  // namespace twin::app
