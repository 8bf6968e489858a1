// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace twin {

/// Numbers other than 0 in places that 32-bit hashes give them, 10 to 13 bytes each: open
/// addressing in 64 parts that grow by a quarter, each at its own time, so that memory rises with
/// the content and nobody waits for all of it to be moved. Nothing is taken out.
///
/// \p Hash  of a number: std::uint32_t(std::uint64_t)
template <typename Hash>
class HashedNumbers {
 public:
  struct Place {
    std::uint32_t part;
    std::size_t at;
  };

  /// Where the first number from the place of \p hash on is for which \p wanted(number) holds.
  template <typename Wanted>
  [[nodiscard]] std::optional<Place> find(std::uint32_t hash, const Wanted& wanted) const {
    const auto& part = parts_[hash >> 26].numbers;
    if (part.empty()) return std::nullopt;
    for (std::size_t at = place(hash, part.size()); part[at] != 0; at = next(at, part.size()))
      if (wanted(part[at])) return Place{hash >> 26, at};
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t at(Place place) const { return parts_[place.part].numbers[place.at]; }

  /// \param number  of the same hash
  void replace(Place place, std::uint64_t number) { parts_[place.part].numbers[place.at] = number; }

  void add(std::uint64_t number) {
    Part& part = parts_[Hash{}(number) >> 26];
    if (5 * (part.count + 1) > 4 * part.numbers.size()) grow(part);
    put(part.numbers, number);
    ++part.count;
    ++count_;
  }

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  struct Part {
    std::vector<std::uint64_t> numbers;  ///< 0: an empty place
    std::size_t count = 0;
  };

  static std::size_t place(std::uint32_t hash, std::size_t size) {
    return static_cast<std::size_t>(((std::uint64_t{hash} << 6 & 0xffffffffu) * size) >> 32);
  }
  static std::size_t next(std::size_t at, std::size_t size) { return at + 1 == size ? 0 : at + 1; }

  static void put(std::vector<std::uint64_t>& numbers, std::uint64_t number) {
    std::size_t at = place(Hash{}(number), numbers.size());
    while (numbers[at] != 0) at = next(at, numbers.size());
    numbers[at] = number;
  }

  static void grow(Part& part) {
    std::vector<std::uint64_t> larger(part.numbers.size() + part.numbers.size() / 4 + 4);
    for (const std::uint64_t number : part.numbers)
      if (number != 0) put(larger, number);
    part.numbers = std::move(larger);
  }

  std::array<Part, 64> parts_;
  std::size_t count_ = 0;
};

}  // namespace twin
