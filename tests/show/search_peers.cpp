// SPDX-License-Identifier: GPL-3.0-or-later
#include "search_peers.h"

#include <nlopt.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "match/surrogate.h"

namespace peers {

namespace {

using bond::Covariance;
using bond::Observed;
using bond::Parameters;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Counts simulations, and confirms what seems to fit.
class Laboratory {
 public:
  Laboratory(const bond::Problem& problem, int samples, int most)
      : model_(problem.model), samples_(samples), most_(most) {
    y = bond::observed(problem.measured.quantities);
    for (const auto& free : model_.free) {
      const auto k = static_cast<Index>(&free - model_.free.data());
      low[k] = free.lower;
      high[k] = free.upper;
      start[k] = free.value;
    }
  }

  struct Run {
    Observed mean, variance;
    double chi2 = 0;
  };

  Run simulate(const Parameters& at) {
    for (std::size_t k = 0; k < model_.free.size(); ++k)
      model_.free[k].value = at[static_cast<Index>(k)];
    ++model_.seed;
    ++found.simulations;
    const auto run = bond::simulate(model_, samples_, false);
    Run out;
    out.mean = bond::observed(run.quantities);
    Covariance v = bond::measurement_covariance();
    for (int i = 0; i < bond::observables; ++i)
      for (int j = 0; j < bond::observables; ++j) {
        const double c = run.covariance.matrix[static_cast<std::size_t>(i * bond::observables + j)];
        v(i, j) += c;
        if (i == j) out.variance[i] = c;
      }
    const Observed r = y - out.mean;
    out.chi2 = r.dot(v.llt().solve(r));
    return out;
  }

  /// A run; where it seems to fit, its confirmation as well.
  Run look(const Parameters& at) {
    const Run run = simulate(at);
    if (!found.claimed && fits(run) && fits(simulate(at))) {
      found.claimed = true;
      found.at = at;
    }
    return run;
  }

  [[nodiscard]] bool over() const { return found.claimed || found.simulations >= most_; }

  Parameters low, high, start;
  Observed y;
  Found found;

 private:
  static bool fits(const Run& run) { return run.chi2 / bond::observables < bond::true_below; }

  twin::record::Model model_;
  int samples_, most_;
};

void composite(Laboratory& lab, std::mt19937_64& random) {
  constexpr int initial = 8, candidates = 600, draws = 64;
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  const Parameters range = lab.high - lab.low;
  std::vector<Parameters> at;
  std::vector<Laboratory::Run> runs;
  const auto look = [&](const Parameters& unit) {
    at.push_back(unit);
    runs.push_back(lab.look(lab.low + unit.cwiseProduct(range)));
  };
  look((lab.start - lab.low).cwiseQuotient(range));
  std::array<std::array<int, initial>, bond::parameters> cells;
  for (auto& column : cells) {
    for (int i = 0; i < initial; ++i) column[static_cast<std::size_t>(i)] = i;
    std::ranges::shuffle(column, random);
  }
  for (std::size_t i = 0; i < initial && !lab.over(); ++i) {
    Parameters unit;
    for (std::size_t k = 0; k < cells.size(); ++k)
      unit[static_cast<Index>(k)] = (cells[k][i] + uniform(random)) / initial;
    look(unit);
  }
  const Covariance root = bond::measurement_covariance().llt().matrixL();
  while (!lab.over()) {
    const auto m = static_cast<Index>(runs.size());
    MatrixXd x(m, bond::parameters), values(m, bond::observables), variance = values;
    double best = 1e300;
    std::size_t best_at = 0;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const auto row = static_cast<Index>(i);
      x.row(row) = at[i];
      values.row(row) = runs[i].mean;
      variance.row(row) = runs[i].variance;
      if (runs[i].chi2 < best) best_at = i;
      best = std::min(best, runs[i].chi2);
    }
    const twin::match::Surrogate surrogate(x, values, variance, VectorXd::Zero(bond::observables));
    MatrixXd deviates(bond::observables, draws);
    for (double& one : deviates.reshaped()) one = normal(random);
    double most = -1;
    Parameters chosen = at[best_at];
    for (int i = 0; i < candidates; ++i) {
      Parameters unit;
      const double spread = i % 3 == 1 ? 0.1 : 0.02;
      for (Index k = 0; k < unit.size(); ++k)
        unit[k] = i % 3 == 0 ? uniform(random)
                             : std::clamp(at[best_at][k] + spread * normal(random), 0.0, 1.0);
      const auto expected = surrogate.predict(unit);
      MatrixXd r = expected.variance.cwiseSqrt().asDiagonal() * deviates;
      r.colwise() += expected.mean - lab.y;
      const MatrixXd white = root.triangularView<Eigen::Lower>().solve(r);
      double gain = 0;
      for (Index j = 0; j < draws; ++j) gain += std::max(0.0, best - white.col(j).squaredNorm());
      if (gain <= most) continue;
      most = gain;
      chosen = unit;
    }
    look(chosen);
  }
}

struct Objective {
  Laboratory* lab;
  nlopt_opt optimizer;
};

double chi2(unsigned, const double* x, double*, void* data) {
  auto& objective = *static_cast<Objective*>(data);
  if (objective.lab->over()) {
    nlopt_force_stop(objective.optimizer);
    return 1e300;
  }
  return objective.lab->look(Parameters(x[0], x[1], x[2])).chi2;
}

void by_nlopt(Laboratory& lab, nlopt_algorithm algorithm) {
  while (!lab.over()) {  // once more from where it ended: its noise may have stopped it
    const int before = lab.found.simulations;
    const std::unique_ptr<nlopt_opt_s, decltype(&nlopt_destroy)> optimizer(
        nlopt_create(algorithm, bond::parameters), nlopt_destroy);
    Objective objective{&lab, optimizer.get()};
    nlopt_set_lower_bounds(optimizer.get(), lab.low.data());
    nlopt_set_upper_bounds(optimizer.get(), lab.high.data());
    nlopt_set_min_objective(optimizer.get(), chi2, &objective);
    nlopt_set_xtol_rel(optimizer.get(), 1e-4);
    double least = 0;
    nlopt_optimize(optimizer.get(), lab.start.data(), &least);
    if (lab.found.simulations == before) break;
  }
}

}  // namespace

Found search(const std::string& method, const bond::Problem& problem, int samples, int most) {
  Laboratory lab(problem, samples, most);
  std::mt19937_64 random(static_cast<std::uint64_t>(problem.model.seed));
  if (method == "composite")
    composite(lab, random);
  else if (method == "nelder-mead")
    by_nlopt(lab, NLOPT_LN_NELDERMEAD);
  else if (method == "bobyqa")
    by_nlopt(lab, NLOPT_LN_BOBYQA);
  else if (method == "sbplx")
    by_nlopt(lab, NLOPT_LN_SBPLX);
  else if (method == "cobyla")
    by_nlopt(lab, NLOPT_LN_COBYLA);
  else
    throw std::invalid_argument(method + ": no such method");
  return lab.found;
}

}  // namespace peers
