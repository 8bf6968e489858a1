// SPDX-License-Identifier: GPL-3.0-or-later
// Usage: show_steer WHAT FIRST COUNT DIMENSIONS KEY=VALUE...
// Made streams (streams.h), seeds FIRST to FIRST + COUNT - 1, through what twin-steer decides by:
// a baseline of 50 samples, errors as stated, autocorrelation estimated. A line each of WHAT:
// - nulls: the largest log R within 500 samples
// - alarms: samples from the change to the alarm (-1: before it, inf: never), by threshold=LOG
// - onsets: alarm, then onset - truth: best, low, high, right at the alarm and 5, 20, 60 later
// - cost: µs a sample, CPU
// - white: 750 samples, a line each, whitened as they were made
// - warnings: samples behind two windows until an early warning (inf: none in 500); of a fold from
//   the warning, and from the alarm, until it goes over (negative: later; inf: none), by window=
// - threshold: log A, calibrated, of 5 % false alarms in 500 samples
// KEY: change, size, width, sparse, phi, drift, understated, jitter, missing, unstated, at: see
// streams.h; linear=1 for the null.
#include <cstdlib>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"
#include "steer/early_warning.h"
#include "steer/threshold.h"
#include "steer/watch.h"
#include "streams.h"

using namespace twin;

namespace {

struct Asked {
  streams::Kind kind;
  steer::WatchSettings watch;
  int dimensions = 6;
  steer::WarningSettings warning;
};

constexpr int null_samples = 500;

void null_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  steer::WatchSettings settings = asked.watch;
  settings.log_threshold = std::numeric_limits<double>::infinity();
  steer::Watch watch(settings);
  double most = -1e300;
  for (std::size_t k = 0; k < settings.baseline + null_samples; ++k) {
    (void)watch.add(stream.next());
    if (k >= settings.baseline) most = std::max(most, watch.log_sum());
  }
  std::cout << most << '\n';
}

void alarm_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  steer::Watch watch(asked.watch);
  for (int k = 0; k < asked.kind.at + 1000; ++k)
    for (const auto& found : watch.add(stream.next()))
      if (found.what == steer::Finding::What::change) {
        std::cout << (k < asked.kind.at ? -1 : k - asked.kind.at + 1) << '\n';
        return;
      }
  std::cout << "inf\n";
}

void onset_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  steer::Watch watch(asked.watch);
  int alarm = -1;
  steer::Instant last;
  for (int k = 0; k < asked.kind.at + 1500; ++k) {
    for (const auto& found : watch.add(stream.next())) {
      using What = steer::Finding::What;
      if (found.what == What::change && alarm < 0) {
        if (k < asked.kind.at) return;  // a false alarm
        alarm = k;
        std::cout << k - asked.kind.at + 1;
      }
      if (found.what != What::baseline && alarm >= 0) last = found.onset;
    }
    const int since = k - alarm;
    if (alarm >= 0 && (since == 0 || since == 5 || since == 20 || since == 60))
      std::cout << ' ' << last.best - asked.kind.at << ' ' << last.low - asked.kind.at << ' '
                << last.high - asked.kind.at;
    if (alarm >= 0 && since == 60) break;
  }
  if (alarm >= 0) std::cout << '\n';
}

void cost_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  std::vector<steer::Sample> samples;
  for (int k = 0; k < 550; ++k) samples.push_back(stream.next());
  steer::WatchSettings settings = asked.watch;
  settings.log_threshold = std::numeric_limits<double>::infinity();
  steer::Watch watch(settings);
  const double before = process_cpu_seconds();
  for (const auto& sample : samples) (void)watch.add(sample);
  std::cout << 1e6 * (process_cpu_seconds() - before) / 550 << '\n';
}

void white_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  for (int k = 0; k < 750; ++k) {
    (void)stream.next();
    for (const double y : stream.white()) std::cout << y << ' ';
    std::cout << '\n';
  }
}

void warnings_of(const Asked& asked, std::uint64_t seed) {
  streams::Stream stream(asked.kind, asked.dimensions, seed);
  steer::Watch watch(asked.watch);
  std::optional<steer::EarlyWarning> early;
  const double never = std::numeric_limits<double>::infinity();
  double warned = never, alarm = never, tipped = never;
  const bool fold = asked.kind.change == "fold";
  const int windows = 2 * static_cast<int>(asked.warning.window);
  const int last = fold ? static_cast<int>(asked.kind.width) : windows + null_samples;
  for (int k = 0; k < 50 + last && tipped == never; ++k) {
    const auto sample = stream.next();
    if (alarm == never)
      for (const auto& found : watch.add(sample))
        if (found.what == steer::Finding::What::change) alarm = k;
    if (!watch.whitener()) continue;
    if (!early) early.emplace(asked.warning, watch.whitener()->noise());
    if (early->add(sample, 1)) warned = std::min<double>(warned, k);
    if (fold && stream.tipped()) tipped = k;
  }
  if (!fold) std::cout << warned - 50 - windows << '\n';
  if (fold && tipped < never) std::cout << tipped - warned << ' ' << tipped - alarm << '\n';
}

void threshold_of(const Asked&, std::uint64_t) {
  std::cout << steer::log_threshold({0.05, 500, true}) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 64;
  Asked asked;
  asked.dimensions = std::atoi(argv[4]);
  std::map<std::string, std::string> given;
  for (int i = 5; i < argc; ++i) {
    const std::string word = argv[i];
    given[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
  }
  for (const auto& [key, value] : given) {
    const double number = std::strtod(value.c_str(), nullptr);
    if (key == "change") asked.kind.change = value;
    if (key == "size") asked.kind.size = number;
    if (key == "width") asked.kind.width = number;
    if (key == "sparse") asked.kind.sparse = number > 0;
    if (key == "phi") asked.kind.phi = number;
    if (key == "drift") asked.kind.drift = number;
    if (key == "understated") asked.kind.understated = number;
    if (key == "jitter") asked.kind.jitter = number;
    if (key == "missing") asked.kind.missing = static_cast<int>(number);
    if (key == "unstated") asked.kind.unstated = number > 0;
    if (key == "at") asked.kind.at = static_cast<int>(number);
    if (key == "threshold") asked.watch.log_threshold = number;
    if (key == "window") asked.warning.window = static_cast<std::size_t>(number);
    if (key == "linear" && number > 0) asked.watch.drift = steer::Drift::linear;
  }
  const std::map<std::string, void (*)(const Asked&, std::uint64_t)> known{
      {"nulls", null_of},  {"alarms", alarm_of},      {"onsets", onset_of},       {"cost", cost_of},
      {"white", white_of}, {"warnings", warnings_of}, {"threshold", threshold_of}};
  const auto command = known.find(argv[1]);
  if (command == known.end()) return 64;
  const std::uint64_t first = std::strtoull(argv[2], nullptr, 10),
                      count = std::strtoull(argv[3], nullptr, 10);
  for (std::uint64_t seed = first; seed < first + count; ++seed) command->second(asked, seed);
}
