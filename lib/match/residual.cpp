// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/residual.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace twin::match {

namespace {

using record::Covariance;
using record::Quantities;
using record::Quantity;

constexpr auto temperature = "temperature";

const Quantity* find(const Quantities& quantities, const std::string& name) {
  const auto at = quantities.find(name);
  return at == quantities.end() ? nullptr : &at->second;
}

bool has_uncertainty(const Quantity& quantity, const Covariance& covariance,
                     const std::string& name) {
  return quantity.sigma || quantity.sigma_sys || covariance.at(name, name);
}

/// Why the two can't be compared; "" when they can.
std::string obstacle(const record::Result& measured, const record::Evaluation& simulated,
                     const std::string& name) {
  const Quantity* m = find(measured.quantities, name);
  const Quantity* s = find(simulated.quantities, name);
  if (!m || !m->value || !std::isfinite(*m->value)) return "not measured";
  if (!s || !s->value || !std::isfinite(*s->value)) return "not simulated";
  if (m->unit != s->unit) return "measured in '" + m->unit + "', simulated in '" + s->unit + "'";
  if (m->method != s->method)
    return "measured by '" + m->method + "', simulated by '" + s->method + "'";
  if (!has_uncertainty(*m, measured.covariance, name)) return "measured without an uncertainty";
  if (!has_uncertainty(*s, simulated.covariance, name))
    return "simulated without an uncertainty; sigma 0 would say that it is exact";
  return "";
}

Eigen::MatrixXd matrix_of(const Covariance& covariance, const std::vector<std::string>& names,
                          const Eigen::VectorXd& sigma) {
  const auto n = static_cast<Eigen::Index>(names.size());
  Eigen::MatrixXd matrix = sigma.cwiseAbs2().asDiagonal();
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j)
      if (const auto element =
              covariance.at(names[static_cast<std::size_t>(i)], names[static_cast<std::size_t>(j)]))
        matrix(i, j) = *element;
  return matrix;
}

Eigen::VectorXd sigmas(const Quantities& quantities, const std::vector<std::string>& names,
                       std::optional<double> Quantity::*which) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(names.size()));
  for (Eigen::Index i = 0; i < out.size(); ++i)
    out[i] = (quantities.at(names[static_cast<std::size_t>(i)]).*which).value_or(0.0);
  return out;
}

/// The measurement's systematic covariance, its diagonal raised to the simulation's where larger.
Eigen::MatrixXd shared_systematic(const record::Result& measured,
                                  const record::Evaluation& simulated,
                                  const std::vector<std::string>& names) {
  Eigen::MatrixXd matrix = matrix_of(measured.covariance_sys, names,
                                     sigmas(measured.quantities, names, &Quantity::sigma_sys));
  const Eigen::VectorXd other = sigmas(simulated.quantities, names, &Quantity::sigma_sys);
  for (Eigen::Index i = 0; i < other.size(); ++i) {
    const double own = matrix(i, i), wanted = other[i] * other[i];
    if (wanted <= own) continue;
    if (own > 0) {
      const double scale = std::sqrt(wanted / own);
      matrix.row(i) *= scale;
      matrix.col(i) *= scale;
    }
    matrix(i, i) = wanted;
  }
  return matrix;
}

bool is_free(const record::Model& model, const std::string& name) {
  return std::ranges::any_of(model.free, [&](const auto& f) { return f.name == name; });
}

/// Standard uncertainty of the temperature that the simulation was given; 0 when it is free.
double temperature_sigma(const record::Result& measured, const record::Model& model) {
  if (is_free(model, temperature)) return 0.0;
  const Quantity* environment = find(measured.context.environment, temperature);
  if (model.temperature_from_measurement && environment && environment->sigma_total() > 0)
    return environment->sigma_total();
  return model.temperature_sigma;
}

Eigen::MatrixXd of_input(const record::Result& measured, const record::Evaluation& simulated,
                         const record::Model& model, const std::vector<std::string>& names) {
  const double sigma = temperature_sigma(measured, model);
  Eigen::VectorXd slope = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(names.size()));
  for (Eigen::Index i = 0; i < slope.size(); ++i)
    if (const auto element = simulated.jacobian.at(names[static_cast<std::size_t>(i)], temperature);
        element && std::isfinite(*element))
      slope[i] = *element;
  return sigma * sigma * slope * slope.transpose();
}

}  // namespace

Pairing pair_up(const record::Result& measured, const record::Evaluation& simulated,
                const record::Model& model) {
  Pairing out;
  const auto sort = [&](const std::string& name, std::vector<std::string>& into) {
    if (std::ranges::count(out.fitted, name) || std::ranges::count(into, name)) return;
    const std::string why = obstacle(measured, simulated, name);
    if (why.empty())
      into.push_back(name);
    else
      out.unpaired.push_back(name + ": " + why);
  };
  for (const auto& name : model.fit_to) sort(name, out.fitted);
  for (const auto& name : model.hold_back)
    if (!std::ranges::count(model.fit_to, name)) sort(name, out.held_back);
  return out;
}

Difference difference(const record::Result& measured, const record::Evaluation& simulated,
                      const record::Model& model, const std::vector<std::string>& names) {
  const auto n = static_cast<Eigen::Index>(names.size());
  Difference out{.names = names,
                 .measured = Eigen::VectorXd(n),
                 .simulated = Eigen::VectorXd(n),
                 .random = matrix_of(measured.covariance, names,
                                     sigmas(measured.quantities, names, &Quantity::sigma)),
                 .systematic = shared_systematic(measured, simulated, names),
                 .simulation = matrix_of(simulated.covariance, names,
                                         sigmas(simulated.quantities, names, &Quantity::sigma)),
                 .discrepancy = Eigen::MatrixXd::Zero(n, n),
                 .input = of_input(measured, simulated, model, names)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto& name = names[static_cast<std::size_t>(i)];
    out.measured[i] = *measured.quantities.at(name).value;
    out.simulated[i] = *simulated.quantities.at(name).value;
    const auto declared = model.discrepancy.find(name);
    if (declared == model.discrepancy.end()) continue;
    out.discrepancy(i, i) = std::pow(declared->second.at(out.measured[i]), 2);
  }
  return out;
}

double chi_squared(const Eigen::VectorXd& residual, const Eigen::MatrixXd& covariance) {
  if (residual.size() == 0) return 0.0;
  // Scaled to unit diagonal, so that quantities of 1e-5 and of 10 are equally safe from rounding.
  const Eigen::VectorXd scale = covariance.diagonal().cwiseMax(0).cwiseSqrt();
  if ((scale.array() <= 0).any()) return std::numeric_limits<double>::infinity();
  const Eigen::MatrixXd correlation =
      scale.cwiseInverse().asDiagonal() * covariance * scale.cwiseInverse().asDiagonal();
  const Eigen::LLT<Eigen::MatrixXd> factor(correlation);
  if (factor.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  const Eigen::VectorXd z = residual.cwiseQuotient(scale);
  return z.dot(factor.solve(z));
}

std::optional<Eigen::MatrixXd> jacobian_of(const record::Jacobian& jacobian,
                                           const std::vector<std::string>& names,
                                           const record::Model& model) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(names.size()),
                      static_cast<Eigen::Index>(model.free.size()));
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
      const auto element = jacobian.at(names[static_cast<std::size_t>(i)],
                                       model.free[static_cast<std::size_t>(k)].name);
      if (!element || !std::isfinite(*element)) return std::nullopt;
      out(i, k) = *element;
    }
  return out;
}

Eigen::VectorXd parameters_of(const record::Evaluation& evaluation, const record::Model& model) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(model.free.size()));
  for (Eigen::Index k = 0; k < out.size(); ++k) {
    const auto& name = model.free[static_cast<std::size_t>(k)].name;
    const auto at = evaluation.parameters.find(name);
    if (at == evaluation.parameters.end())
      throw Error(Cause::data, "history: an evaluation of " + evaluation.alternative +
                                   " lacks the free parameter '" + name +
                                   "'; each one states all of them");
    out[k] = at->second;
  }
  return out;
}

}  // namespace twin::match
