// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/trail.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "match/estimate.h"
#include "match/residual.h"

namespace twin::match {

namespace {

using record::Evaluation;

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

/// Equal but for one parameter, which sits at its lower bound: no fraction of a phase, which is not
/// tried there and may come to be nothing by itself.
bool moved_to_bound(const Evaluation& run, const Evaluation& earlier, const record::Model& model) {
  int moved = 0;
  for (const auto& parameter : model.free) {
    const auto a = run.parameters.find(parameter.name), b = earlier.parameters.find(parameter.name);
    if (a == run.parameters.end() || b == earlier.parameters.end()) return false;
    if (near(a->second, b->second)) continue;
    if (!near(a->second, parameter.lower) || record::is_phase_fraction(parameter.name))
      return false;
    ++moved;
  }
  return moved == 1;
}

/// χ² with its priors, and its variance from the noise of the simulation.
struct Cost {
  double value = 0.0, variance = 0.0;
};

Cost cost_of(const record::Result& measured, const record::Model& model, const Evaluation& run,
             const std::vector<std::string>& names) {
  const Difference d = difference(measured, run, model, names);
  const Eigen::VectorXd r = d.residual();
  const Eigen::MatrixXd v = d.covariance();
  Cost out{chi_squared(r, v) + prior_misfit(parameters_of(run, model), model).chi2, 0.0};
  if (names.empty()) return out;
  const Eigen::LDLT<Eigen::MatrixXd> factor(v);
  const Eigen::MatrixXd share = factor.solve(d.simulation);
  out.variance = 4 * r.dot(share * factor.solve(r)) + 2 * (share * share).trace();
  return out;
}

}  // namespace

bool same_parameters(const Evaluation& a, const Evaluation& b) {
  return a.parameters.size() == b.parameters.size() &&
         std::ranges::equal(a.parameters, b.parameters, [](const auto& x, const auto& y) {
           return x.first == y.first && near(x.second, y.second);
         });
}

Trail trail_of(const record::Model& model, const std::string& alternative) {
  Trail out;
  for (Evaluation run : model.history) {
    if (run.alternative != alternative) continue;
    ++out.count;
    out.newest_unequilibrated = !run.equilibrated;
    if (!run.equilibrated) continue;
    // One fixed by name can't be told from a step that happened to end there: confirmations, whose
    // parameters repeat, come first.
    const auto repeats = [&](const Evaluation& e) {
      return e.seed != run.seed && same_parameters(e, run);
    };
    // Whatever the caller says: a run with the seed of an earlier one is that run again.
    const bool new_seed =
        std::ranges::none_of(out.runs, [&](const Evaluation& e) { return e.seed == run.seed; });
    run.confirmation = new_seed && (run.confirmation || std::ranges::any_of(out.runs, repeats));
    run.at_bound = run.at_bound ||
                   (!run.confirmation && std::ranges::any_of(out.runs, [&](const Evaluation& e) {
                     return e.confirmation && moved_to_bound(run, e, model);
                   }));
    (run.at_bound ? out.at_bounds : out.runs).push_back(run);
  }
  return out;
}

std::size_t bound_parameter(const Evaluation& evaluation, const record::Model& model) {
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    const auto at = evaluation.parameters.find(model.free[k].name);
    if (record::is_phase_fraction(model.free[k].name)) continue;
    if (at != evaluation.parameters.end() && near(at->second, model.free[k].lower)) return k;
  }
  return model.free.size();
}

Footing footing(const record::Result& measured, const record::Model& model,
                const std::vector<Evaluation>& runs, const std::vector<std::string>& names) {
  Footing out;
  constexpr double widest = 0.5, narrowest = 0.01;
  Cost best = cost_of(measured, model, runs.front(), names);
  for (std::size_t j = 1; j < runs.size(); ++j) {
    if (same_parameters(runs[j], runs[out.base])) continue;
    const Cost now = cost_of(measured, model, runs[j], names);
    const double noise = std::sqrt(best.variance + now.variance);
    if (now.value > best.value + 2 * noise) {
      const Eigen::VectorXd way =
          parameters_of(runs[j], model) - parameters_of(runs[out.base], model);
      if ((way.cwiseQuotient(ranges(model)).array().abs() > 1.01 * out.radius).any()) {
        out.apart.push_back(j);
        continue;
      }
      out.radius = std::max(narrowest, out.radius / 2);
      continue;
    }
    if (now.value < best.value - noise) out.radius = std::min(widest, out.radius * 2);
    out.base = j;
    best = now;
  }
  return out;
}

}  // namespace twin::match
