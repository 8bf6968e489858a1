// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace twin::xas {

/// An order in which each of n things comes after all that it depends on, of those that \p roots
/// depend on, themselves included.
struct Dependencies {
  std::vector<std::size_t> order;
  std::optional<std::size_t> circular;  ///< one that depends on itself; then the order is not whole
};

/// \param on     [n] what each depends on: indices below n
/// \param roots  those that are wanted
/// Cost: the number of dependencies.
[[nodiscard]] Dependencies in_order(const std::vector<std::vector<std::size_t>>& on,
                                    const std::vector<std::size_t>& roots);

}  // namespace twin::xas
