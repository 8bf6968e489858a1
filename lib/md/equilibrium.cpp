// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/equilibrium.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/text.h"

namespace twin::md {

namespace {

using Replicas = std::vector<Trajectory>;

std::vector<double> average_series(const Replicas& replicas, const Watched& observable) {
  std::size_t length = replicas.empty() ? 0 : replicas.front().size();
  for (const Trajectory& replica : replicas) length = std::min(length, replica.size());
  std::vector<double> series(length, 0.0);
  for (std::size_t i = 0; i < length; ++i)
    for (const Trajectory& replica : replicas)
      series[i] += observable.value(replica[i]) / static_cast<double>(replicas.size());
  return series;
}

Replicas part(const Replicas& replicas, bool second) {
  Replicas halves;
  for (const Trajectory& replica : replicas) {
    const auto middle = replica.begin() + static_cast<std::ptrdiff_t>(replica.size() / 2);
    halves.emplace_back(second ? middle : replica.begin(), second ? replica.end() : middle);
  }
  return halves;
}

double deviate(const numeric::Mean& one, const numeric::Mean& other) {
  const double sigma = std::hypot(one.sigma, other.sigma);
  return sigma > 0 ? std::abs(one.value - other.value) / sigma : 0;
}

/// What is one and the same number in all frames says nothing.
bool is_fixed(const Replicas& replicas, const Watched& observable) {
  if (replicas.empty() || replicas.front().empty()) return false;
  const double first = observable.value(replicas.front().front());
  return std::ranges::all_of(replicas, [&](const Trajectory& replica) {
    return std::ranges::all_of(replica, [&](const FrameValues& frame) {
      return std::abs(observable.value(frame) - first) <= 1e-12 * std::abs(first);
    });
  });
}

class Missing {
 public:
  void too_few(const std::string& name, double n_eff, double wanted) {
    if (!(n_eff >= wanted))
      add("N_eff of " + name + " is " + significant(n_eff, 2) + ", " + shortest(wanted) +
          " are asked for");
  }
  void apart(const std::string& what, double z) {
    if (z > 3) add(what + " by " + significant(z, 2) + " standard errors");
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add(const std::string& sentence) { text_ += (text_.empty() ? "" : "; ") + sentence; }
  std::string text_;
};

}  // namespace

const std::vector<Watched>& watched() {
  static const std::vector<Watched> all{
      {"r", [](const FrameValues& frame) { return frame.shells.front().d1; }},
      {"sigma2", [](const FrameValues& frame) { return frame.shells.front().variance(); }},
      {"rmsd", [](const FrameValues& frame) { return frame.rmsd; }},
      {"potential_energy", [](const FrameValues& frame) { return frame.energy_eV; }},
      {"volume", [](const FrameValues& frame) { return frame.volume; }},
      {"angle", [](const FrameValues& frame) { return frame.octahedra.bridge(); }}};
  return all;
}

std::vector<std::string> still_moving(const Replicas& replicas) {
  std::vector<std::string> names;
  for (const Watched& observable : watched()) {
    if (is_fixed(replicas, observable)) continue;
    const auto series = average_series(replicas, observable);
    constexpr std::size_t batch =
        5;  // the cut is at a batch: at half of the batches it has no room
    if (series.size() < 4 * batch || numeric::mser5(series) >= series.size() / batch / 2 * batch)
      names.push_back(observable.name);
  }
  return names;
}

std::size_t settled_from(const Replicas& replicas) {
  std::size_t cut = 0, length = 0;
  for (const Watched& observable : watched()) {
    if (is_fixed(replicas, observable)) continue;
    const auto series = average_series(replicas, observable);
    length = series.size();
    cut = std::max(cut, numeric::mser5(series));
  }
  return std::min(cut, length / 2);
}

Check check_equilibrium(const Replicas& replicas, double n_eff_wanted) {
  Check check;
  Missing missing;
  const Replicas first = part(replicas, false), second = part(replicas, true);
  bool first_one = true;
  for (const Watched& observable : watched()) {
    if (is_fixed(replicas, observable)) continue;
    const numeric::Mean mean = mean_over(replicas, observable.value);
    check.n_eff = std::exchange(first_one, false) ? mean.n_eff : std::min(check.n_eff, mean.n_eff);
    missing.too_few(observable.name, mean.n_eff, n_eff_wanted);
    missing.apart("halves of the run differ in " + observable.name,
                  deviate(mean_over(first, observable.value), mean_over(second, observable.value)));
    for (std::size_t i = 0; i < replicas.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        missing.apart("replicas differ in " + observable.name,
                      deviate(mean_over(Replicas{replicas[i]}, observable.value),
                              mean_over(Replicas{replicas[j]}, observable.value)));
  }
  check.missing = missing.text();
  check.equilibrated = check.missing.empty();
  return check;
}

}  // namespace twin::md
