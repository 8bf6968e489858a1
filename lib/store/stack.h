// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "record/quantity.h"

namespace twin::store {

/// Arrays of many records over one common axis, one behind the other: [record × axis].
struct Stack {
  struct Signal {
    std::vector<std::size_t> shape;  ///< of one record
    std::string unit;
    std::vector<double> data;
  };
  std::string group;                      ///< what the records have in common besides the grid
  std::string axis;                       ///< "energy", "k" ...; "" = none
  record::Array grid;                     ///< of the axis
  std::map<std::string, Signal> signals;  ///< by name
  std::vector<std::size_t> members;       ///< the records' numbers, as given to add()

  /// The signal to plot first.
  [[nodiscard]] std::string plotted() const;
};

/// Sorts records into stacks: the same group, names, units, shapes and exactly the same grid.
class Stacks {
 public:
  /// The arrays of record \p member. Those that are references with nothing in them are passed
  /// over.
  void add(std::size_t member, const std::string& group, const record::Arrays& arrays);

  [[nodiscard]] const std::vector<Stack>& all() const { return stacks_; }

 private:
  std::vector<Stack> stacks_;
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace twin::store
