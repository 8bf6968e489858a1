// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/arrangement.h"

namespace twin::md {

/// A number that is random in all its bits (S. Vigna's splitmix64).
std::uint64_t place_in_order(Chosen what, int arrangement, int atom) {
  std::uint64_t x = static_cast<std::uint64_t>(what) << 56 |
                    static_cast<std::uint64_t>(arrangement) << 32 |
                    static_cast<std::uint64_t>(atom);
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace twin::md
