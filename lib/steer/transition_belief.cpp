// SPDX-License-Identifier: GPL-3.0-or-later
#include "steer/transition_belief.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace twin::steer {

namespace {

constexpr int grid_places = 161, grid_widths = 7;
constexpr double reach = 4.0;            // σ of the prior that the grid covers
constexpr double amplitude_sigma = 0.3;  // of ξ between the phases, about 1
constexpr double unbounded = std::numeric_limits<double>::infinity();
const double steepness = std::log(81.0);

/// A twin that fits one phase has seen that the other is the lesser part, as a normal deviate of
/// this width in the fraction; and one of so many is wrong whatever was there.
constexpr double told_apart = 0.15, mistaken = 0.02;

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double converted(double condition, double at, double width) {
  return 1 / (1 + std::exp(-steepness * (condition - at) / width));
}

}  // namespace

TransitionBelief::TransitionBelief(Normal at, Normal width) : reference_(at.mean), unit_(at.sigma) {
  for (int i = 0; i < grid_places; ++i) {
    const double z = reach * (2.0 * i / (grid_places - 1) - 1);
    for (int j = 0; j < grid_widths; ++j) {
      const double y = width.sigma > 0 ? 2.0 * (2.0 * j / (grid_widths - 1) - 1) : 0;
      Node node;
      node.at = at.mean + z * at.sigma;
      node.width = width.mean + y * width.sigma;
      if (node.width < 0.1 * width.mean) continue;
      node.log_prior = -0.5 * (z * z + y * y);
      nodes_.push_back(node);
      if (!(width.sigma > 0)) break;
    }
  }
  update();
}

void TransitionBelief::matched(double condition, bool behind) {
  if (behind && behind_.any) return;
  if (!behind && before_.any && condition < before_.condition) return;
  (behind ? behind_ : before_) = {true, condition};
  update();
}

void TransitionBelief::observe(double condition, double xi, double sigma) {
  const double w = 1 / (sigma * sigma), t = (condition - reference_) / unit_;
  for (Node& node : nodes_) {
    const double c = converted(condition, node.at, node.width);
    node.c += w * c;
    node.ct += w * c * t;
    node.cc += w * c * c;
    node.cx += w * c * xi;
  }
  w_ += w;
  wt_ += w * t;
  wtt_ += w * t * t;
  wx_ += w * xi;
  wtx_ += w * t * xi;
  wxx_ += w * xi * xi;
  ++count_;
  update();
}

void TransitionBelief::forget_observations() {
  for (Node& node : nodes_) node.c = node.ct = node.cc = node.cx = 0;
  w_ = wt_ = wtt_ = wx_ = wtx_ = wxx_ = 0;
  count_ = 0;
  update();
}

/// χ² at the best a, b and s, with the prior of s, where errors are \p scale times as large in the
/// square; and the logarithm of what integrating over them
/// leaves, up to what all nodes share.
double TransitionBelief::misfit(Node& node, double scale) const {
  // Of a and b: all sums as seen past them.
  const double mean = wt_ / w_, tt = std::max(wtt_ - wt_ * mean, 0.0);
  const auto past = [&](double y, double yt, double z, double zt, double yz) {
    const double along = tt > 1e-9 * wtt_ ? (yt - y * mean) * (zt - z * mean) / tt : 0;
    return (yz - y * z / w_ - along) / scale;
  };
  const double xx = past(wx_, wtx_, wx_, wtx_, wxx_);
  const double cc = std::max(past(node.c, node.ct, node.c, node.ct, node.cc), 0.0);
  const double cx = past(node.c, node.ct, wx_, wtx_, node.cx);
  constexpr double known = 1 / (amplitude_sigma * amplitude_sigma);
  node.log_determinant = -0.5 * std::log(cc / known + 1);
  return xx + known - (cx + known) * (cx + known) / (cc + known);
}

/// Of the phases that were matched.
double TransitionBelief::log_matched(const Node& node) const {
  double out = 0;
  const auto told = [&](const Seen& seen, double sign) {
    if (!seen.any) return;
    const double excess = converted(seen.condition, node.at, node.width) - 0.5;
    out += std::log(mistaken + (1 - 2 * mistaken) * normal_cdf(sign * excess / told_apart));
  };
  told(before_, -1);
  told(behind_, 1);
  return out;
}

void TransitionBelief::update() {
  // Errors that are too small for the best of all courses are scaled to it.
  double least = unbounded;
  if (count_ > 2)
    for (Node& node : nodes_) least = std::min(least, node.chi2 = misfit(node, 1));
  if (const double scale = least / static_cast<double>(count_ - 3); count_ > 4 && scale > 1)
    for (Node& node : nodes_) node.chi2 = misfit(node, scale);
  double most = -unbounded;
  for (Node& node : nodes_) {
    node.probability = node.log_prior + log_matched(node);
    if (count_ > 2) node.probability += node.log_determinant - 0.5 * node.chi2;
    most = std::max(most, node.probability);
  }
  double sum = 0;
  for (Node& node : nodes_) sum += node.probability = std::exp(node.probability - most);
  for (Node& node : nodes_) node.probability /= sum;
}

double TransitionBelief::begun(double condition) const {
  return under_way(-unbounded, {condition, 0});
}

double TransitionBelief::under_way(double now, Normal ahead) const {
  // A node stands for its cell: as wide as two nodes are apart.
  const double cell = 2 * reach / (grid_places - 1) * unit_ / std::sqrt(12.0);
  double out = 0;
  for (const Node& node : nodes_) {
    const double onset = node.at - node.width / 2, end = node.at + node.width / 2;
    const double begun = normal_cdf((now - onset) / cell);  // whatever is ahead
    const double begins =
        std::max(begun, normal_cdf((ahead.mean - onset) / std::hypot(cell, ahead.sigma)));
    const double lasts = normal_cdf((end - now) / cell);
    // That it begins and that it is over exclude each other but for the width of a cell.
    out += node.probability * std::max(0.0, begins + lasts - 1);
  }
  return out;
}

double TransitionBelief::onset_quantile(double probability) const {
  double low = reference_ - 20 * unit_, high = reference_ + 20 * unit_;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (begun(middle) < probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace twin::steer
