// SPDX-License-Identifier: GPL-3.0-or-later
// The absorption chain: µ(E) to χ(R), fits of paths, χ(k) of a frame of an ensemble.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "copper.h"
#include "feff/feff.h"
#include "xas/autobk.h"
#include "xas/ensemble.h"
#include "xas/fit.h"
#include "xas/pre_edge.h"
#include "xas/reduce.h"
#include "xas/transform.h"
#include "xas/wavelet.h"

namespace {

using namespace twin;
using Eigen::Index;

void chain(benchmark::State& state, const copper::Spectrum& one,
           const record::ReduceSettings& settings) {
  for (auto _ : state) {
    const xas::Reduction out = xas::reduce(one.energy, one.mu, settings, {});
    benchmark::DoNotOptimize(xas::forward_transform(out.chi, 3, one.kmax, 1, 2, "hanning"));
  }
}

void chain_e0_pinned(benchmark::State& state, const copper::Spectrum& one) {
  record::ReduceSettings settings;
  settings.e0 = xas::find_e0(one.energy, one.mu);
  chain(state, one, settings);
}

const bool chains = [] {
  for (const copper::Spectrum& one : copper::spectra()) {
    benchmark::RegisterBenchmark(("chain_e0_searched/" + one.name).c_str(),
                                 [&one](benchmark::State& state) { chain(state, one, {}); })
        ->Unit(benchmark::kMicrosecond);
    benchmark::RegisterBenchmark(("chain_e0_pinned/" + one.name).c_str(),
                                 [&one](benchmark::State& state) { chain_e0_pinned(state, one); })
        ->Unit(benchmark::kMicrosecond);
  }
  return true;
}();

// With a new grid each time: nothing of the background's basis can be used again.
void chain_new_grid(benchmark::State& state) {
  copper::Spectrum foil = copper::spectrum();
  for (auto _ : state) {
    foil.energy.array() += 1e-6;
    benchmark::DoNotOptimize(xas::reduce(foil.energy, foil.mu, {}, {}));
  }
}
BENCHMARK(chain_new_grid)->Unit(benchmark::kMicrosecond);

void autobk(benchmark::State& state) {
  const copper::Spectrum& foil = copper::spectrum();
  const auto basis = xas::AutobkBasis::get(foil.energy, xas::find_e0(foil.energy, foil.mu), {});
  for (auto _ : state) benchmark::DoNotOptimize(basis->solve(foil.mu));
}
BENCHMARK(autobk)->Unit(benchmark::kMicrosecond);

void autobk_uncertainty(benchmark::State& state) {
  const copper::Spectrum& foil = copper::spectrum();
  const auto basis = xas::AutobkBasis::get(foil.energy, xas::find_e0(foil.energy, foil.mu), {});
  for (auto _ : state) {
    auto background = basis->solve(foil.mu);
    basis->uncertainty(background);
    benchmark::DoNotOptimize(background);
  }
}
BENCHMARK(autobk_uncertainty)->Unit(benchmark::kMicrosecond);

void find_e0(benchmark::State& state) {
  const copper::Spectrum& foil = copper::spectrum();
  for (auto _ : state) benchmark::DoNotOptimize(xas::find_e0(foil.energy, foil.mu));
}
BENCHMARK(find_e0)->Unit(benchmark::kMicrosecond);

void pre_edge(benchmark::State& state) {
  const copper::Spectrum& foil = copper::spectrum();
  const double e0 = xas::find_e0(foil.energy, foil.mu);
  std::vector<std::string> warnings;
  for (auto _ : state)
    benchmark::DoNotOptimize(xas::pre_edge(foil.energy, foil.mu, e0, {}, warnings));
}
BENCHMARK(pre_edge)->Unit(benchmark::kMicrosecond);

void wavelet(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(xas::cauchy_wavelet(copper::chi(), 2));
}
BENCHMARK(wavelet)->Unit(benchmark::kMicrosecond);

void transform(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(xas::forward_transform(copper::chi(), 3, 15, 1, 2, "hanning"));
}
BENCHMARK(transform)->Unit(benchmark::kMicrosecond);

void back_transform(benchmark::State& state) {
  const xas::Transform t = xas::forward_transform(copper::chi(), 3, 15, 1, 2, "hanning");
  for (auto _ : state)
    benchmark::DoNotOptimize(xas::back_transform(t.chi, 1.4, 3.0, 0.2, "hanning"));
}
BENCHMARK(back_transform)->Unit(benchmark::kMicrosecond);

void fit(benchmark::State& state) {
  const copper::Fit given = copper::fit(static_cast<int>(state.range(0)));
  if (given.paths.empty()) return state.SkipWithError("skipped: no feff6l");
  xas::Fit out;
  for (auto _ : state) out = xas::fit(copper::chi(), given.settings, given.paths, given.feff, 0.9);
  state.counters["evaluations"] = out.evaluations;
  state.counters["converged"] = out.converged;
  state.counters["r_factor"] = out.r_factor;
  state.counters["sigma2"] = out.values[2];
}
BENCHMARK(fit)->Arg(1)->Arg(4)->Unit(benchmark::kMicrosecond);

// The crystal of 256 atoms, and one with its atoms displaced by 0.07 Å an axis.
atoms::Frame crystal() {
  atoms::Frame out;
  const double a = 3.61;
  out.cell = 4 * a * Eigen::Matrix3d::Identity();
  out.positions.resize(256, 3);
  out.species.assign(256, 0);
  Index at = 0;
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < 8; ++j)
      for (int l = 0; l < 8; ++l)
        if ((i + j + l) % 2 == 0) out.positions.row(at++) << i * a / 2, j * a / 2, l * a / 2;
  return out;
}

void ensemble_frame(benchmark::State& state) {
  if (copper::paths().empty()) return state.SkipWithError("skipped: no feff6l");
  feff::Request request;
  request.crystal.element = "Cu";
  request.crystal.a = 3.61;
  std::vector<double> distances;
  for (double r = 1.8; r < 6.7; r += 0.3) distances.push_back(r);
  std::vector<xas::ScatteringPath> multiple;
  for (const xas::ScatteringPath& path : copper::paths())
    if (path.legs > 2) multiple.push_back(path);
  const atoms::Frame ideal = crystal();
  xas::Ensemble ensemble(
      xas::PairTable(feff::pair_nodes(request, distances).paths, xas::k_grid(361)), multiple, ideal,
      {});
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 0.07);
  atoms::Frame frame = ideal;
  for (double& x : frame.positions.reshaped()) x += normal(random);
  for (auto _ : state) ensemble.add(frame, 0, {});
}
BENCHMARK(ensemble_frame)->Unit(benchmark::kMicrosecond);

const bool written = (copper::write_inputs(), true);

}  // namespace
