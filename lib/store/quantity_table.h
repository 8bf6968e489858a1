// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "record/quantity.h"
#include "store/hdf5_file.h"

namespace twin::store {

/// A name that NeXus allows: letters, digits, `_` and `.`; all else becomes `_`.
[[nodiscard]] std::string nexus_name(const std::string& name);

/// Names within one group, each once: what was there already gets `_2`, `_3` ... behind it.
class Names {
 public:
  [[nodiscard]] std::string unique(const std::string& name);

 private:
  std::vector<std::string> used_;
};

/// Writes each quantity that any of \p rows has as a data set [row], with NAME_errors (random) and
/// NAME_errors_sys where known; NaN = missing. Units are those of the first row that has it; a row
/// whose unit does not convert goes to a data set of its own.
void write_quantities(const hdf5::Handle& group, Names& names,
                      const std::vector<const record::Quantities*>& rows);

}  // namespace twin::store
