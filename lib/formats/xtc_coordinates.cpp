// SPDX-License-Identifier: GPL-3.0-or-later
#include "formats/xtc_coordinates.h"

#include <algorithm>
#include <bit>

namespace twin::formats {

namespace {

using Sizes = std::array<std::uint32_t, 3>;
using Numbers = std::array<std::int64_t, 3>;

/// Sizes of small differences by their number, about 2^(number/3): three of them take as many bits
/// as the number says. Those below the first are not used.
constexpr std::size_t first_small = 9;
constexpr std::array<std::uint32_t, 73> small_sizes{
    0,        0,        0,       0,       0,       0,       0,       0,       0,       8,
    10,       12,       16,      20,      25,      32,      40,      50,      64,      80,
    101,      128,      161,     203,     256,     322,     406,     512,     645,     812,
    1024,     1290,     1625,    2048,    2580,    3250,    4096,    5060,    6501,    8192,
    10321,    13003,    16384,   20642,   26007,   32768,   41285,   52015,   65536,   82570,
    104031,   131072,   165140,  208063,  262144,  330280,  416127,  524287,  660561,  832255,
    1048576,  1321122,  1664510, 2097152, 2642245, 3329021, 4194304, 5284491, 6658042, 8388607,
    10568983, 13316085, 16777216};

/// A number of up to 96 bits, the lowest 32 first.
struct Wide {
  std::array<std::uint32_t, 3> limb{};

  void add(std::uint32_t value, int shift) {
    const std::uint64_t wide = static_cast<std::uint64_t>(value) << (shift % 32);
    const auto at = static_cast<std::size_t>(shift / 32);
    limb[at] |= static_cast<std::uint32_t>(wide);
    if (at + 1 < limb.size()) limb[at + 1] |= static_cast<std::uint32_t>(wide >> 32);
  }

  void multiply(std::uint32_t factor) {
    std::uint64_t carry = 0;
    for (auto& part : limb) {
      carry += static_cast<std::uint64_t>(part) * factor;
      part = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }

  /// Divides. \return the remainder
  std::uint32_t divide(std::uint32_t divisor) {
    std::uint64_t rest = 0;
    for (auto part = limb.rbegin(); part != limb.rend(); ++part) {
      rest = rest << 32 | *part;
      *part = static_cast<std::uint32_t>(rest / divisor);
      rest %= divisor;
    }
    return static_cast<std::uint32_t>(rest);
  }

  [[nodiscard]] int bits() const {
    for (int at = 2; at >= 0; --at)
      if (const auto part = limb[static_cast<std::size_t>(at)])
        return 32 * at + static_cast<int>(std::bit_width(part));
    return 0;
  }
};

class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}

  /// The next bits as a number, the highest first; at most 32. 0 beyond the end.
  std::uint32_t take(int count) {
    while (have_ < count) {
      ended_ = ended_ || at_ == bytes_.size();
      const auto byte = ended_ ? 0U : static_cast<unsigned char>(bytes_[at_++]);
      held_ = held_ << 8 | byte;
      have_ += 8;
    }
    have_ -= count;
    const std::uint64_t mask = (std::uint64_t{1} << count) - 1;
    return static_cast<std::uint32_t>(held_ >> have_ & mask);
  }

  /// Three numbers below \p sizes that were packed into \p count bits: whole bytes, the lowest
  /// first, then what is left.
  Numbers take_three(int count, const Sizes& sizes) {
    Wide all;
    for (int shift = 0; shift < count; shift += 8) all.add(take(std::min(8, count - shift)), shift);
    const std::uint32_t third = all.divide(sizes[2]), second = all.divide(sizes[1]);
    return {all.limb[0], second, third};
  }

  [[nodiscard]] bool ended() const { return ended_; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t held_ = 0;
  int have_ = 0;
  bool ended_ = false;
};

Numbers sum(const Numbers& one, const Numbers& other) {
  return {one[0] + other[0], one[1] + other[1], one[2] + other[2]};
}

/// One frame.
class Unpacking {
 public:
  Unpacking(const XtcPacking& packing, std::string_view packed)
      : packing_(packing), bits_(packed), small_(static_cast<std::size_t>(packing.small)) {
    for (std::size_t i = 0; i < 3; ++i) {
      range_[i] = static_cast<std::uint32_t>(static_cast<std::int64_t>(packing.highest[i]) -
                                             packing.lowest[i] + 1);
      lowest_[i] = packing.lowest[i];
    }
    // Larger ones don't fit in one number: an axis a number then.
    apart_ = std::ranges::any_of(range_, [](auto size) { return size > 0xffffff; });
    Wide all{{1, 0, 0}};
    if (!apart_)
      for (const auto size : range_) all.multiply(size);
    together_ = all.bits();
  }

  std::optional<std::vector<std::int64_t>> go() {
    const std::size_t count = 3 * packing_.atoms;
    out_.reserve(count);
    int run = 0;
    while (out_.size() < count) {
      const Numbers atom = own();
      int change = 0;
      if (bits_.take(1)) {
        const auto code = static_cast<int>(bits_.take(5));
        change = code % 3 - 1;
        run = code / 3;
      }
      if (out_.size() + 3 + 3 * static_cast<std::size_t>(run) > count) return std::nullopt;
      put_run(atom, run);
      small_ = static_cast<std::size_t>(static_cast<int>(small_) + change);
      if (bits_.ended() || small_ < first_small || small_ >= small_sizes.size())
        return std::nullopt;
    }
    return std::move(out_);
  }

 private:
  Numbers own() {
    if (!apart_) return sum(lowest_, bits_.take_three(together_, range_));
    Numbers atom = lowest_;
    for (std::size_t i = 0; i < 3; ++i)
      atom[i] += bits_.take(static_cast<int>(std::bit_width(range_[i])));
    return atom;
  }

  /// An atom and those that follow it closely; the first of them comes before it.
  void put_run(const Numbers& atom, int run) {
    if (run == 0) return put(atom);
    const std::uint32_t size = small_sizes[small_];
    const std::int64_t half = size / 2;
    Numbers before = atom;
    for (int i = 0; i < run; ++i) {
      const Numbers difference = bits_.take_three(static_cast<int>(small_), {size, size, size});
      const Numbers next = sum(sum(before, difference), {-half, -half, -half});
      put(next);
      if (i == 0) put(atom);
      before = next;
    }
  }

  void put(const Numbers& atom) { out_.insert(out_.end(), atom.begin(), atom.end()); }

  const XtcPacking& packing_;
  Bits bits_;
  std::size_t small_;
  Sizes range_{};
  Numbers lowest_{};
  bool apart_ = false;
  int together_ = 0;
  std::vector<std::int64_t> out_;
};

}  // namespace

std::optional<std::vector<std::int64_t>> unpack(const XtcPacking& packing,
                                                std::string_view packed) {
  for (std::size_t i = 0; i < 3; ++i)
    if (packing.highest[i] < packing.lowest[i] ||
        static_cast<std::int64_t>(packing.highest[i]) - packing.lowest[i] > 0xfffffffe)
      return std::nullopt;
  if (packing.small < static_cast<std::int32_t>(first_small) ||
      packing.small >= static_cast<std::int32_t>(small_sizes.size()))
    return std::nullopt;
  // An atom takes two bits at least: nothing is set aside for more than there can be.
  if (packing.atoms == 0 || packing.atoms > 4 * packed.size()) return std::nullopt;
  return Unpacking(packing, packed).go();
}

}  // namespace twin::formats
