// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "record/quantity.h"

namespace twin::store {

/// Arrays that many records have over one common axis: what is the same in all of them.
struct Stack {
  struct Signal {
    std::string name, unit;
    std::vector<std::size_t> shape;  ///< of one record
  };
  std::string group;            ///< what the records have in common besides the grid
  std::string axis;             ///< "energy", "k" ...; "" = none
  record::Array grid;           ///< of the axis
  std::vector<Signal> signals;  ///< sorted by name

  /// The signal to plot first.
  [[nodiscard]] std::string plotted() const;
};

/// Sorts records into stacks: the same group, names, units, shapes and exactly the same grid.
class Stacks {
 public:
  /// The stacks that a record's arrays belong to, by number; new ones are made. Arrays that are
  /// references with nothing in them are passed over.
  std::vector<std::size_t> of(const std::string& group, const record::Arrays& arrays);

  [[nodiscard]] const std::vector<Stack>& all() const { return stacks_; }

 private:
  std::vector<Stack> stacks_;
  std::map<std::string, std::size_t> by_key_;
};

}  // namespace twin::store
