// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit_parameters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "xas/fit_builder.h"

namespace twin::xas {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

FitParameters::FitParameters(const std::vector<FitData>& data,
                             const std::vector<record::FitParameter>& parameters,
                             const std::vector<record::Restraint>& restraints) {
  Builder(*this, data, parameters, restraints).run();
}

VectorXd FitParameters::reach() const {
  VectorXd out = VectorXd::Constant(start_.size(), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < free_.size(); ++i)
    if (free_[i].kind == sigma2) out[static_cast<Index>(i)] = 0.01;
  return out;
}

FitParameters::Tied FitParameters::tied(const VectorXd& x) const {
  Tied out;
  out.values.resize(tied_.size());
  out.slopes.assign(tied_.size(), VectorXd::Zero(x.size()));
  for (const std::size_t at : order_) evaluate(at, x, out);
  return out;
}

// With those that it depends on in place, the chain rule.
void FitParameters::evaluate(std::size_t at, const VectorXd& x, Tied& out) const {
  const TiedValue& one = tied_[at];
  const std::vector<Index>& used = one.expression.used();
  const std::vector<Source>& sources = operands_[one.data];
  VectorXd operands = VectorXd::Zero(static_cast<Index>(sources.size())), slope;
  for (const Index i : used) operands[i] = value(sources[static_cast<std::size_t>(i)], x, out);
  out.values[at] = one.expression.value(operands, one.context, &slope);
  VectorXd& by_free = out.slopes[at];
  for (std::size_t i = 0; i < used.size(); ++i) {
    const Source& from = sources[static_cast<std::size_t>(used[i])];
    const double by = slope[static_cast<Index>(i)];
    if (from.free >= 0) by_free[from.free] += by;
    if (from.tied >= 0 && by != 0) by_free += by * out.slopes[static_cast<std::size_t>(from.tied)];
  }
}

double FitParameters::value(const Source& source, const VectorXd& x, const Tied& tied) const {
  if (source.tied >= 0) return tied.values[static_cast<std::size_t>(source.tied)];
  return source.free < 0 ? source.fixed : x[source.free];
}

PathValues FitParameters::values(std::size_t data, std::size_t path, const VectorXd& x,
                                 const Tied& tied) const {
  const auto of = [&](Kind kind) { return value(source(data, path, kind), x, tied); };
  return {.amplitude = of(n) * s02_[data],
          .e0 = of(e0),
          .delta_r = of(r) - reff_[data][path],
          .sigma2 = of(sigma2),
          .c3 = of(c3),
          .c4 = of(c4)};
}

// PathValues' order: amplitude, e0, delta_r, sigma2, c3, c4
static constexpr std::array<int, 6> column_of{0, 2, 3, 4, 5, 1};

unsigned FitParameters::moving(std::size_t data, std::size_t path) const {
  unsigned out = 0;
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    const Source& from = sources_[data][path][kind];
    if (from.free >= 0 || from.tied >= 0) out |= 1u << column_of[kind];
  }
  return out;
}

std::vector<Index> FitParameters::touched(std::size_t data) const {
  std::set<Index> out;
  std::set<int> seen;
  std::vector<Source> left;
  for (const Sources& path : sources_[data]) left.insert(left.end(), path.begin(), path.end());
  while (!left.empty()) {
    const Source from = left.back();
    left.pop_back();
    if (from.free >= 0) out.insert(from.free);
    if (from.tied < 0 || !seen.insert(from.tied).second) continue;
    for (const Index i : tied_[static_cast<std::size_t>(from.tied)].expression.used())
      left.push_back(operands_[data][static_cast<std::size_t>(i)]);
  }
  return {out.begin(), out.end()};
}

void FitParameters::collect(std::size_t data, std::size_t path, const Tied& tied,
                            const MatrixXd& slopes, const std::vector<Index>& place,
                            Eigen::Ref<MatrixXd> jacobian) const {
  const auto column = [&](Index free) {
    return jacobian.col(place[static_cast<std::size_t>(free)]);
  };
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    const Source& from = sources_[data][path][kind];
    const auto slope = slopes.col(column_of[kind]);
    const double unit = kind == n ? s02_[data] : 1.0;
    if (from.free >= 0) column(from.free) += unit * slope;
    if (from.tied < 0) continue;
    const VectorXd& by = tied.slopes[static_cast<std::size_t>(from.tied)];
    for (Index i = 0; i < by.size(); ++i)
      if (by[i] != 0) column(i) += (unit * by[i]) * slope;
  }
}

void FitParameters::add_rows(const VectorXd& x, const Tied& tied, Eigen::Ref<VectorXd> residual,
                             MatrixXd* jacobian, Index at) const {
  for (const Row& row : rows_) {
    residual[at] = (value(row.source, x, tied) - row.mean) / row.sigma;
    if (jacobian) {
      jacobian->row(at).setZero();
      if (row.source.free >= 0) (*jacobian)(at, row.source.free) = 1 / row.sigma;
      if (row.source.tied >= 0)
        jacobian->row(at) =
            tied.slopes[static_cast<std::size_t>(row.source.tied)].transpose() / row.sigma;
    }
    ++at;
  }
}

double FitParameters::sense(Index i, const VectorXd& x) const {
  const FreeParameter& one = free_[static_cast<std::size_t>(i)];
  double out = std::numeric_limits<double>::infinity();
  if (one.kind != of_expression) {
    const double width =
        std::abs(value(source(one.data, one.path, sigma2), x, tied_.empty() ? Tied{} : tied(x)));
    // A cumulant is told from zero, or is small for a distribution of this width.
    const std::array<double, kinds> known{std::abs(x[i]),
                                          0.25,
                                          std::max(width, 0.003),
                                          std::max(std::abs(x[i]), 0.3 * std::pow(width, 1.5)),
                                          std::max(std::abs(x[i]), width * width),
                                          10.0};
    out = known[one.kind];
  }
  return std::min(out, upper_[i] - lower_[i]);
}

}  // namespace twin::xas
