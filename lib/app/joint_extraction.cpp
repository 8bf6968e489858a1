// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/joint_extraction.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "app/arrays.h"
#include "app/extract_state.h"
#include "app/recipe_check.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "numeric/statistics.h"

namespace twin::app {

using record::Measurement;
using record::Result;

namespace {

const std::string replicates = "without_block";  ///< array of a result: see add_digital()

/// How often each quantity is there.
std::map<std::string, int> counted(const std::vector<Result>& results) {
  std::map<std::string, int> out;
  for (const auto& result : results)
    for (const auto& [name, quantity] : result.quantities) ++out[name];
  return out;
}

/// The same result with names that no other of them has.
Result renamed(Result result, const std::map<std::string, int>& count, bool first) {
  const std::string suffix = "@" + result.recipe_name;
  const auto own = [&](const std::string& name) {
    const auto found = count.find(name);
    return found != count.end() && found->second > 1 ? name + suffix : name;
  };
  record::Quantities quantities;
  for (auto& [name, quantity] : result.quantities) quantities[own(name)] = std::move(quantity);
  result.quantities = std::move(quantities);
  for (auto* names :
       {&result.covariance.names, &result.covariance_sys.names, &result.jacobian.rows})
    for (auto& name : *names) name = own(name);
  if (first) return result;
  record::Arrays arrays;
  for (auto& [name, array] : result.arrays) arrays[name + suffix] = std::move(array);
  result.arrays = std::move(arrays);
  return result;
}

/// Both of one sample.
void check_temperatures(const Result& one, const Result& other) {
  const auto a = one.context.environment.find("temperature");
  const auto b = other.context.environment.find("temperature");
  if (a == one.context.environment.end() || b == other.context.environment.end()) return;
  if (!a->second.value || !b->second.value) return;
  const double apart = std::abs(*a->second.value - *b->second.value);
  const double error = std::hypot(a->second.sigma_total(), b->second.sigma_total());
  if (a->second.unit == b->second.unit && apart <= std::max(3 * error, 1e-9)) return;
  const auto told = [](const record::Quantity& q) { return shortest(*q.value) + " " + q.unit; };
  throw Error(Cause::data, "scans " + printable(one.context.scan) + " and " +
                               printable(other.context.scan) + " are of " +
                               printable(told(a->second)) + " and " + printable(told(b->second)) +
                               "; one sample at one temperature is expected of several edges");
}

void join_result(Result& out, Result more) {
  check_temperatures(out, more);
  out.context.environment.insert(more.context.environment.begin(), more.context.environment.end());
  out.context.scan += "+" + more.context.scan;
  out.edge += ", " + more.edge;
  out.recipe_name += "+" + more.recipe_name;
  out.header.from.insert(out.header.from.end(), more.header.from.begin(), more.header.from.end());
  for (auto& [name, quantity] : more.quantities) out.quantities[name] = std::move(quantity);
  if (!more.covariance.empty()) add_block(out.covariance, more.covariance);
  if (!more.covariance_sys.empty()) add_block(out.covariance_sys, more.covariance_sys);
  add_rows(out.jacobian, more.jacobian);
  for (auto& [name, array] : more.arrays) out.arrays[name] = std::move(array);
  for (auto& text : more.warnings) out.warnings.push_back(std::move(text));
  out.converged = out.converged && more.converged;
}

/// The delete-one values of what an extraction finds, [blocks × names]; nothing where it has none.
std::optional<Eigen::MatrixXd> without_blocks(const Result& result) {
  const auto found = result.arrays.find(replicates);
  if (found == result.arrays.end() || found->second.shape.size() != 2) return std::nullopt;
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto& [data, shape] = std::tie(found->second.data, found->second.shape);
  if (shape[1] != result.covariance.names.size()) return std::nullopt;
  return Rows(Eigen::Map<const Rows>(data.data(), static_cast<Eigen::Index>(shape[0]),
                                     static_cast<Eigen::Index>(shape[1])));
}

/// The covariance of quantities of one trajectory, by blocks that were left out of all alike.
/// Blocks of which there are others, or none, at another edge say nothing of both: that is warned
/// of, and each edge keeps its own errors.
void correlate(const std::vector<Result>& parts, Result& out) {
  std::vector<Eigen::MatrixXd> deleted;
  const auto has_some = [](const Result& part) { return part.arrays.contains(replicates); };
  if (std::ranges::none_of(parts, has_some)) return;
  Eigen::Index columns = 0;
  for (const auto& part : parts) {
    const auto own = without_blocks(part);
    if (!own || (!deleted.empty() && own->rows() != deleted.front().rows())) {
      out.warnings.push_back("the blocks of " + part.edge + ", " +
                             (own ? std::to_string(own->rows()) : "none that fit its quantities") +
                             ", are not those of the other edges: the simulation's errors are "
                             "taken to be independent between edges");
      return;
    }
    deleted.push_back(*own);
    columns += own->cols();
  }
  Eigen::MatrixXd all(deleted.front().rows(), columns);
  Eigen::Index at = 0;
  for (const auto& each : deleted) {
    all.middleCols(at, each.cols()) = each;
    at += each.cols();
  }
  out.covariance = named(out.covariance.names, numeric::jackknife_covariance(all));
}

}  // namespace

bool is_of_edge(const Measurement& m, const std::string& edge) {
  if (m.edge.empty()) return false;
  const auto one = atoms::parse_edge(m.edge), other = atoms::parse_edge(edge);
  return one.element == other.element && one.level == other.level;
}

JointExtraction::JointExtraction(const std::vector<std::string>& recipes) {
  std::vector<std::string> all;
  for (const auto& path : recipes) {
    auto recipe = checked_recipe(path);
    for (const auto& other : extractions_) {
      const auto& [edge, name] = std::tie(other.plan().recipe.edge, other.plan().recipe.name);
      if (edge == recipe.edge || name == recipe.name)
        throw Error(Cause::configuration, printable(path) + ": its " +
                                              (edge == recipe.edge ? "edge" : "name") +
                                              " is that of another recipe of the model; expected "
                                              "one recipe an edge");
    }
    all.push_back(recipe.sha256);
    extractions_.emplace_back(std::move(recipe));
  }
  sha256_ = all.size() == 1 ? all.front() : twin::sha256(join(all, "+"));
}

std::vector<std::string> JointExtraction::recipes() const {
  std::vector<std::string> out;
  for (const auto& each : extractions_) out.push_back(each.plan().recipe.sha256);
  return out;
}

Result JointExtraction::joined(std::vector<Result> results) const {
  if (results.size() == 1) return std::move(results.front());
  const auto count = counted(results);
  Result out = renamed(std::move(results.front()), count, true);
  for (std::size_t i = 1; i < results.size(); ++i)
    join_result(out, renamed(std::move(results[i]), count, false));
  out.recipe_sha256 = sha256_;
  return out;
}

Result JointExtraction::extract(const record::State& state, const std::string& engine) const {
  std::vector<Result> results;
  for (const auto& extraction : extractions_) {
    const auto& edge = extraction.plan().recipe.edge;
    const bool one = extractions_.size() == 1 && !state.simulated.empty();
    const auto own = one ? state.simulated.begin()
                         : std::ranges::find_if(state.simulated, [&](const Measurement& m) {
                             return is_of_edge(m, edge);
                           });
    if (own == state.simulated.end())
      throw Error(Cause::data, "engine " + engine + ": its state has no simulated measurement" +
                                   (extractions_.size() == 1 ? "" : " of " + printable(edge)) +
                                   "; expected one, or a model without measure_with");
    // The observables of the state itself are those of any edge: once.
    results.push_back(results.empty() ? extract_state(extraction, state, *own)
                                      : extraction.extract(*own));
  }
  if (results.size() == 1) return std::move(results.front());
  Result out = joined(results);
  correlate(results, out);
  return out;
}

}  // namespace twin::app
