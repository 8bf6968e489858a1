// SPDX-License-Identifier: GPL-3.0-or-later
// What the search costs beside a simulation: one decision with the whole history, one verdict.
#include <benchmark/benchmark.h>

#include "match/compare.h"
#include "match/search.h"
#include "match/toy.h"

namespace {

using namespace twin;

struct Case {
  record::Result measured = toy::measure({}, 3.611, 300, 1);
  toy::Search found = toy::search(measured, toy::model_of(true), toy::Metal{});
};

void decide(benchmark::State& state) {
  const Case given;
  for (auto _ : state) benchmark::DoNotOptimize(match::decide(given.measured, given.found.model));
  state.counters["evaluations"] = static_cast<double>(given.found.model.history.size());
}
BENCHMARK(decide)->Unit(benchmark::kMicrosecond);

void compare(benchmark::State& state) {
  const Case given;
  const record::Evaluation& last = given.found.model.history.back();
  for (auto _ : state)
    benchmark::DoNotOptimize(match::compare(given.measured, last, given.found.model));
}
BENCHMARK(compare)->Unit(benchmark::kMicrosecond);

}  // namespace
