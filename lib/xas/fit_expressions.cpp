// SPDX-License-Identifier: GPL-3.0-or-later
// Of FitParameters::Builder, what expressions have to do with each other.
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "xas/dependencies.h"
#include "xas/fit_builder.h"

namespace twin::xas {

using Eigen::Index;

std::vector<std::string> path_parameter_names(const std::vector<record::PathSettings>& paths) {
  std::vector<std::string> out;
  for (const record::PathSettings& path : paths)
    for (const char* kind : {"n:", "r:", "sigma2:", "c3:", "c4:", "e0:"})
      out.push_back(kind + path.name);
  return out;
}

std::vector<std::string> FitParameters::Builder::operand_names(std::size_t d) const {
  std::vector<std::string> all;
  for (const record::FitParameter& one : parameters) all.push_back(one.name);
  const auto of_paths = path_parameter_names(data[d].paths);
  all.insert(all.end(), of_paths.begin(), of_paths.end());
  return all;
}

// One for each spectrum: T, and parameters that each spectrum has, make them differ.
void FitParameters::Builder::add_expressions() {
  for (std::size_t d = 0; d < data.size(); ++d) {
    expressions_.emplace_back();
    for (const record::FitParameter& one : parameters)
      expressions_[d].push_back(
          one.expression.empty() ? -1 : tie("fit: " + one.name, one.expression, d, nullptr));
  }
}

// Parameters that move a path or a restraint, by themselves or through others' expressions. Those
// of paths in expressions have roots of their own.
void FitParameters::Builder::find_used() {
  used_.assign(data.size(), std::vector<bool>(parameters.size(), false));
  for (std::size_t d = 0; d < data.size(); ++d) {
    std::vector<std::size_t> left;
    const auto go_on = [&](std::size_t tied) {
      for (const Index i : out.tied_[tied].expression.used())
        left.push_back(static_cast<std::size_t>(i));
    };
    for (std::size_t i = 0; i < out.tied_.size(); ++i)
      if (out.tied_[i].data == d &&
          std::count(expressions_[d].begin(), expressions_[d].end(), static_cast<int>(i)) == 0)
        go_on(i);
    while (!left.empty()) {
      const std::size_t i = left.back();
      left.pop_back();
      if (i >= parameters.size() || used_[d][i]) continue;
      used_[d][i] = true;
      if (expressions_[d][i] >= 0) go_on(static_cast<std::size_t>(expressions_[d][i]));
    }
  }
}

// What is wanted, and what it follows from, first things first.
void FitParameters::Builder::put_in_order() {
  std::vector<std::vector<std::size_t>> on;
  std::vector<std::size_t> all;
  for (const TiedValue& one : out.tied_) {
    all.push_back(on.size());
    on.emplace_back();
    for (const Index i : one.expression.used())
      if (const int tied = out.operands_[one.data][static_cast<std::size_t>(i)].tied; tied >= 0)
        on.back().push_back(static_cast<std::size_t>(tied));
  }
  if (const auto circle = in_order(on, all).circular)
    throw Error(Cause::configuration, texts_[*circle].where + ": the expression '" +
                                          printable(texts_[*circle].text) +
                                          "' comes back to itself");
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (!parameters[i].expression.empty()) add_derived(i);
  drop_equal_rows();
  out.order_ = in_order(on, wanted()).order;
}

std::vector<std::size_t> FitParameters::Builder::wanted() const {
  std::vector<std::size_t> out_of;
  const auto add = [&](const Source& source) {
    if (source.tied >= 0) out_of.push_back(static_cast<std::size_t>(source.tied));
  };
  for (const auto& paths : out.sources_)
    for (const Sources& path : paths)
      for (const Source& source : path) add(source);
  for (const Row& row : out.rows_) add(row.source);
  for (const auto& [name, at] : out.derived_) out_of.push_back(at);
  return out_of;
}

// Told once where it is the same for all spectra.
void FitParameters::Builder::add_derived(std::size_t i) {
  bool common = true;
  for (std::size_t d = 1; d < data.size(); ++d)
    common = common && same(out.operands_[0][i], out.operands_[d][i]);
  for (std::size_t d = 0; d < (common ? 1 : data.size()); ++d)
    out.derived_.emplace_back(parameters[i].name + (common ? "" : suffix(d)),
                              static_cast<std::size_t>(expressions_[d][i]));
}

// A restraint on what all spectra share counts once.
void FitParameters::Builder::drop_equal_rows() {
  std::vector<std::size_t> doubles;
  for (const RestraintRow& one : restraint_rows_) {
    const auto first = std::find_if(restraint_rows_.begin(), restraint_rows_.end(),
                                    [&](const auto& row) { return row.number == one.number; });
    if (first->row != one.row && same(out.rows_[first->row].source, out.rows_[one.row].source))
      doubles.push_back(one.row);
  }
  for (auto row = doubles.rbegin(); row != doubles.rend(); ++row)
    out.rows_.erase(out.rows_.begin() + static_cast<std::ptrdiff_t>(*row));
}

bool FitParameters::Builder::same(const Source& a, const Source& b) {
  if (a.tied < 0 || b.tied < 0)
    return a.tied == b.tied && a.free == b.free && (a.free >= 0 || a.fixed == b.fixed);
  if (a.tied == b.tied) return true;
  const auto [known, fresh] = same_.try_emplace({a.tied, b.tied}, true);
  if (!fresh) return known->second;
  const auto ia = static_cast<std::size_t>(a.tied), ib = static_cast<std::size_t>(b.tied);
  const TiedValue &one = out.tied_[ia], &other = out.tied_[ib];
  const std::vector<Index>& used = one.expression.used();
  bool equal = texts_[ia].text == texts_[ib].text && used == other.expression.used() &&
               !one.expression.uses_temperature() && one.context.reff == other.context.reff &&
               one.context.degeneracy == other.context.degeneracy;
  for (std::size_t i = 0; equal && i < used.size(); ++i) {
    const auto at = static_cast<std::size_t>(used[i]);
    equal = same(out.operands_[one.data][at], out.operands_[other.data][at]);
  }
  return same_[{a.tied, b.tied}] = equal;
}

}  // namespace twin::xas
