// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/stack.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <numeric>
#include <string_view>

#include "core/hash.h"

namespace twin::store {

namespace {

constexpr std::array<std::string_view, 5> axes{"energy", "k", "r", "q", "1"};

std::vector<std::size_t> shape_of(const record::Array& array) {
  return array.shape.empty() ? std::vector<std::size_t>{array.data.size()} : array.shape;
}

bool is_whole(const record::Array& array) {
  const auto shape = shape_of(array);
  const auto count =
      std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>());
  return !array.data.empty() && count == array.data.size();
}

bool can_be_axis(const record::Arrays& arrays, std::string_view axis, std::size_t length) {
  const auto at = arrays.find(std::string(axis));
  return at != arrays.end() && is_whole(at->second) && shape_of(at->second).size() == 1 &&
         at->second.data.size() == length;
}

/// The axis of an array: chir is over r, chiq over q, chi over k; else the first whose length is
/// that of the array's last dimension.
std::string axis_of(const std::string& name, const record::Array& array,
                    const record::Arrays& arrays) {
  const std::size_t length = shape_of(array).back();
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> habits{
      {{"chir", "r"}, {"chi_r", "r"}, {"chiq", "q"}, {"chi_q", "q"}, {"chi", "k"}}};
  for (const auto& [stem, axis] : habits)
    if (name.starts_with(stem) && can_be_axis(arrays, axis, length)) return std::string(axis);
  for (const auto axis : axes)
    if (name != axis && can_be_axis(arrays, axis, length)) return std::string(axis);
  return "";
}

bool is_axis(const std::string& name) {
  for (const auto axis : axes)
    if (name == axis) return true;
  return false;
}

/// All that must be equal for two records to be stacked.
std::string key_of(const std::string& group, const std::string& axis, const record::Array* grid,
                   const std::vector<std::pair<std::string, const record::Array*>>& signals) {
  std::string key = group + '\n' + axis + '\n';
  if (grid)
    key += grid->unit + '\n' +
           sha256({reinterpret_cast<const char*>(grid->data.data()),
                   grid->data.size() * sizeof(double)});
  for (const auto& [name, array] : signals) {
    key.append("\n").append(name).append("\t").append(array->unit);
    for (const auto size : shape_of(*array)) key += '\t' + std::to_string(size);
  }
  return key;
}

using Signals = std::vector<std::pair<std::string, const record::Array*>>;

/// The arrays by axis. An axis that no array lies over is an array itself.
std::map<std::string, Signals> sorted_by_axis(const record::Arrays& arrays) {
  std::map<std::string, Signals> sorted;
  for (const auto& [name, array] : arrays)
    if (is_whole(array) && !is_axis(name))
      sorted[axis_of(name, array, arrays)].emplace_back(name, &array);
  for (const auto& [name, array] : arrays)
    if (is_whole(array) && is_axis(name) && !sorted.contains(name)) {
      const std::string axis = axis_of(name, array, arrays);
      sorted[sorted.contains(axis) ? axis : ""].emplace_back(name, &array);
    }
  return sorted;
}

}  // namespace

std::string Stack::plotted() const {
  constexpr std::array<std::string_view, 10> wanted{"mu",   "xmu", "mutrans",  "mufluor", "flat",
                                                    "norm", "chi", "chir_mag", "itrans",  "ifluor"};
  for (const auto name : wanted)
    if (std::ranges::find(signals, name, &Signal::name) != signals.end()) return std::string(name);
  for (const auto& signal : signals)
    if (signal.name != "i0" && signal.name != "time") return signal.name;
  return signals.empty() ? "" : signals.front().name;
}

std::vector<std::size_t> Stacks::of(const std::string& group, const record::Arrays& arrays) {
  std::vector<std::size_t> out;
  for (const auto& [axis, signals] : sorted_by_axis(arrays)) {
    const record::Array* grid = axis.empty() ? nullptr : &arrays.at(axis);
    const auto [at, fresh] =
        by_key_.try_emplace(sha256(key_of(group, axis, grid, signals)), stacks_.size());
    out.push_back(at->second);
    if (!fresh) continue;
    Stack stack{group, axis, grid ? *grid : record::Array{}, {}};
    for (const auto& [name, array] : signals)
      stack.signals.push_back({name, array->unit, shape_of(*array)});
    std::ranges::sort(stack.signals, {}, &Stack::Signal::name);
    stacks_.push_back(std::move(stack));
  }
  return out;
}

}  // namespace twin::store
