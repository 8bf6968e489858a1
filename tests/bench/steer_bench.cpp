// SPDX-License-Identifier: GPL-3.0-or-later
// A sample of six quantities through what watches a stream, and the course of a change.
#include <benchmark/benchmark.h>

#include <limits>
#include <random>
#include <vector>

#include "steer/onset.h"
#include "steer/watch.h"

using namespace twin::steer;

namespace {

std::vector<Sample> noise(int n, int d) {
  std::mt19937_64 random(1);
  std::normal_distribution<> normal;
  std::vector<Sample> out;
  for (int k = 0; k < n; ++k) {
    Sample s{Eigen::VectorXd(d), Eigen::MatrixXd::Identity(d, d), 1.0 * k, 1.0};
    for (double& v : s.value) v = normal(random);
    out.push_back(s);
  }
  return out;
}

void steer_sample(benchmark::State& state) {
  const auto samples = noise(550, static_cast<int>(state.range(0)));
  WatchSettings settings;
  settings.log_threshold = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    Watch watch(settings);
    for (const auto& s : samples) benchmark::DoNotOptimize(watch.add(s));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(samples.size()));
}
BENCHMARK(steer_sample)->Arg(1)->Arg(6)->Arg(12)->Unit(benchmark::kMillisecond);

void steer_course(benchmark::State& state) {
  const auto samples = noise(300, 6);
  Whitener whitener(estimate_noise(samples, Drift::none));
  std::vector<White> white;
  for (const auto& s : samples) white.push_back(whitener(s));
  for (auto _ : state) benchmark::DoNotOptimize(course_of_change(white, 50, false));
}
BENCHMARK(steer_course)->Unit(benchmark::kMillisecond);

}  // namespace
