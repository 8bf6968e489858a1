// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/judge.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "match/answer.h"
#include "match/compare.h"
#include "match/estimate.h"
#include "match/residual.h"
#include "match/text.h"
#include "numeric/statistics.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Pair;
using record::Verdict;

/// The linearised estimate at one evaluation; no jacobian when it lacks an element.
struct Estimate {
  VectorXd parameters;
  std::optional<MatrixXd> jacobian;  ///< [fitted × p]
  MatrixXd covariance;               ///< [fitted × fitted]
};

std::optional<double> at(const std::map<std::string, record::Allowance>& allowances,
                         const std::string& name, double measured) {
  const auto found = allowances.find(name);
  if (found == allowances.end()) return std::nullopt;
  return found->second.at(measured);
}

bool equivalent(const Pair& pair, double sigma) {
  // One-sided 5 % on either side: large errors alone never pass.
  return !pair.tolerance ||
         std::abs(pair.simulated - pair.measured) + 1.645 * sigma <= *pair.tolerance;
}

Pair make_pair(const Difference& d, Index i, double sigma, const record::Result& measured,
               const record::Model& model) {
  Pair pair;
  pair.name = d.names[static_cast<std::size_t>(i)];
  pair.unit = measured.quantities.at(pair.name).unit;
  pair.measured = d.measured[i];
  pair.simulated = d.simulated[i];
  pair.sigma_random = std::sqrt(d.random(i, i));
  pair.sigma_systematic = std::sqrt(d.systematic(i, i));
  pair.sigma_measured = std::hypot(pair.sigma_random, pair.sigma_systematic);
  pair.sigma_simulated = std::sqrt(d.simulation(i, i));
  pair.sigma_model = std::sqrt(d.discrepancy(i, i));
  pair.z = (pair.simulated - pair.measured) / sigma;
  pair.tolerance = at(model.tolerance, pair.name, pair.measured);
  pair.within_tolerance = equivalent(pair, sigma);
  return pair;
}

/// Covariance of the residual of held-back data: V_hh, and what the fit leaves uncertain. With
/// δθ = K e_f, K = Σ Jᵀ V_ff⁻¹, the residual is e_h - J_h δθ, hence [-J_h K, 1] V [-J_h K, 1]ᵀ
/// and the part of Σ that comes from the priors. V_hh alone where there is no jacobian.
MatrixXd held_back_covariance(const MatrixXd& v, const Estimate& fit,
                              const std::optional<MatrixXd>& j_held, const record::Model& model) {
  const Index f = fit.covariance.rows(), h = v.rows() - f;
  if (!fit.jacobian || !j_held || f == 0 || h == 0) return v.bottomRightCorner(h, h);
  const MatrixXd info = information(*fit.jacobian, fit.covariance, model);
  const MatrixXd sigma = parameter_covariance(info);
  const MatrixXd gain = sigma * fit.covariance.ldlt().solve(*fit.jacobian).transpose();
  MatrixXd m = MatrixXd::Identity(h, f + h);
  m.leftCols(f) = -*j_held * gain;
  m.rightCols(h).setIdentity();
  const MatrixXd priors = information(MatrixXd(0, sigma.rows()), MatrixXd(0, 0), model);
  return m * v * m.transpose() + *j_held * sigma * priors * sigma.transpose() * j_held->transpose();
}

/// What the last step of the fit would still take from χ². This run's own noise along the fitted
/// directions is in it, which no degree of freedom stands for: without it p is too small, and
/// uniform less it. More than a step within the errors (p of it 0.01) is not a last step: 0.
double left_to_fit(const VectorXd& residual, const Estimate& fit, const record::Model& model) {
  const Index parameters = fit.parameters.size();
  if (!fit.jacobian || parameters == 0 || residual.size() == 0) return 0;
  const Proposal step =
      propose(fit.parameters, residual, *fit.jacobian, fit.covariance, model, 1.0);
  const double p = numeric::chi_squared_survival(step.decrease, static_cast<double>(parameters));
  return p < 0.01 ? 0.0 : step.decrease;
}

/// J Σ Jᵀ of the priors [f + h × f + h]; rows whose slopes are not known are left at 0.
MatrixXd left_open(const std::optional<MatrixXd>& fitted, const std::optional<MatrixXd>& held,
                   Index f, Index h, const record::Model& model) {
  const auto p = static_cast<Index>(model.free.size());
  MatrixXd j = MatrixXd::Zero(f + h, p);
  if (fitted) j.topRows(f) = *fitted;
  if (held) j.bottomRows(h) = *held;
  VectorXd variance(p);
  for (Index k = 0; k < p; ++k)
    variance[k] = std::pow(
        model.free[static_cast<std::size_t>(k)].prior_sigma.value_or(ranges(model)[k] / 3), 2);
  return j * variance.asDiagonal() * j.transpose();
}

void compare_quantities(const record::Result& measured, const record::Evaluation& simulated,
                        const record::Model& model, const Pairing& pairing, const Estimate& fit,
                        const Known& known, Verdict& verdict) {
  auto names = pairing.fitted;
  names.insert(names.end(), pairing.held_back.begin(), pairing.held_back.end());
  const Difference d = difference(measured, simulated, model, names);
  const auto f = static_cast<Index>(pairing.fitted.size());
  const Index h = static_cast<Index>(names.size()) - f;
  MatrixXd v = d.covariance();
  const auto j_held = jacobian_of(simulated.jacobian, pairing.held_back, model);
  if (known.predicted)
    v += left_open(fit.jacobian, j_held, f, h, model);
  else
    v.bottomRightCorner(h, h) = held_back_covariance(v, fit, j_held, model);
  const VectorXd r = d.residual();
  for (Index i = 0; i < r.size(); ++i) {
    verdict.pairs.push_back(make_pair(d, i, std::sqrt(v(i, i)), measured, model));
    verdict.pairs.back().fitted = i < f;
  }
  const PriorMisfit priors = prior_misfit(fit.parameters, model);
  verdict.chi2 = chi_squared(r.head(f), v.topLeftCorner(f, f));
  verdict.dof = static_cast<int>(f);
  if (!known.predicted) {
    verdict.chi2 += priors.chi2;
    if (!known.secants) verdict.chi2 -= left_to_fit(r.head(f), fit, model);
    verdict.dof += priors.count - static_cast<int>(model.free.size());
  }
  if (f > 0 && verdict.dof > 0)
    verdict.p = numeric::chi_squared_survival(verdict.chi2, verdict.dof);
  verdict.chi2_held_back = chi_squared(r.tail(h), v.bottomRightCorner(h, h));
  verdict.dof_held_back = static_cast<int>(h);
  if (h > 0) verdict.p_held_back = numeric::chi_squared_survival(verdict.chi2_held_back, double(h));
}

/// Of the parameters [p × p]; nothing where there is no jacobian.
std::optional<MatrixXd> uncertainty(const Estimate& fit, const record::Model& model) {
  if (!fit.jacobian) return std::nullopt;
  return parameter_covariance(information(*fit.jacobian, fit.covariance, model));
}

record::Covariance of_parameters(const MatrixXd& matrix, const record::Model& model) {
  record::Covariance out;
  for (const auto& parameter : model.free) out.names.push_back(parameter.name);
  for (Index i = 0; i < matrix.rows(); ++i)
    for (Index k = 0; k < matrix.cols(); ++k) out.matrix.push_back(matrix(i, k));
  return out;
}

/// Whether the data say next to nothing of a parameter: they leave more than 0.9 of its prior's
/// standard deviation, or of that of a flat one within its bounds.
bool is_unobservable(double sigma, const record::FreeParameter& parameter) {
  constexpr double left = 0.9;
  const double width = parameter.upper - parameter.lower;
  double prior = width > 0 && std::isfinite(width) ? width / std::sqrt(12.0) : 0.0;
  if (const double own = parameter.prior_sigma.value_or(0); own > 0)
    prior = prior > 0 ? std::min(prior, own) : own;
  return prior > 0 && sigma > left * prior;
}

/// A condition that was measured and that the model was free to leave.
void compare_input(const record::Quantity& condition, const record::FreeParameter& parameter,
                   double value, std::optional<double> sigma, const record::Model& model,
                   Verdict& verdict) {
  if (condition.unit != parameter.unit) {
    verdict.unpaired.push_back(parameter.name + ": measured in '" + condition.unit +
                               "', simulated in '" + parameter.unit + "'");
    return;
  }
  if (!sigma) {
    verdict.unpaired.push_back(parameter.name + ": no jacobian, so no uncertainty of the estimate");
    sigma = 0.0;
  }
  Pair pair;
  pair.name = parameter.name;
  pair.unit = parameter.unit;
  pair.input = true;
  pair.measured = *condition.value;
  pair.sigma_random = condition.sigma.value_or(0);
  pair.sigma_systematic = condition.sigma_sys.value_or(0);
  pair.sigma_measured = condition.sigma_total();
  pair.simulated = value;
  pair.sigma_simulated = *sigma;
  const double total = std::hypot(pair.sigma_measured, *sigma);
  if (total > 0) pair.z = (pair.simulated - pair.measured) / total;
  pair.tolerance = at(model.tolerance, pair.name, pair.measured);
  pair.within_tolerance = equivalent(pair, total);
  verdict.pairs.push_back(pair);
}

void compare_parameters(const record::Result& measured, const record::Model& model,
                        const Estimate& fit, const Known& known, Verdict& verdict) {
  const auto covariance = uncertainty(fit, model);
  if (covariance) verdict.covariance = of_parameters(*covariance, model);
  for (Index k = 0; k < fit.parameters.size(); ++k) {
    const auto& parameter = model.free[static_cast<std::size_t>(k)];
    const double value = fit.parameters[k];
    const auto sigma = covariance ? std::optional(std::sqrt((*covariance)(k, k))) : std::nullopt;
    record::Quantity estimate;
    estimate.value = value;
    estimate.sigma = sigma;
    estimate.unit = parameter.unit;
    estimate.method = "match";
    verdict.parameters[parameter.name] = estimate;
    const auto bound = known.reaches_bound.find(parameter.name);
    const bool reaches = bound != known.reaches_bound.end()
                             ? bound->second
                             : sigma && value - 1.96 * *sigma <= parameter.lower;
    // A phase that is not there is an answer as good as one that is all there is.
    if (reaches && parameter.upper > parameter.lower && !record::is_phase_fraction(parameter.name))
      verdict.unresolved.push_back(parameter.name);
    if (sigma && !known.predicted && is_unobservable(*sigma, parameter))
      verdict.unobservable.push_back(parameter.name);
    const auto condition = measured.context.environment.find(parameter.name);
    if (condition != measured.context.environment.end() && condition->second.value)
      compare_input(condition->second, parameter, value, sigma, model, verdict);
  }
}

/// A temperature that the model states by itself: was the sample at it? (One that is taken from the
/// measurement is equal by construction; one that is free is compared with its estimate.)
void compare_fixed_temperature(const record::Result& measured, const record::Model& model,
                               Verdict& verdict) {
  const auto condition = measured.context.environment.find("temperature");
  if (condition == measured.context.environment.end() || !condition->second.value) return;
  if (!model.temperature || model.temperature_from_measurement) return;
  if (std::ranges::find(model.free, "temperature", &record::FreeParameter::name) !=
      model.free.end())
    return;
  record::FreeParameter fixed;
  fixed.name = "temperature";
  fixed.unit = "K";
  auto own = model;  // without a tolerance of its own, three standard errors
  const double error = std::hypot(condition->second.sigma_total(), model.temperature_sigma);
  own.tolerance.try_emplace("temperature", record::Allowance{3 * error, "K", false});
  compare_input(condition->second, fixed, *model.temperature, model.temperature_sigma, own,
                verdict);
}

Estimate estimate_at(const record::Result& measured, const record::Evaluation& simulated,
                     const record::Model& model, const Pairing& pairing) {
  return {parameters_of(simulated, model), jacobian_of(simulated.jacobian, pairing.fitted, model),
          difference(measured, simulated, model, pairing.fitted).covariance()};
}

}  // namespace

Verdict judge(const record::Result& measured, const record::Evaluation& simulated,
              const record::Model& model, const Known& known) {
  Verdict verdict;
  verdict.scan = measured.context.scan;
  verdict.alternative = simulated.alternative;
  verdict.budget = model.budget;
  verdict.confirmed = known.confirmed;
  for (const auto& id : {measured.header.id, simulated.state})
    if (!id.empty()) verdict.header.from.push_back(id);
  const Pairing pairing = pair_up(measured, simulated, model);
  verdict.unpaired = pairing.unpaired;
  const Estimate fit = estimate_at(measured, simulated, model, pairing);
  compare_quantities(measured, simulated, model, pairing, fit, known, verdict);
  compare_parameters(measured, model, fit, known, verdict);
  compare_fixed_temperature(measured, model, verdict);
  answer(verdict,
         {.equilibrated = simulated.equilibrated,
          .extracted = measured.converged,
          .at_bound = simulated.at_bound},
         model);
  return verdict;
}

Verdict compare(const record::Result& measured, const record::Evaluation& simulated,
                const record::Model& model) {
  return judge(measured, simulated, model, {.confirmed = simulated.confirmation});
}

const Pair* worst_of(const Verdict& verdict) {
  const Pair* worst = nullptr;
  for (const auto& pair : verdict.pairs)
    if (!pair.input && (!worst || std::abs(pair.z) > std::abs(worst->z))) worst = &pair;
  return worst;
}

std::string describe(const Pair& pair) {
  return printable(pair.name) + " simulated " +
         with_uncertainty(pair.simulated, pair.sigma_simulated) + ", measured " +
         with_uncertainty(pair.measured, pair.sigma_measured) + ": z " + deviate(pair.z);
}

}  // namespace twin::match
