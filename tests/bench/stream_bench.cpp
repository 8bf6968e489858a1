// SPDX-License-Identifier: GPL-3.0-or-later
// A record of 2 kB from text to text, beside what nlohmann-json alone takes for the same text.
#include <benchmark/benchmark.h>

#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

#include "record/records.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace {

using namespace twin;

// A result of a fit with its arrays cut so that the text has 2 kB.
std::string make_text() {
  record::Result result;
  result.technique = "xas";
  result.edge = "Cu K";
  result.recipe_name = "copper";
  result.recipe_sha256 = std::string(64, 'a');
  result.context.run = "run";
  result.context.scan = "scan 17";
  result.context.period = "morning";
  result.header.id = std::string(32, 'b');
  result.header.by = std::string(32, 'c');
  result.header.time = "2026-01-01T00:00:00Z";
  for (const char* name : {"n:Cu-Cu.1", "r:Cu-Cu.1", "sigma2:Cu-Cu.1", "de0:Cu-Cu.1"}) {
    record::Quantity quantity;
    quantity.value = 2.5431 + static_cast<double>(result.quantities.size()) / 3;
    quantity.sigma = 0.0022;
    quantity.unit = "Å";
    quantity.method = "fit";
    result.quantities[name] = quantity;
  }
  record::Array chi;
  for (int i = 0; stream::dump_json(stream::encode(result)).size() < 2000; ++i) {
    chi.data.push_back(1.0 / (i + 3));
    chi.shape = {chi.data.size()};
    result.arrays["chi"] = chi;
  }
  return stream::dump_json(stream::encode(result));
}

const std::string& text() {
  static const std::string out = make_text();
  return out;
}

std::string ours() {
  return stream::dump_json(stream::encode(stream::decode(stream::parse_json(text(), "bench"))));
}

std::string alone() { return nlohmann::ordered_json::parse(text()).dump(); }

void record_round(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ours());
  state.SetLabel(std::to_string(text().size()) + " bytes");
}
BENCHMARK(record_round)->Unit(benchmark::kMicrosecond);

void nlohmann_round(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(alone());
}
BENCHMARK(nlohmann_round)->Unit(benchmark::kMicrosecond);

double cpu_of(std::string (*round)()) {
  const std::clock_t start = std::clock();
  for (int i = 0; i < 50; ++i) benchmark::DoNotOptimize(round());
  return static_cast<double>(std::clock() - start);
}

// Both in turn, so that what else the machine does falls on both.
void ratio(benchmark::State& state) {
  double own = 0, peer = 0;
  for (auto _ : state) {
    own += cpu_of(ours);
    peer += cpu_of(alone);
  }
  state.counters["ours/nlohmann"] = own / peer;
}
BENCHMARK(ratio)->Unit(benchmark::kMicrosecond);

}  // namespace
