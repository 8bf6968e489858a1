// SPDX-License-Identifier: GPL-3.0-or-later
// show_errors [--runs 2000]: how often one and two standard errors of a mean hold the truth where
// equilibrium was declared. Each run is two replicas of an autoregressive series of unit variance
// on which one transient, or a large one and a small one, dies away: it is equilibrated, produced
// and judged by what judges a run of the engine. A table: tab-separated, a kind of run a line.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "md/equilibrium.h"

namespace {

using twin::md::FrameValues;
using twin::md::Trajectory;

struct Transient {
  double size = 0.0;      ///< standard deviations
  double lifetime = 1.0;  ///< frames

  [[nodiscard]] double at(double t) const { return size * std::exp(-t / lifetime); }
};

struct Kind {
  const char* name;
  double tau = 0.0;  ///< correlation time, frames
  int equilibrate = 0, produce = 0;
  Transient one = {}, other = {};
  bool extends = true;  ///< false: it is judged as it is, as a trajectory from elsewhere is
};

/// One replica as it goes on.
class Series {
 public:
  Series(const Kind& kind, std::uint64_t seed)
      : kind_(kind), random_(seed), phi_(kind.tau > 0 ? std::exp(-1 / kind.tau) : 0) {
    noise_ = normal_(random_);
  }

  void go_on(int count, Trajectory& onto) {
    for (int i = 0; i < count; ++i) {
      FrameValues frame;
      frame.shells.resize(1);
      frame.energy_eV = noise_ + kind_.one.at(time_) + kind_.other.at(time_);
      onto.push_back(std::move(frame));
      noise_ = phi_ * noise_ + std::sqrt(1 - phi_ * phi_) * normal_(random_);
      ++time_;
    }
  }

 private:
  const Kind& kind_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  double phi_, noise_ = 0, time_ = 0;
};

struct Count {
  int declared = 0, one = 0, two = 0;
  double longer = 0;  ///< frames of equilibration beyond those asked for
};

void run(const Kind& kind, std::uint64_t seed, Count& count) {
  std::vector<Series> series{{kind, 2 * seed}, {kind, 2 * seed + 1}};
  const auto go_on = [&](int frames, std::vector<Trajectory>& onto) {
    for (std::size_t i = 0; i < series.size(); ++i) series[i].go_on(frames, onto[i]);
  };
  std::vector<Trajectory> before(2), production(2);
  go_on(kind.equilibrate, before);
  const auto length = static_cast<std::size_t>(kind.produce);
  std::vector<std::string> moving;
  if (kind.extends)
    moving = twin::md::settle(before, length, [&](auto& all) { go_on(kind.produce / 4, all); });
  count.longer += static_cast<double>(before[0].size()) - kind.equilibrate;
  go_on(kind.produce, production);
  if (!moving.empty() || !twin::md::check_equilibrium(production, before).equilibrated) return;
  const auto mean =
      twin::md::mean_over(production, [](const FrameValues& frame) { return frame.energy_eV; });
  ++count.declared;
  count.one += std::abs(mean.value) < mean.sigma;
  count.two += std::abs(mean.value) < 2 * mean.sigma;
}

const std::vector<Kind> kinds{
    {"white", 0, 100, 400},
    {"tau 2", 2, 100, 400},
    {"tau 20", 20, 500, 2000},
    {"white, fast transient", 0, 100, 400, {3, 10}},
    {"tau 2, fast transient", 2, 100, 400, {3, 20}},
    {"tau 20, fast transient", 20, 500, 2000, {3, 100}},
    {"white, medium transient", 0, 100, 400, {3, 100}},
    {"tau 2, medium transient", 2, 100, 400, {3, 100}},
    {"tau 20, medium transient", 20, 500, 2000, {3, 400}},
    {"tau 2, medium, judged as it is", 2, 100, 400, {3, 100}, {}, false},
    {"tau 20, medium, judged as it is", 20, 500, 2000, {3, 400}, {}, false},
    {"tau 2, two transients", 2, 100, 400, {30, 5}, {2, 100}},
    {"tau 20, two transients", 20, 500, 2000, {30, 50}, {2, 400}},
    {"tau 2, slow transient", 2, 100, 400, {3, 1500}},
    {"tau 20, slow transient", 20, 500, 2000, {3, 7500}},
};

}  // namespace

int main(int argc, char** argv) {
  int runs = 2000;
  if (argc == 3 && std::string(argv[1]) == "--runs") runs = std::atoi(argv[2]);
  if (argc == 2 || argc > 3 || runs < 1) return 64;
  std::printf("kind\tof\tdeclared\tin_one\tin_two\tlonger\n");
  for (const Kind& kind : kinds) {
    Count count;
    for (int i = 0; i < runs; ++i) run(kind, static_cast<std::uint64_t>(i) + 1, count);
    std::printf("%s\t%d\t%d\t%d\t%d\t%.3f\n", kind.name, runs, count.declared, count.one, count.two,
                count.longer / runs / (kind.equilibrate + kind.produce));
    std::fflush(stdout);
  }
  return 0;
}
