// SPDX-License-Identifier: GPL-3.0-or-later
// Any stream of numbers, missing and mad ones among them: watched without an internal error, and
// what is found lies within the stream.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "core/error.h"
#include "numbers.h"
#include "steer/watch.h"

using fuzz::number;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  twin::steer::WatchSettings settings;
  settings.baseline = 10 + data[0] % 30;
  settings.drift = data[1] % 2 ? twin::steer::Drift::linear : twin::steer::Drift::none;
  settings.log_threshold = data[1] % 16;
  twin::steer::Watch watch(settings);
  long long count = 0;
  for (std::size_t at = 2; at + 4 <= size && count < 400; at += 4, ++count) {
    twin::steer::Sample sample{Eigen::Vector2d(number(data[at]), number(data[at + 1])),
                               Eigen::Matrix2d::Identity() * std::abs(number(data[at + 2])),
                               static_cast<double>(count), 1.0};
    if (data[at + 3] == 255) sample.covariate = number(data[at + 2]);
    if (data[at + 3] == 254) sample.lag = std::abs(number(data[at + 2]));
    if (data[at + 3] == 253) watch.interrupt();
    if (data[at + 3] < 20) sample.covariance(0, 1) = sample.covariance(1, 0) = number(data[at + 3]);
    try {
      for (const auto& found : watch.add(sample)) {
        if (found.sample != count) std::abort();
        for (const auto& effect : found.effects)
          if (!(effect.p >= 0 && effect.p <= 1)) std::abort();
        if (found.what == twin::steer::Finding::What::baseline) continue;
        if (!(found.onset.low <= found.onset.best && found.onset.best <= found.onset.high))
          std::abort();
        if (!(found.onset.high <= static_cast<double>(count))) std::abort();
      }
    } catch (const twin::Error& error) {
      if (error.cause() == twin::Cause::internal) std::abort();
      watch.interrupt();
    }
  }
  return 0;
}
