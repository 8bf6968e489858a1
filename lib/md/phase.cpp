// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/phase.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "numeric/statistics.h"

namespace twin::md {

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr double tilt_prior = 10 * degree, tilt_floor = 0.3 * degree;
constexpr double strain_prior = 0.02, strain_floor = 1e-3;
constexpr std::size_t blocks_a_replica = 4;

template <typename Function>
numeric::Mean mean_of(const std::vector<const FrameValues*>& frames, Function value) {
  Weighted series;
  for (const FrameValues* frame : frames) {
    series.values.push_back(value(frame->octahedra));
    series.weights.push_back(frame->weight);
  }
  return weighted_mean({std::move(series)});
}

/// ln of the Bayes factor of "free" against "zero".
double ln_free(const numeric::Mean& x, double prior, double floor) {
  const double dof = std::max(1e-3, x.n_eff - 1);
  const double wider = x.sigma > 0 ? dof / std::max(dof - 2, dof / 3) : 1;  // Student's variance
  const double variance = x.sigma * x.sigma * wider + floor * floor;
  const double ratio = prior * prior / variance;
  return 0.5 * (x.value * x.value / variance * ratio / (1 + ratio) - std::log1p(ratio));
}

/// ln of the mean of e^x.
double ln_mean(const std::vector<double>& x) {
  if (x.empty()) return -std::numeric_limits<double>::infinity();
  const double highest = std::ranges::max(x);
  double sum = 0;
  for (const double value : x) sum += std::exp(value - highest);
  return highest + std::log(sum / static_cast<double>(x.size()));
}

/// What never changes is held by the box, and no evidence.
bool is_held(const numeric::Mean& strain) { return !(strain.sigma > 1e-9); }

double ln_strain(const numeric::Mean& strain) {
  return is_held(strain) ? 0 : ln_free(strain, strain_prior, strain_floor);
}

double ln_three_lengths(const PerovskiteShape& shape) {
  return ln_strain(shape.against_mean[2]) + ln_strain(shape.between_others[2]);
}

/// ln Bayes factors of the patterns of each phase against cubic.
struct Patterns {
  std::vector<double> tetragonal, orthorhombic, other;
};

void add_pattern(const PerovskiteShape& shape, const std::array<int, 3>& signs, Patterns& to) {
  double tilts = 0;
  std::size_t with = 0, against = 0, unique = 0, untilted = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    if (signs[k] == 0) {
      untilted = k;
      continue;
    }
    const bool in_phase = signs[k] > 0;
    if (!shape.fits[in_phase ? k : 3]) return;
    tilts += ln_free((in_phase ? shape.in_phase : shape.out_of_phase)[k], tilt_prior, tilt_floor);
    if (in_phase || with + against == 0) unique = k;
    ++(in_phase ? with : against);
  }
  if (with + against == 0) return;
  if (with + against == 1)
    to.tetragonal.push_back(tilts + ln_strain(shape.against_mean[unique]));
  else if (with + against == 2)
    to.orthorhombic.push_back(tilts + ln_three_lengths(shape) + ln_strain(shape.shear[untilted]));
  else if (with == 1)  // the two axes of one kind are equally long, and need not be perpendicular
    to.orthorhombic.push_back(tilts + ln_strain(shape.against_mean[unique]) +
                              ln_strain(shape.shear[unique]));
  else
    to.other.push_back(tilts);
}

Patterns all_patterns(const PerovskiteShape& shape) {
  Patterns all;
  for (int a = -1; a <= 1; ++a)
    for (int b = -1; b <= 1; ++b)
      for (int c = -1; c <= 1; ++c) add_pattern(shape, {a, b, c}, all);
  for (const numeric::Mean& axis : shape.against_mean)
    if (!is_held(axis)) all.tetragonal.push_back(ln_strain(axis));
  if (!is_held(shape.against_mean[2]) && !is_held(shape.between_others[2]))
    all.orthorhombic.push_back(ln_three_lengths(shape));
  return all;
}

PhaseWeights weights_without(const Trajectory& replica, std::size_t block,
                             const std::array<bool, 4>& fits) {
  std::vector<const FrameValues*> frames;
  for (std::size_t i = 0; i < replica.size(); ++i)
    if (std::min(blocks_a_replica - 1, blocks_a_replica * i / replica.size()) != block)
      frames.push_back(&replica[i]);
  return phase_weights(shape_of(frames, fits));
}

double weight_of(const Trajectory& replica) {
  double sum = 0;
  for (const FrameValues& frame : replica) sum += frame.weight;
  return sum;
}

Eigen::RowVector4d row(const PhaseWeights& w) {
  return {w.cubic, w.tetragonal, w.orthorhombic, w.other};
}

}  // namespace

PerovskiteShape shape_of(const std::vector<const FrameValues*>& frames,
                         const std::array<bool, 4>& fits) {
  using Values = OctahedronValues;
  PerovskiteShape shape;
  shape.fits = fits;
  for (int k = 0; k < 3; ++k) {
    const auto axis = static_cast<std::size_t>(k);
    const int i = (k + 1) % 3, j = (k + 2) % 3;
    shape.in_phase[axis] = mean_of(frames, [k](const Values& v) { return v.in_phase[k]; });
    shape.out_of_phase[axis] = mean_of(frames, [k](const Values& v) { return v.out_of_phase[k]; });
    shape.against_mean[axis] = mean_of(frames, [=](const Values& v) {
      return std::log(v.lengths[k] / std::sqrt(v.lengths[i] * v.lengths[j]));
    });
    shape.between_others[axis] =
        mean_of(frames, [=](const Values& v) { return std::log(v.lengths[i] / v.lengths[j]); });
    shape.shear[axis] = mean_of(frames, [k](const Values& v) { return v.cosines[k]; });
  }
  return shape;
}

PhaseWeights phase_weights(const PerovskiteShape& shape) {
  const Patterns patterns = all_patterns(shape);
  const std::array<double, 4> ln{0, ln_mean(patterns.tetragonal), ln_mean(patterns.orthorhombic),
                                 ln_mean(patterns.other)};
  const double highest = std::ranges::max(ln);
  std::array<double, 4> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < 4; ++i) sum += weights[i] = std::exp(ln[i] - highest);
  return {weights[0] / sum, weights[1] / sum, weights[2] / sum, weights[3] / sum};
}

Phases phases_of(const std::vector<Trajectory>& replicas,
                 const std::optional<std::array<bool, 4>>& fits) {
  Phases phases;
  phases.delta =
      mean_over(replicas, [](const FrameValues& f) { return f.octahedra.beyond_corners; });
  const double rest = 1 - phases.delta.value;
  if (!fits) {
    phases.other = {rest, phases.delta.sigma, phases.delta.n_eff};
    return phases;
  }
  Eigen::RowVector4d all = Eigen::RowVector4d::Zero(), squares = all;
  double total = 0;
  for (const Trajectory& replica : replicas) total += weight_of(replica);
  for (const Trajectory& replica : replicas) {
    const double share = weight_of(replica) / total;
    all += share * row(weights_without(replica, blocks_a_replica, *fits));
    Eigen::MatrixXd without(blocks_a_replica, 4);
    for (std::size_t block = 0; block < blocks_a_replica; ++block)
      without.row(static_cast<Eigen::Index>(block)) = row(weights_without(replica, block, *fits));
    squares += share * share * numeric::jackknife_covariance(without).diagonal().transpose();
  }
  const auto mean = [&](int i) {
    return numeric::Mean{rest * all[i],
                         std::hypot(rest * std::sqrt(squares[i]), phases.delta.sigma * all[i]), 0};
  };
  phases.cubic = mean(0);
  phases.tetragonal = mean(1);
  phases.orthorhombic = mean(2);
  phases.other = mean(3);
  return phases;
}

}  // namespace twin::md
