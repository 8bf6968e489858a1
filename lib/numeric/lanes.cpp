// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/lanes.h"

#include <atomic>

namespace twin::numeric {

namespace {

int of_processor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return 8;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 4;
#endif
  return 2;
}

std::atomic<int> limit{8};

}  // namespace

int widest() {
  static const int found = of_processor();
  const int most = limit.load(std::memory_order_relaxed);
  return found < most ? found : most;
}

void limit_width(int most) { limit = most; }

}  // namespace twin::numeric
