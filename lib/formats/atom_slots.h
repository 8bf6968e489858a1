// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace twin::formats {

/// Atoms that come in any order, each with a number of its own, put into the order of the numbers.
class AtomSlots {
 public:
  AtomSlots() = default;
  /// \param numbers  of the atoms of the first frame, in any order
  explicit AtomSlots(std::vector<std::int64_t> numbers) : sorted_(std::move(numbers)) {
    std::ranges::sort(sorted_);
  }

  [[nodiscard]] bool empty() const { return sorted_.empty(); }
  /// A number that two atoms have.
  [[nodiscard]] std::optional<std::int64_t> doubled() const {
    const auto at = std::ranges::adjacent_find(sorted_);
    return at == sorted_.end() ? std::nullopt : std::optional(*at);
  }

  /// The place of the atom with this number; nothing when the first frame had none such.
  [[nodiscard]] std::optional<std::size_t> place(std::int64_t number) const {
    const auto at = std::ranges::lower_bound(sorted_, number);
    if (at == sorted_.end() || *at != number) return std::nullopt;
    return static_cast<std::size_t>(at - sorted_.begin());
  }

 private:
  std::vector<std::int64_t> sorted_;
};

}  // namespace twin::formats
