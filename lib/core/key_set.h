// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/hashed_numbers.h"

namespace twin {

/// A 64-bit hash of text, on from \p seed: FNV-1a (G. Fowler, L.C. Noll, K.-P. Vo), mixed in the
/// end as by splitmix64. Among a million different texts two agree with a probability of 3e-8.
/// Against those who look for such a pair it is no help: use sha256().
[[nodiscard]] constexpr std::uint64_t key_of_text(std::string_view text,
                                                  std::uint64_t seed = 0xcbf29ce484222325u) {
  std::uint64_t hash = seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

/// 64-bit hashes: for what a program remembers of all that it ever saw.
class KeySet {
 public:
  /// \return false where it was there already
  bool insert(std::uint64_t key) {
    if (contains(key)) return false;
    keys_.add(stored(key));
    return true;
  }
  [[nodiscard]] bool contains(std::uint64_t key) const {
    const auto same = [&](std::uint64_t there) { return there == stored(key); };
    return keys_.find(Hash{}(stored(key)), same).has_value();
  }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

 private:
  struct Hash {
    std::uint32_t operator()(std::uint64_t key) const {
      return static_cast<std::uint32_t>((key * 0x9e3779b97f4a7c15u) >> 32);
    }
  };
  static std::uint64_t stored(std::uint64_t key) { return key == 0 ? 1 : key; }

  HashedNumbers<Hash> keys_;
};

/// Numbers of things by the upper half of their 64-bit hashes: candidates, as things of equal
/// halves share them. Whoever asks looks at the thing itself.
class KeyIndex {
 public:
  /// The number of this key for which \p is_it(number) holds; 0 where there is none.
  template <typename IsIt>
  [[nodiscard]] std::uint32_t find(std::uint64_t key, const IsIt& is_it) const {
    const auto place = place_of(key, is_it);
    return place ? number_in(slots_.at(*place)) : 0;
  }

  /// \param number  above 0
  void add(std::uint64_t key, std::uint32_t number) { slots_.add(slot(key, number)); }

  /// \p after instead of \p before, which is there.
  void replace(std::uint64_t key, std::uint32_t before, std::uint32_t after) {
    const auto there = place_of(key, [&](std::uint32_t number) { return number == before; });
    if (there) slots_.replace(*there, slot(key, after));
  }

  [[nodiscard]] std::size_t size() const { return slots_.size(); }

 private:
  struct Hash {
    std::uint32_t operator()(std::uint64_t slot) const {
      return static_cast<std::uint32_t>(slot >> 32);
    }
  };
  static std::uint64_t slot(std::uint64_t key, std::uint32_t number) {
    return (key >> 32 << 32) | number;
  }
  static std::uint32_t number_in(std::uint64_t slot) { return static_cast<std::uint32_t>(slot); }

  template <typename IsIt>
  [[nodiscard]] std::optional<HashedNumbers<Hash>::Place> place_of(std::uint64_t key,
                                                                   const IsIt& is_it) const {
    const std::uint32_t hash = Hash{}(key);
    return slots_.find(
        hash, [&](std::uint64_t slot) { return Hash{}(slot) == hash && is_it(number_in(slot)); });
  }

  HashedNumbers<Hash> slots_;
};

}  // namespace twin
