// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/bond.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace bond {

namespace {

using twin::record::Evaluation;
using twin::record::Model;
using twin::record::Quantity;

constexpr double gamma = 2.0;
constexpr int sites = 6, grid = 601;
const std::array<const char*, parameters> free_names{"r0", "log_k", "mu"};
const Parameters lowest{2.8, 2.3, 0.5}, highest{3.5, 4.7, 5.0};

double occupied(double mu) { return 1 / (1 + std::exp(-mu)); }

struct Well {
  double k, r0;
  explicit Well(const Parameters& at) : k(std::exp(at[1])), r0(at[0]) {}
  [[nodiscard]] double energy(double x) const {
    const double u = x - r0, g = gamma * u;
    return 0.5 * k * u * u * (1 - g + 7.0 / 12 * g * g);
  }
  [[nodiscard]] double slope(double x) const {
    const double u = x - r0, g = gamma * u;
    return 0.5 * k * u * (2 - 3 * g + 7.0 / 3 * g * g);
  }
  [[nodiscard]] double begin() const { return r0 - 7 / std::sqrt(k); }
  [[nodiscard]] double step() const { return 14 / std::sqrt(k) / (grid - 1); }
};

/// Weights of the grid's points, their sum 1.
Eigen::VectorXd weights(const Well& well) {
  Eigen::VectorXd out(grid);
  for (int i = 0; i < grid; ++i) out[i] = std::exp(-well.energy(well.begin() + i * well.step()));
  return out / out.sum();
}

/// Lattice of one sample: it shrinks where sites are empty.
double lattice(double x, double n) { return 2 * x * (0.98 + 0.02 * n / sites); }

/// What one sample adds to each mean, to first order (influence functions).
Observed influence(double x, double n, double mean, double variance) {
  const double d = x - mean;
  return {n, x, d * d, d * d * d - 3 * variance * d, lattice(x, n)};
}

}  // namespace

const std::vector<std::string>& names() {
  static const std::vector<std::string> all{"n:Pb-I.1", "r:Pb-I.1", "sigma2:Pb-I.1", "c3:Pb-I.1",
                                            "a"};
  return all;
}

Covariance measurement_covariance() {
  const Observed sigma{0.2, 0.004, 0.0012, 4e-4, 0.008};
  Covariance correlation = Covariance::Identity();
  correlation(0, 2) = correlation(2, 0) = 0.8;
  correlation(1, 3) = correlation(3, 1) = 0.8;
  return sigma.asDiagonal() * correlation * sigma.asDiagonal();
}

Exact exact(const Parameters& at) {
  const Well well(at);
  const Eigen::VectorXd w = weights(well);
  const double p = occupied(at[2]);
  double mean = 0, variance = 0, third = 0;
  for (int i = 0; i < grid; ++i) mean += w[i] * (well.begin() + i * well.step());
  for (int i = 0; i < grid; ++i) {
    const double d = well.begin() + i * well.step() - mean;
    variance += w[i] * d * d;
    third += w[i] * d * d * d;
  }
  const double n = sites * p, n_variance = sites * p * (1 - p);
  Exact out;
  out.mean = {n, mean, variance, third, lattice(mean, n)};
  // The lattice is a product of independent factors; of the rest only x is shared.
  const double half = std::sqrt(n_variance);
  Observed sum = Observed::Zero();
  Covariance square = Covariance::Zero();
  for (int i = 0; i < grid; ++i)
    for (const double side : {-half, half}) {  // two points have a binomial's mean and variance
      const Observed f = influence(well.begin() + i * well.step(), n + side, mean, variance);
      sum += 0.5 * w[i] * f;
      square += 0.5 * w[i] * f * f.transpose();
    }
  out.of_one = square - sum * sum.transpose();
  return out;
}

Evaluation simulate(const Model& model, int samples, bool with_jacobian) {
  std::mt19937_64 random(static_cast<std::uint64_t>(model.seed));
  Evaluation out;
  out.alternative = model.potential;
  out.seed = model.seed;
  for (const auto& parameter : model.free) out.parameters[parameter.name] = parameter.value;
  const Parameters at = parameters_of(out.parameters);
  const Well well(at);
  const Eigen::VectorXd w = weights(well);
  std::vector<double> cumulated(grid);
  for (std::size_t i = 0; i < cumulated.size(); ++i)
    cumulated[i] = w[static_cast<Eigen::Index>(i)] + (i > 0 ? cumulated[i - 1] : 0);
  std::uniform_real_distribution<double> uniform;
  std::binomial_distribution<int> binomial(sites, occupied(at[2]));
  Eigen::MatrixXd xn(samples, 2);
  for (int i = 0; i < samples; ++i) {
    const auto above = std::ranges::lower_bound(cumulated, uniform(random) * cumulated.back());
    const double j = static_cast<double>(above - cumulated.begin());
    xn.row(i) << well.begin() + (j + uniform(random) - 0.5) * well.step(), binomial(random);
  }
  const double mean = xn.col(0).mean();
  const double variance = (xn.col(0).array() - mean).square().mean();
  const double third = (xn.col(0).array() - mean).cube().mean();
  Eigen::MatrixXd f(samples, observables), slopes(samples, parameters);
  for (int i = 0; i < samples; ++i) {
    const double x = xn(i, 0), n = xn(i, 1);
    f.row(i) = influence(x, n, mean, variance);
    slopes.row(i) << -well.slope(x), well.energy(x), -n;  // ∂(U/kT)/∂θ
  }
  const Observed means{xn.col(1).mean(), mean, variance, third, f.col(4).mean()};
  f.rowwise() -= f.colwise().mean().eval();
  slopes.rowwise() -= slopes.colwise().mean().eval();
  const Covariance covariance = f.transpose() * f / samples / (samples - 1.0);
  out.covariance.names = names();
  for (int i = 0; i < observables; ++i) {
    Quantity& q = out.quantities[names()[static_cast<std::size_t>(i)]];
    q.value = means[i];
    q.sigma = std::sqrt(covariance(i, i));
    q.method = "fit";
    for (int j = 0; j < observables; ++j) out.covariance.matrix.push_back(covariance(i, j));
  }
  if (!with_jacobian) return out;
  const Eigen::MatrixXd jacobian = -f.transpose() * slopes / (samples - 1.0);
  out.jacobian.rows = names();
  out.jacobian.columns = {free_names.begin(), free_names.end()};
  for (int i = 0; i < observables; ++i)
    for (int j = 0; j < parameters; ++j) out.jacobian.matrix.push_back(jacobian(i, j));
  return out;
}

Parameters parameters_of(const std::map<std::string, double>& named) {
  Parameters out;
  for (int i = 0; i < parameters; ++i) out[i] = named.at(free_names[static_cast<std::size_t>(i)]);
  return out;
}

Observed observed(const twin::record::Quantities& quantities) {
  Observed out;
  for (int i = 0; i < observables; ++i)
    out[i] = quantities.at(names()[static_cast<std::size_t>(i)]).value.value();
  return out;
}

double misfit(const twin::record::Result& measured, const Parameters& at, int samples) {
  const Exact now = exact(at);
  const Observed r = observed(measured.quantities) - now.mean;
  const Covariance v = measurement_covariance() + now.of_one / samples;
  return r.dot(v.llt().solve(r)) / observables;
}

namespace {

/// Of the best fit, by Gauss and Newton from the truth.
double best_misfit(const Problem& problem, int samples) {
  const Covariance inverse = measurement_covariance().inverse();
  Parameters at = problem.truth;
  for (int round = 0; round < 8; ++round) {
    Eigen::Matrix<double, observables, parameters> slope;
    for (int j = 0; j < parameters; ++j) {
      Parameters up = at, down = at;
      up[j] += 1e-4;
      down[j] -= 1e-4;
      slope.col(j) = (exact(up).mean - exact(down).mean) / 2e-4;
    }
    const Observed r = observed(problem.measured.quantities) - exact(at).mean;
    const Eigen::Matrix3d normal = slope.transpose() * inverse * slope;
    at += normal.ldlt().solve(slope.transpose() * inverse * r);
    at = at.cwiseMax(lowest).cwiseMin(highest);
  }
  return misfit(problem.measured, at, samples);
}

Problem attempt(std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  const auto inside = [&](double from, double to) { return from + (to - from) * uniform(random); };
  Problem out;
  out.truth = {inside(3.0, 3.3), inside(3.0, 4.2), inside(1.5, 3.5)};
  Observed noise;
  for (double& one : noise) one = normal(random);
  const Covariance v = measurement_covariance();
  const Covariance root = v.llt().matrixL();
  const Observed y = exact(out.truth).mean + root * noise;
  out.measured.context.scan = "hidden";
  out.measured.covariance.names = names();
  Model& model = out.model;
  for (int i = 0; i < observables; ++i) {
    const std::string& name = names()[static_cast<std::size_t>(i)];
    Quantity& q = out.measured.quantities[name];
    q.value = y[i];
    q.sigma = std::sqrt(v(i, i));
    q.method = "fit";
    for (int j = 0; j < observables; ++j) out.measured.covariance.matrix.push_back(v(i, j));
    model.fit_to.push_back(name);
    model.tolerance[name] = {5 * *q.sigma, "", false};
  }
  model.potentials = {"bond"};
  model.budget = 60;
  for (int j = 0; j < parameters; ++j)
    model.free.push_back({free_names[static_cast<std::size_t>(j)],
                          inside(lowest[j], highest[j]),
                          "",
                          lowest[j],
                          highest[j],
                          {},
                          {}});
  return out;
}

}  // namespace

Problem draw_any(std::uint64_t seed) {
  std::mt19937_64 random(seed * 1000003 + 54321);
  Problem problem = attempt(random);
  problem.model.seed = static_cast<std::int64_t>(1 + 1000000 * seed);
  return problem;
}

Problem draw(std::uint64_t seed, int samples) {
  std::mt19937_64 random(seed * 1000003 + 12345);
  while (true) {
    Problem problem = attempt(random);
    const Parameters start{problem.model.free[0].value, problem.model.free[1].value,
                           problem.model.free[2].value};
    if (misfit(problem.measured, start, samples) < 50) continue;
    if (best_misfit(problem, samples) >= 0.8) continue;
    problem.model.seed = static_cast<std::int64_t>(1 + 1000000 * seed);
    return problem;
  }
}

}  // namespace bond
