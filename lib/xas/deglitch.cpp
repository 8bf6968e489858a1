// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/deglitch.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr Index side = 5;     // neighbours at each side that a cubic is fitted to
constexpr Index around = 40;  // points whose noise counts
constexpr Index margin = 3;   // points at both ends where nothing is found

void check(const VectorXd& energy, const VectorXd& mu, const record::DeglitchSettings& settings) {
  if (mu.size() != energy.size() || !energy.allFinite() || !mu.allFinite())
    throw Error(Cause::data, "deglitch: " + std::to_string(energy.size()) + " energies and " +
                                 std::to_string(mu.size()) +
                                 " values; as many of both, all finite, are expected");
  if (!(settings.threshold > 0) || settings.widest < 1)
    throw Error(Cause::configuration, "deglitch: threshold " + shortest(settings.threshold) +
                                          " and widest " + std::to_string(settings.widest) +
                                          "; numbers above 0 are expected");
  for (const auto& [from, to] : settings.remove)
    if (!(from <= to))
      throw Error(Cause::configuration, "deglitch.remove: " + shortest(from) + " to " +
                                            shortest(to) + " eV; a range that rises is expected");
}

// y at x[i] from two points at each side, by the cubic through them, less y there; over the factor
// by which it amplifies their noise.
double prediction_error(const VectorXd& x, const VectorXd& y, Index i) {
  const std::array<Index, 4> at{i - 2, i - 1, i + 1, i + 2};
  double predicted = 0, amplified = 1;
  for (const Index a : at) {
    double weight = 1;
    for (const Index b : at)
      if (b != a) weight *= (x[i] - x[b]) / (x[a] - x[b]);
    predicted += weight * y[a];
    amplified += weight * weight;
  }
  return (y[i] - predicted) / std::sqrt(amplified);
}

double median_of(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Noise about each point: 1.48 times the median of the errors around, in blocks of half the range.
VectorXd noise_of(const VectorXd& errors) {
  const Index n = errors.size(), block = around / 2;
  VectorXd out(n);
  std::vector<double> values;
  for (Index from = 0; from < n; from += block) {
    const Index low = std::max<Index>(0, from - block / 2),
                high = std::min(n, from + block + block / 2);
    values.clear();
    for (Index i = low; i < high; ++i) values.push_back(std::abs(errors[i]));
    out.segment(from, std::min(block, n - from)).setConstant(1.4826 * median_of(values));
  }
  return out;
}

// Noise that is there whatever the median says: half the least step between values, for µ of few
// digits, and 1e-5 of the range, below which nothing matters.
double least_noise(const VectorXd& mu) {
  double quantum = INFINITY;
  for (Index i = 1; i < mu.size(); ++i)
    if (const double step = std::abs(mu[i] - mu[i - 1]); step > 0)
      quantum = std::min(quantum, step);
  return std::isinf(quantum) ? 1 : std::max(quantum / 2, 1e-5 * (mu.maxCoeff() - mu.minCoeff()));
}

// A cubic through the neighbours of a run of points, the run left out.
struct Surroundings {
  double scatter = 0;   // of the neighbours about it
  double farthest = 0;  // of the run, over its own uncertainty's factor √(1 + leverage)
  double nearest = 0;   // the least such of the run
  Index at = 0;         // of the farthest
};

Surroundings compare(const VectorXd& x, const VectorXd& y, Index from, Index count) {
  const Index low = std::max<Index>(0, from - side), high = std::min(x.size(), from + count + side);
  const Index m = high - low - count;
  const double middle = x[from + count / 2], half = std::max(x[high - 1] - middle, middle - x[low]);
  Eigen::Matrix<double, 2 * side, 4> basis;
  Eigen::Matrix<double, 2 * side, 1> values;
  basis.setZero();
  values.setZero();
  const auto powers = [&](Index i) {
    const double t = (x[i] - middle) / half;
    return Eigen::RowVector4d(1, t, t * t, t * t * t);
  };
  for (Index i = low, r = 0; i < high; ++i) {
    if (i >= from && i < from + count) continue;
    basis.row(r) = powers(i);
    values[r++] = y[i];
  }
  const Eigen::LDLT<Eigen::Matrix4d> normal(basis.transpose() * basis);
  const Eigen::Vector4d c = normal.solve(basis.transpose() * values);
  Surroundings out;
  out.scatter = std::sqrt((basis * c - values).squaredNorm() /
                          static_cast<double>(std::max<Index>(1, m - 4)));
  out.nearest = INFINITY;
  for (Index i = from; i < from + count; ++i) {
    const Eigen::RowVector4d p = powers(i);
    const double leverage = p.dot(normal.solve(p.transpose()));
    const double off = std::abs(y[i] - p.dot(c)) / std::sqrt(1 + leverage);
    out.nearest = std::min(out.nearest, off);
    if (off > out.farthest) {
      out.farthest = off;
      out.at = i;
    }
  }
  return out;
}

struct Run {
  Index from = 0, count = 0, at = 0;
  double size = 0;
};

// The run about point i that stands out most, of at most `widest` points, all of which do.
Run best_run(const VectorXd& x, const VectorXd& y, Index i, double noise,
             const record::DeglitchSettings& settings) {
  Run best;
  const Index n = x.size();
  for (Index count = 1; count <= settings.widest; ++count)
    for (Index from = i - count + 1; from <= i; ++from) {
      if (from < margin || from + count > n - margin) continue;
      const Surroundings s = compare(x, y, from, count);
      const double unit = std::max(s.scatter, noise);
      const bool out = s.farthest > settings.threshold * unit && s.nearest > 3 * unit;
      if (out && s.farthest / unit > best.size) best = {from, count, s.at, s.farthest / unit};
    }
  return best;
}

std::vector<Run> spikes(const VectorXd& x, const VectorXd& y,
                        const record::DeglitchSettings& settings) {
  const Index n = x.size();
  std::vector<Run> out;
  VectorXd errors = VectorXd::Zero(n);
  for (Index i = 2; i < n - 2; ++i) errors[i] = prediction_error(x, y, i);
  const VectorXd noise = noise_of(errors.segment(2, n - 4)).cwiseMax(least_noise(y));
  for (Index i = margin; i < n - margin; ++i) {
    const double here = noise[std::clamp<Index>(i - 2, 0, n - 5)];
    if (std::abs(errors[i]) <= 0.5 * settings.threshold * here) continue;
    const Run run = best_run(x, y, i, here, settings);
    if (run.count == 0) continue;
    if (!out.empty() && run.from < out.back().from + out.back().count) {
      if (run.size > out.back().size) out.back() = run;
      continue;
    }
    out.push_back(run);
  }
  return out;
}

Glitch reported(const VectorXd& energy, const Run& run) {
  return {energy[run.at],
          energy[run.from],
          energy[run.from + run.count - 1],
          static_cast<int>(run.count),
          run.size,
          false};
}

}  // namespace

Deglitched deglitch(const VectorXd& energy, const VectorXd& mu,
                    const record::DeglitchSettings& settings) {
  check(energy, mu, settings);
  const Index n = energy.size();
  std::vector<Index> rows;  // that no stated range holds
  Deglitched out;
  for (const auto& [from, to] : settings.remove) {
    Glitch glitch{
        .energy = (from + to) / 2, .from = from, .to = to, .points = 0, .size = 0, .stated = true};
    for (const double e : energy) glitch.points += e >= from && e <= to;
    if (glitch.points > 0) out.glitches.push_back(glitch);
  }
  for (Index i = 0; i < n; ++i)
    if (std::none_of(settings.remove.begin(), settings.remove.end(), [&](const auto& range) {
          return energy[i] >= range.first && energy[i] <= range.second;
        }))
      rows.push_back(i);
  std::vector<Run> found;
  if (settings.automatic && rows.size() >= 20) {
    const VectorXd x = energy(rows), y = mu(rows);
    found = spikes(x, y, settings);
    for (const Run& run : found) out.glitches.push_back(reported(x, run));
  }
  std::size_t next = 0;
  for (Index r = 0; r < static_cast<Index>(rows.size()); ++r) {
    while (next < found.size() && r >= found[next].from + found[next].count) ++next;
    if (next < found.size() && r >= found[next].from) continue;
    out.kept.push_back(rows[static_cast<std::size_t>(r)]);
  }
  if (out.kept.size() < 10 && n >= 10)
    throw Error(Cause::configuration, "deglitch: " + std::to_string(out.kept.size()) + " of " +
                                          std::to_string(n) +
                                          " points are left; check the ranges to remove");
  std::sort(out.glitches.begin(), out.glitches.end(),
            [](const Glitch& a, const Glitch& b) { return a.energy < b.energy; });
  return out;
}

VectorXd kept(const Deglitched& deglitched, const VectorXd& column) {
  return column(deglitched.kept);
}

}  // namespace twin::xas
