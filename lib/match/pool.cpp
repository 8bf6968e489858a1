// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/pool.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "match/residual.h"

namespace twin::match {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Evaluation;

struct Carried {
  VectorXd value;
  MatrixXd covariance;
  double moved = 0;  ///< along the tangent, in standard errors, squared
};

MatrixXd covariance_of(const Evaluation& run, const std::vector<std::string>& names) {
  const auto n = static_cast<Index>(names.size());
  MatrixXd out = MatrixXd::Zero(n, n);
  for (Index i = 0; i < n; ++i)
    for (Index j = 0; j < n; ++j) {
      const auto& a = names[static_cast<std::size_t>(i)];
      const auto element = run.covariance.at(a, names[static_cast<std::size_t>(j)]);
      if (element)
        out(i, j) = *element;
      else if (i == j)
        out(i, j) = std::pow(run.quantities.at(a).sigma.value_or(0), 2);
    }
  return out;
}

Carried carry(const Evaluation& run, const VectorXd& to, const Tangent& tangent,
              const std::vector<std::string>& names, const record::Model& model) {
  const VectorXd way = tangent.jacobian * (to - parameters_of(run, model));
  Carried out{way, covariance_of(run, names), 0};
  for (Index i = 0; i < way.size(); ++i)
    out.value[i] += run.quantities.at(names[static_cast<std::size_t>(i)]).value.value_or(0);
  out.moved = (way.array().square() / (out.covariance.diagonal().array() + 1e-300)).sum();
  out.covariance.diagonal() += (0.2 * way).cwiseAbs2();
  return out;
}

/// Of the runs that can be carried, one an ensemble: the one that loses least on the way.
std::vector<Carried> independent(const std::vector<const Evaluation*>& runs,
                                 const std::vector<Carried>& carried) {
  std::map<std::string, std::size_t> best;
  std::vector<Carried> out;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i]->ensemble.empty()) {
      out.push_back(carried[i]);
      continue;
    }
    const auto [at, fresh] = best.try_emplace(runs[i]->ensemble, i);
    if (!fresh && carried[i].moved < carried[at->second].moved) at->second = i;
  }
  for (const auto& [ensemble, index] : best) out.push_back(carried[index]);
  return out;
}

/// Σ_j W_j x_j with diagonal weights; an exact run (variance 0) gets all the weight that it can.
Carried average(const std::vector<Carried>& all) {
  const Index n = all.front().value.size();
  VectorXd total = VectorXd::Zero(n);
  Carried out{VectorXd::Zero(n), MatrixXd::Zero(n, n), 0};
  const auto weight = [&](const Carried& c) -> VectorXd {
    return (c.covariance.diagonal().array() + 1e-24 * c.value.array().square() + 1e-300).inverse();
  };
  for (const auto& c : all) total += weight(c);
  for (const auto& c : all) {
    const VectorXd share = weight(c).cwiseQuotient(total);
    out.value += share.cwiseProduct(c.value);
    out.covariance += share.asDiagonal() * c.covariance * share.asDiagonal();
  }
  return out;
}

}  // namespace

Evaluation pooled_at(const std::vector<Evaluation>& runs, std::size_t base, const Tangent& tangent,
                     const std::vector<std::string>& names, const record::Model& model) {
  Evaluation out = with_tangent(runs.at(base), tangent, names, model);
  if (names.empty()) return out;
  const VectorXd to = parameters_of(out, model);
  const auto usable = [&](const Evaluation& run) {
    return std::ranges::all_of(names, [&](const auto& name) {
      const auto at = run.quantities.find(name);
      return at != run.quantities.end() && at->second.value;
    });
  };
  std::vector<Carried> carried;
  std::vector<const Evaluation*> of;
  for (const auto& run : runs) {
    if (!usable(run)) continue;
    carried.push_back(carry(run, to, tangent, names, model));
    of.push_back(&run);
  }
  const std::vector<Carried> all = independent(of, carried);
  if (all.empty()) return out;
  const Carried mean = average(all);
  out.covariance.names = names;
  out.covariance.matrix.clear();
  for (Index i = 0; i < mean.value.size(); ++i) {
    auto& quantity = out.quantities.at(names[static_cast<std::size_t>(i)]);
    quantity.value = mean.value[i];
    quantity.sigma = std::sqrt(mean.covariance(i, i));
    for (Index j = 0; j < mean.value.size(); ++j)
      out.covariance.matrix.push_back(mean.covariance(i, j));
  }
  return out;
}

Evaluation with_tangent(Evaluation run, const Tangent& tangent,
                        const std::vector<std::string>& names, const record::Model& model) {
  const record::Jacobian pooled = named(tangent, names, model);
  record::Jacobian merged;
  const auto join = [](std::vector<std::string> a, const std::vector<std::string>& b) {
    for (const auto& name : b)
      if (!std::ranges::count(a, name)) a.push_back(name);
    return a;
  };
  merged.rows = join(pooled.rows, run.jacobian.rows);
  merged.columns = join(pooled.columns, run.jacobian.columns);
  for (const auto& row : merged.rows)
    for (const auto& column : merged.columns) {
      auto element = pooled.at(row, column);
      if (!element) element = run.jacobian.at(row, column);
      merged.matrix.push_back(element.value_or(std::nan("")));
    }
  run.jacobian = std::move(merged);
  return run;
}

}  // namespace twin::match
