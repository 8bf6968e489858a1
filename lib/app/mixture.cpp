// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/mixture.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "app/arrays.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"

namespace twin::app {

using Eigen::MatrixXd;
using Eigen::VectorXd;
using record::Measurement;
using record::Model;
using record::State;

namespace {

const std::string tangent = "chi@";

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> out{record::own_phase};
  for (const auto& phase : model.phases) out.push_back(phase.name);
  return out;
}

std::vector<double> checked_shares(const Model& model) {
  auto out = record::shares_of(model);
  const auto names = names_of(model);
  constexpr double rounding = 1e-6;  // of fractions that are written and read, too
  for (std::size_t p = 0; p < out.size(); ++p) {
    if (!(out[p] >= -rounding))
      throw Error(Cause::configuration, "phases: the share of " + printable(names[p]) + " is " +
                                            significant(out[p], 4) +
                                            "; expected fractions of 0 or more that add up to 1 "
                                            "at most");
    out[p] = std::max(out[p], 0.0);
  }
  return out;
}

/// Each phase's blocks, the others held.
MatrixXd mixed_blocks(const Measurement& m, const std::vector<std::string>& names,
                      const std::vector<double>& shares, const VectorXd& chi) {
  std::vector<MatrixXd> blocks;
  Eigen::Index all = 0;
  for (const auto& name : names) {
    blocks.push_back(matrix(m, name + "/chi_without_block"));
    all += blocks.back().rows();
  }
  MatrixXd out = chi.transpose().replicate(all, 1);
  const auto left = [](Eigen::Index n) { return double(n - 1) / double(n); };
  Eigen::Index at = 0;
  for (std::size_t p = 0; p < names.size(); ++p) {
    const MatrixXd& own = blocks[p];
    const double scale = shares[p] * std::sqrt(left(own.rows()) / left(all));
    out.middleRows(at, own.rows()) += scale * (own.rowwise() - own.colwise().mean());
    at += own.rows();
  }
  return out;
}

/// All curves of all phases have the points of k: a state may be of anybody's engine.
void check_points(const Measurement& m, const std::vector<std::string>& names) {
  const auto points = column(m, "k").size();
  for (const auto& entry : m.arrays) {
    const std::string& name = entry.first;
    const auto of = std::ranges::find_if(
        names, [&](const auto& phase) { return name.starts_with(phase + "/chi"); });
    if (of == names.end()) continue;
    const bool rows = name == *of + "/chi_without_block";
    const auto& shape = entry.second.shape;
    const bool fits = shape.size() == (rows ? 2U : 1U) && (!rows || shape.front() > 1) &&
                      static_cast<Eigen::Index>(shape.back()) == points;
    if (!fits)
      throw Error(Cause::data, printable(name) + ": its shape does not fit the " +
                                   std::to_string(points) + " points of k");
  }
}

void mix(Measurement& m, const std::vector<std::string>& names, const std::vector<double>& shares) {
  check_points(m, names);
  const auto sum = [&](const std::string& what) {
    VectorXd out = shares.front() * column(m, names.front() + "/" + what);
    for (std::size_t p = 1; p < names.size(); ++p)
      out += shares[p] * column(m, names[p] + "/" + what);
    return out;
  };
  const auto all_have = [&](const std::string& what) {
    return std::ranges::all_of(names,
                               [&](auto& name) { return m.arrays.contains(name + "/" + what); });
  };
  const VectorXd chi = sum("chi");
  std::map<std::string, record::Array> mixed;
  mixed["chi"] = inline_array(chi, "");
  if (all_have("chi_without_block"))
    mixed["chi_without_block"] = inline_matrix(mixed_blocks(m, names, shares, chi), "");
  const std::string first = names.front() + "/";
  for (const auto& [name, array] : m.arrays)
    if (name.starts_with(first + tangent) && all_have(name.substr(first.size())))
      mixed[name.substr(first.size())] = inline_array(sum(name.substr(first.size())), array.unit);
  const VectorXd own = column(m, first + "chi");
  for (std::size_t p = 1; p < names.size(); ++p)
    mixed[tangent + record::fraction_of(names[p])] =
        inline_array(column(m, names[p] + "/chi") - own, "");
  for (auto& [name, array] : mixed) m.arrays[name] = std::move(array);
}

/// What it shows, of all phases, each by its name; nothing mixed yet.
std::vector<Measurement> side_by_side(const std::vector<std::string>& names,
                                      std::vector<State>& states) {
  std::vector<Measurement> out = std::move(states.front().simulated);
  for (std::size_t i = 0; i < out.size(); ++i) {
    Measurement& m = out[i];
    record::Arrays arrays;
    for (std::size_t p = 0; p < names.size(); ++p) {
      auto& from = p == 0 ? m : states[p].simulated.at(i);
      for (auto& [name, array] : from.arrays)
        arrays[name == "k" ? name : names[p] + "/" + name] = std::move(array);
      if (p > 0)
        for (auto& text : from.warnings) m.warnings.push_back(names[p] + ": " + text);
    }
    m.arrays = std::move(arrays);
  }
  return out;
}

/// The state of one more phase joins that of the others.
void join(State& out, State more, const std::string& name) {
  const std::string suffix = "/" + name;
  for (auto& [key, quantity] : more.quantities) out.quantities[key + suffix] = std::move(quantity);
  for (auto& [key, array] : more.arrays) out.arrays[key + suffix] = std::move(array);
  if (const auto a = more.parameters.find("a"); a != more.parameters.end())
    out.parameters["a" + suffix] = a->second;
  if (!more.covariance.empty()) add_block(out.covariance, more.covariance, suffix);
  add_rows(out.jacobian, more.jacobian, suffix);
  for (const auto& text : more.warnings)
    if (std::ranges::find(out.warnings, text) == out.warnings.end())
      out.warnings.push_back(name + ": " + text);
  if (more.how == "run") out.how = more.how;
  if (more.start == "ideal") out.start = more.start;
  out.ensemble =
      out.ensemble.empty() || more.ensemble.empty() ? "" : sha256(out.ensemble + more.ensemble);
  if (!more.equilibrated) {
    out.missing += (out.missing.empty() ? "" : "; ") + name + ": " + more.missing;
    out.equilibrated = false;
  }
  out.n_eff = std::min(out.n_eff, more.n_eff);
  out.cpu_seconds += more.cpu_seconds;
  out.wall_seconds += more.wall_seconds;
}

}  // namespace

std::vector<PhaseModel> phases_of(const Model& model) {
  constexpr std::int64_t apart = 64;  // more than a run has replicas
  Model own = record::running(model);
  own.phases.clear();
  std::erase_if(own.free, [](const auto& free) { return record::is_phase_fraction(free.name); });
  std::vector<PhaseModel> out{{record::own_phase, own}};
  for (const auto& phase : model.phases) {
    own.structure = phase.structure;
    own.absorption.reference_a = 0;
    own.seed += apart;
    out.push_back({phase.name, own});
  }
  return out;
}

State mixture_of(const Model& model, std::vector<State> states) {
  const auto names = names_of(model);
  if (states.size() != names.size())
    throw Error(Cause::internal, "as many states as phases are expected");
  checked_shares(model);
  std::vector<Measurement> simulated = side_by_side(names, states);
  State out = std::move(states.front());
  for (std::size_t p = 1; p < names.size(); ++p) join(out, std::move(states[p]), names[p]);
  out.simulated = std::move(simulated);
  mix(out, model);
  return out;
}

bool can_be_mixed(const State& state, const Model& model) {
  const auto names = names_of(model);
  return names.size() > 1 && !state.simulated.empty() &&
         std::ranges::all_of(state.simulated, [&](const Measurement& m) {
           return std::ranges::all_of(names,
                                      [&](auto& name) { return m.arrays.contains(name + "/chi"); });
         });
}

void mix(State& state, const Model& model) {
  const auto names = names_of(model);
  const auto shares = checked_shares(model);
  for (std::size_t p = 1; p < names.size(); ++p)
    state.parameters[record::fraction_of(names[p])] =
        record::Quantity{shares[p], {}, {}, "", "model", {}};
  for (auto& m : state.simulated) mix(m, names, shares);
}

}  // namespace twin::app
