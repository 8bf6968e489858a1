// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

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

/// Numbers by 64-bit hashes, 21 to 43 bytes each: for what a program remembers of all that it ever
/// saw. Open addressing; nothing is taken out.
template <typename Value>
class KeyMap {
 public:
  /// The value of \p key, and whether it is there for the first time (and is zero then).
  std::pair<Value&, bool> insert(std::uint64_t key) {
    if (4 * (count_ + 1) > 3 * keys_.size()) grow();
    const std::size_t at = find(key);
    const bool fresh = keys_[at] == 0;
    keys_[at] = stored(key);
    if (fresh) ++count_;
    return {values_[at], fresh};
  }

  [[nodiscard]] const Value* find_value(std::uint64_t key) const {
    if (keys_.empty()) return nullptr;
    const std::size_t at = find(key);
    return keys_[at] == 0 ? nullptr : &values_[at];
  }

  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  /// 0 marks an empty slot.
  static std::uint64_t stored(std::uint64_t key) { return key == 0 ? 1 : key; }

  [[nodiscard]] std::size_t find(std::uint64_t key) const {
    const std::size_t mask = keys_.size() - 1;
    std::size_t at = stored(key) & mask;
    while (keys_[at] != 0 && keys_[at] != stored(key)) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    const std::size_t size = keys_.empty() ? 64 : 2 * keys_.size();
    const auto keys = std::exchange(keys_, std::vector<std::uint64_t>(size));
    auto values = std::exchange(values_, std::vector<Value>(size));
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == 0) continue;
      const std::size_t at = find(keys[i]);
      keys_[at] = keys[i];
      values_[at] = std::move(values[i]);
    }
  }

  std::vector<std::uint64_t> keys_;
  std::vector<Value> values_;
  std::size_t count_ = 0;
};

/// The same without values, 12 to 24 bytes each.
class KeySet {
 public:
  /// \return false where it was there already
  bool insert(std::uint64_t key) { return map_.insert(key).second; }
  [[nodiscard]] bool contains(std::uint64_t key) const { return map_.find_value(key) != nullptr; }
  [[nodiscard]] std::size_t size() const { return map_.size(); }

 private:
  struct Nothing {};
  KeyMap<Nothing> map_;
};

}  // namespace twin
