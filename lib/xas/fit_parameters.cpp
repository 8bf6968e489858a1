// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit_parameters.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

void append(Eigen::VectorXd& vector, double value) {
  vector.conservativeResize(vector.size() + 1);
  vector[vector.size() - 1] = value;
}

}  // namespace

FitParameters::FitParameters(const std::vector<record::PathSettings>& paths,
                             const std::vector<PathModel>& feff, double s02)
    : s02_(s02) {
  if (paths.empty() || paths.size() != feff.size())
    throw Error(Cause::configuration, "fit: " + std::to_string(paths.size()) + " paths and " +
                                          std::to_string(feff.size()) +
                                          " from FEFF; as many of both, one at least, are wanted");
  if (!(s02 > 0))
    throw Error(Cause::configuration, "fit: s02 is " + shortest(s02) + "; it must be positive");
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const record::PathSettings& path = paths[i];
    reff_.push_back(feff[i].reff());
    slots_.emplace_back();
    // Filled one by one: slot() looks at how many paths there are.
    const auto add = [&](Kind kind, const record::PathParameter& given, double fallback) {
      slots_[i][kind] = slot(given, fallback, kind, path.name);
    };
    add(n, path.n, feff[i].degeneracy());
    add(r, path.r, feff[i].reff());
    add(sigma2, path.sigma2, 0.005);
    add(c3, path.c3, 0.0);
    if (i > 0 && !path.e0.free && !path.e0.value)
      slots_[i][e0] = slots_[0][e0];
    else
      add(e0, path.e0, 0.0);
  }
  if (names_.empty())
    throw Error(Cause::configuration,
                "fit: no parameter is free; free one of n, r, sigma2, c3, e0");
}

FitParameters::Slot FitParameters::slot(const record::PathParameter& given, double fallback,
                                        Kind kind, const std::string& path) {
  static constexpr std::array<const char*, kinds> prefixes{"n:", "r:", "sigma2:", "c3:", "de0:"};
  Slot out{given.value.value_or(fallback), -1};
  if (!given.free) return out;
  const double infinity = std::numeric_limits<double>::infinity();
  const double lower = given.lower.value_or(-infinity), upper = given.upper.value_or(infinity);
  const std::string name = prefixes[kind] + path;
  if (!(lower < upper))
    throw Error(Cause::configuration, "fit: " + printable(name) + ": lower bound " +
                                          shortest(lower) + " is not below the upper bound " +
                                          shortest(upper));
  if (!std::isfinite(out.fixed))
    throw Error(Cause::configuration, "fit: " + printable(name) + ": the start is not finite");
  out.free = start_.size();
  append(start_, out.fixed);
  append(lower_, lower);
  append(upper_, upper);
  names_.push_back(name);
  kind_.push_back(kind);
  path_.push_back(slots_.size() - 1);
  return out;
}

double FitParameters::value(std::size_t path, Kind kind, const Eigen::VectorXd& x) const {
  const Slot& slot = slots_[path][kind];
  return slot.free < 0 ? slot.fixed : x[slot.free];
}

PathValues FitParameters::values(std::size_t path, const Eigen::VectorXd& x) const {
  PathValues out;
  out.amplitude = value(path, n, x) * s02_;
  out.e0 = value(path, e0, x);
  out.delta_r = value(path, r, x) - reff_[path];
  out.sigma2 = value(path, sigma2, x);
  out.c3 = value(path, c3, x);
  return out;
}

void FitParameters::collect(std::size_t path, const Eigen::MatrixXd& slopes,
                            Eigen::MatrixXd& jacobian) const {
  // PathModel's order: amplitude, e0, delta_r, sigma2, c3, c4
  static constexpr std::array<int, kinds> column{0, 2, 3, 4, 1};
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    const Eigen::Index free = slots_[path][kind].free;
    if (free >= 0) jacobian.col(free) += (kind == n ? s02_ : 1.0) * slopes.col(column[kind]);
  }
}

double FitParameters::sense(Eigen::Index i, const Eigen::VectorXd& x) const {
  const auto at = static_cast<std::size_t>(i);
  const double width = std::abs(value(path_[at], sigma2, x));
  double out = std::numeric_limits<double>::infinity();
  switch (kind_[at]) {
    case n:
      out = std::abs(x[i]);
      break;
    case r:
      out = 0.25;
      break;
    case sigma2:
      out = std::max(width, 0.003);
      break;
    // A cumulant is told from zero, or is small for a distribution of this width.
    case c3:
      out = std::max(std::abs(x[i]), 0.3 * std::pow(width, 1.5));
      break;
    case e0:
      out = 10.0;
      break;
    case kinds:
      break;
  }
  return std::min(out, upper_[i] - lower_[i]);
}

}  // namespace twin::xas
