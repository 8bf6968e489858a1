// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/equilibrium.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "core/text.h"
#include "numeric/relaxation.h"
#include "numeric/statistics.h"

namespace twin::md {

namespace {

using Replicas = std::vector<Trajectory>;

std::size_t shortest_of(const Replicas& replicas) {
  std::size_t length = replicas.empty() ? 0 : replicas.front().size();
  for (const Trajectory& replica : replicas) length = std::min(length, replica.size());
  return length;
}

std::vector<double> average_series(const Replicas& replicas, const Watched& observable) {
  std::vector<double> series(shortest_of(replicas), 0.0);
  for (std::size_t i = 0; i < series.size(); ++i)
    for (const Trajectory& replica : replicas)
      series[i] += observable.value(replica[i]) / static_cast<double>(replicas.size());
  return series;
}

/// What is still to be seen of a transient in a mean, in units of the mean's standard error.
struct Lingering {
  double left = 0.0;
  double lifetime = 0.0;  ///< frames
};

/// Where it must be seen, and how well.
struct Standard {
  double deviate;  ///< of the amplitude, in its standard errors
  double left;     ///< in standard errors of the mean
  double slack;    ///< how much worse than the best in χ² a lifetime may fit that counts
};
constexpr Standard to_go_on{2, 0.1, 1};
constexpr Standard to_refuse{3.3, 0.3, 0};

/// The mean whose frames [from, from + count) of the series may hold a rest of the transient.
struct Window {
  std::size_t from = 0, count = 0;
  double sigma = 0.0;  ///< its standard error; 0: that of so many more frames like these
};

/// \param cut  frames at the beginning of the series that are not looked at
std::optional<Lingering> lingering(std::span<const double> series, std::size_t cut,
                                   const Window& window, const Standard& standard) {
  const auto fits = numeric::relaxations(series.subspan(cut));
  const auto count = static_cast<double>(window.count);
  const double sigma = window.sigma > 0 ? window.sigma : std::sqrt(fits.variance / count);
  const auto deviate = [](const numeric::Relaxation& fit) {
    return std::abs(fit.amplitude) / fit.sigma;
  };
  double best = 0;
  for (const auto& fit : fits.all) best = std::max(best, deviate(fit));
  if (best < standard.deviate || !(sigma > 0)) return std::nullopt;
  std::optional<Lingering> worst;
  for (const auto& fit : fits.all) {
    if (best * best - deviate(fit) * deviate(fit) > standard.slack) continue;
    const double left = std::abs(fit.mean(static_cast<double>(window.from - cut), count)) / sigma;
    if (left > standard.left && (!worst || left > worst->left)) worst = {left, fit.lifetime};
  }
  return worst;
}

/// In the whole series, and after what MSER-5 cuts of its beginning: a transient that is large and
/// fast hides one that is small and slow.
std::optional<Lingering> lingering(const std::vector<double>& series, const Window& window,
                                   const Standard& standard) {
  const std::span<const double> beginning(series.data(), window.from);
  auto found = lingering(series, 0, window, standard);
  if (!found && window.from > 0)
    found = lingering(series, numeric::mser5(beginning), window, standard);
  return found;
}

/// Frames before production and its own, averaged over replicas, as deviations from \p mean; what
/// counts for more weighs more.
std::vector<double> whole_series(const Replicas& before, const Replicas& replicas,
                                 const Watched& observable, double mean) {
  double weight = 0, frames = 0;
  for (const Trajectory& replica : replicas)
    for (const FrameValues& frame : replica) {
      weight += frame.weight;
      ++frames;
    }
  const auto add = [&](const Replicas& all, double scale, std::vector<double>& series) {
    const std::size_t length = shortest_of(all);
    for (std::size_t i = 0; i < length; ++i) {
      double sum = 0;
      for (const Trajectory& replica : all)
        sum += scale * replica[i].weight * (observable.value(replica[i]) - mean);
      series.push_back(sum / static_cast<double>(all.size()));
    }
  };
  std::vector<double> series;
  add(before, 1, series);
  add(replicas, weight > 0 ? frames / weight : 1, series);
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
  void relaxes(const std::string& name, const Lingering& found) {
    add(name + " still relaxes: " + significant(found.left, 2) +
        " standard errors of its mean are left of a transient of " +
        significant(found.lifetime, 2) + " frames; a longer equilibration is needed");
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

std::vector<std::string> settle(Replicas& replicas, std::size_t production,
                                const std::function<void(Replicas&)>& more) {
  const auto lingers = [&](const Watched& observable) {
    if (is_fixed(replicas, observable)) return false;
    const auto series = average_series(replicas, observable);
    return lingering(series, {series.size(), production}, to_go_on).has_value();
  };
  for (int times = 0; times < 12; ++times) {
    if (still_moving(replicas).empty() && std::ranges::none_of(watched(), lingers)) return {};
    more(replicas);
  }
  return still_moving(replicas);
}

Check check_equilibrium(const Replicas& replicas, const Replicas& before, double n_eff_wanted) {
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
    const auto series = whole_series(before, replicas, observable, mean.value);
    const std::size_t from = shortest_of(before);
    if (const auto found = lingering(series, {from, series.size() - from, mean.sigma}, to_refuse))
      missing.relaxes(observable.name, *found);
  }
  check.missing = missing.text();
  check.equilibrated = check.missing.empty();
  return check;
}

std::size_t settled_from(const Replicas& replicas, std::size_t most) {
  std::size_t cut = 0, length = 0;
  for (const Watched& observable : watched()) {
    if (is_fixed(replicas, observable)) continue;
    const auto series = average_series(replicas, observable);
    length = series.size();
    cut = std::max(cut, numeric::mser5(series));
  }
  cut = std::min(cut, length / 2);
  for (std::size_t at = cut; at <= std::min(most, length / 2);
       at += std::max<std::size_t>(1, length / 20)) {
    Replicas before, rest;
    for (const Trajectory& replica : replicas) {
      const auto middle = replica.begin() + static_cast<std::ptrdiff_t>(at);
      before.emplace_back(replica.begin(), middle);
      rest.emplace_back(middle, replica.end());
    }
    if (check_equilibrium(rest, before).equilibrated) return at;
  }
  return cut;
}

}  // namespace twin::md
