// SPDX-License-Identifier: GPL-3.0-or-later
#include "remote/pace.h"

#include <algorithm>
#include <random>

#include "core/error.h"

namespace twin::remote {

using process::Seconds;

namespace {

constexpr Seconds shortest_wait{1}, longest_wait{300};
constexpr double growth = 1.5, jitter = 0.2;

Seconds jittered(Seconds wait, unsigned long long& state) {
  std::minstd_rand generator(static_cast<std::minstd_rand::result_type>(state));
  const double share = std::uniform_real_distribution<double>(1 - jitter, 1 + jitter)(generator);
  state = generator();
  return wait * share;
}

}  // namespace

Pace::Pace(Seconds least)
    : least_(std::max(least, shortest_wait)), now_(least_), random_(std::random_device()()) {}

Seconds Pace::next(bool changed) {
  if (changed) now_ = least_;
  const Seconds wait = std::max(jittered(now_, random_), shortest_wait);
  now_ = std::min(now_ * growth, std::max(longest_wait, least_));
  return wait;
}

void with_patience(const std::function<void()>& work,
                   const std::function<void(const char* why, Seconds wait)>& again) {
  constexpr int attempts = 7;
  Seconds wait{2};
  unsigned long long random = std::random_device()();
  for (int attempt = 1;; ++attempt) {
    try {
      work();
      return;
    } catch (const Error& error) {
      if (error.cause() != Cause::try_again || attempt == attempts) throw;
      again(error.what(), jittered(wait, random));
    }
    wait = std::min(wait * 2, Seconds(60));
  }
}

}  // namespace twin::remote
