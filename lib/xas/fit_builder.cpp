// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/fit_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;

[[noreturn]] void fail(const std::string& what) {
  throw Error(Cause::configuration, "fit: " + what);
}

void append(Eigen::VectorXd& vector, double value) {
  vector.conservativeResize(vector.size() + 1);
  vector[vector.size() - 1] = value;
}

}  // namespace

void FitParameters::Builder::run() {
  check();
  for (std::size_t d = 0; d < data.size(); ++d) names_.push_back(operand_names(d));
  for (std::size_t d = 0; d < data.size(); ++d) {
    out.s02_.push_back(data[d].s02);
    out.reff_.emplace_back();
    out.sources_.emplace_back();
    for (std::size_t p = 0; p < data[d].paths.size(); ++p) add_path(d, p);
  }
  add_expressions();
  for (std::size_t i = 0; i < restraints.size(); ++i) add_restraint(restraints[i], i + 1);
  find_used();
  share_parameters();
  put_in_order();
  check_names();
  check_start();
  if (out.names_.empty()) fail("no parameter is free; free one of n, r, sigma2, c3, c4, e0");
}

void FitParameters::Builder::check() const {
  if (data.empty()) fail("no spectrum; one at least is wanted");
  std::set<std::string> seen;
  for (const FitData& one : data) {
    if (one.paths.empty() || one.paths.size() != one.feff.size())
      fail(std::to_string(one.paths.size()) + " paths and " + std::to_string(one.feff.size()) +
           " from FEFF; as many of both, one at least, are wanted");
    if (!(one.s02 > 0)) fail("s02 is " + shortest(one.s02) + "; it must be positive");
    if (data.size() > 1 && (one.name.empty() || !seen.insert(one.name).second))
      fail("spectrum '" + printable(one.name) + "': several spectra need names of their own");
  }
  for (const record::FitParameter& one : parameters) {
    if (!Expression::may_name(one.name))
      fail("parameter '" + printable(one.name) +
           "': a name has letters, digits and _, and is none of the words of expressions");
    if (!seen.insert("\n" + one.name).second)
      fail("parameter " + printable(one.name) + ": there are two of that name");
  }
}

void FitParameters::Builder::add_path(std::size_t d, std::size_t p) {
  const record::PathSettings& path = data[d].paths[p];
  const ScatteringPath& feff = data[d].feff[p];
  out.reff_[d].push_back(feff.reff);
  Sources& sources = out.sources_[d].emplace_back();
  sources[n] = path_source(d, p, n, path.n, feff.degeneracy);
  sources[r] = path_source(d, p, r, path.r, feff.reff);
  sources[sigma2] = path_source(d, p, sigma2, path.sigma2, 0.005);
  sources[c3] = path_source(d, p, c3, path.c3, 0.0);
  sources[c4] = path_source(d, p, c4, path.c4, 0.0);
  if (p > 0 && !path.e0.free && !path.e0.value && path.e0.expression.empty())
    sources[e0] = out.sources_[d][0][e0];
  else
    sources[e0] = path_source(d, p, e0, path.e0, 0.0);
}

FitParameters::Source FitParameters::Builder::path_source(std::size_t d, std::size_t p, Kind kind,
                                                          const record::PathParameter& given,
                                                          double fallback) {
  static constexpr std::array<const char*, kinds> prefixes{
      "n:", "r:", "sigma2:", "c3:", "c4:", "de0:"};
  const std::string name = prefixes[kind] + data[d].paths[p].name + suffix(d);
  Source source{given.value.value_or(fallback), -1, -1};
  if (!given.expression.empty()) {
    if (given.free || given.value)
      fail(printable(name) + ": an expression stands instead of a value and of being free");
    source.tied = tie("fit: " + printable(name), given.expression, d, &data[d].feff[p]);
    out.derived_.emplace_back(name, static_cast<std::size_t>(source.tied));
  } else if (given.free) {
    source = free_source(name, source.fixed, given.lower, given.upper, {kind, d, p});
  }
  add_prior(name, given.prior, source);
  return source;
}

FitParameters::Source FitParameters::Builder::free_source(const std::string& name, double start,
                                                          std::optional<double> low,
                                                          std::optional<double> high,
                                                          FreeParameter what) {
  const double lower = low.value_or(-INFINITY), upper = high.value_or(INFINITY);
  if (!(lower < upper))
    fail(printable(name) + ": lower bound " + shortest(lower) + " is not below the upper bound " +
         shortest(upper));
  if (!std::isfinite(start)) fail(printable(name) + ": the start is not finite");
  const Source source{start, out.start_.size(), -1};
  append(out.start_, start);
  append(out.lower_, lower);
  append(out.upper_, upper);
  out.names_.push_back(name);
  out.free_.push_back(what);
  return source;
}

void FitParameters::Builder::add_prior(const std::string& name,
                                       const std::optional<record::Prior>& prior,
                                       const Source& source) {
  if (!prior || (source.free < 0 && source.tied < 0)) return;
  if (!(prior->sigma > 0) || !std::isfinite(prior->sigma) || !std::isfinite(prior->mean))
    fail(printable(name) + ": a prior needs a finite mean and a positive sigma");
  out.rows_.push_back({source, prior->mean, prior->sigma});
}

int FitParameters::Builder::tie(const std::string& where, const std::string& text, std::size_t d,
                                const ScatteringPath* path) {
  try {
    Expression expression(text, names_[d]);
    PathContext context{0, 0, data[d].temperature, {}};
    if (expression.uses_temperature() && !context.temperature)
      throw Error(Cause::configuration, "T is not known; give the temperature of the spectrum");
    if (!path && (expression.uses_path() || expression.uses_thermal()))
      throw Error(Cause::configuration,
                  "no path stands behind it, so reff, n, einstein() and "
                  "debye() mean nothing here");
    if (path) context.reff = path->reff, context.degeneracy = path->degeneracy;
    if (path && expression.uses_thermal()) context.thermal = thermal_path(*path);
    if (expression.uses_debye() && !(context.thermal->rnrmav > 0))
      throw Error(Cause::configuration,
                  "debye(): the path does not say its Norman radius; einstein() needs none");
    out.tied_.push_back({std::move(expression), std::move(context), d});
    texts_.push_back({where, text});
  } catch (const Error& error) {
    throw error.at(where);
  }
  return static_cast<int>(out.tied_.size()) - 1;
}

void FitParameters::Builder::add_restraint(const record::Restraint& restraint, std::size_t number) {
  const std::string where = "fit: restraint " + std::to_string(number);
  if (!(restraint.sigma > 0) || !std::isfinite(restraint.sigma) || !std::isfinite(restraint.value))
    fail("restraint " + std::to_string(number) +
         ": a finite value and a positive sigma are wanted");
  for (std::size_t d = 0; d < data.size(); ++d) {
    const int at = tie(where, restraint.expression, d, nullptr);
    restraint_rows_.push_back({out.rows_.size(), d, number});
    out.rows_.push_back({Source{0.0, -1, at}, restraint.value, restraint.sigma});
  }
}

void FitParameters::Builder::share_parameters() {
  out.operands_.resize(data.size());
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].expression.empty())
      share_parameter(i);
    else
      for (std::size_t d = 0; d < data.size(); ++d)
        out.operands_[d].push_back({0.0, -1, expressions_[d][i]});
  for (std::size_t d = 0; d < data.size(); ++d)
    for (const Sources& path : out.sources_[d])
      out.operands_[d].insert(out.operands_[d].end(), path.begin(), path.end());
}

void FitParameters::Builder::share_parameter(std::size_t i) {
  const record::FitParameter& one = parameters[i];
  const FreeParameter what{of_expression, 0, 0};
  if (!std::isfinite(one.value)) fail(printable(one.name) + ": the value is not finite");
  std::optional<Source> common;
  bool used = false;
  for (std::size_t d = 0; d < data.size(); ++d) {
    const bool here = used_[d][i];
    used = used || here;
    if (!here || !one.free) {
      out.operands_[d].push_back(common.value_or(Source{one.value, -1, -1}));
      continue;
    }
    const bool each = one.each && data.size() > 1;
    if (each || !common) {
      const std::string name = one.name + (each ? suffix(d) : "");
      const Source source = free_source(name, one.value, one.lower, one.upper, what);
      add_prior(name, one.prior, source);
      if (!each) common = source;
      out.operands_[d].push_back(source);
    } else {
      out.operands_[d].push_back(*common);
    }
  }
  if (!used && one.free) out.unused_.push_back(one.name);
}

std::string FitParameters::Builder::suffix(std::size_t d) const {
  return data.size() > 1 ? "@" + data[d].name : "";
}

void FitParameters::Builder::check_start() const {
  const Tied tied = out.tied(out.start_);
  for (const auto& [name, at] : out.derived_)
    if (!std::isfinite(tied.values[at]))
      fail(printable(name) + ": the expression has no finite value at the start");
  for (const Row& row : out.rows_)
    if (row.source.tied >= 0 &&
        !std::isfinite(tied.values[static_cast<std::size_t>(row.source.tied)]))
      throw Error(Cause::configuration, texts_[static_cast<std::size_t>(row.source.tied)].where +
                                            ": the expression has no finite value at the start");
}

void FitParameters::Builder::check_names() const {
  std::set<std::string> seen;
  const auto check = [&](const std::string& name) {
    if (!seen.insert(name).second) fail(printable(name) + ": two parameters have that name");
  };
  for (const std::string& name : out.names_) check(name);
  for (const auto& [name, at] : out.derived_) check(name);
}

}  // namespace twin::xas
