// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/merge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "numeric/statistics.h"
#include "xas/merge_scale.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// Of the spectrum's own variation: scans this near to the others are not told apart.
constexpr double agreement = 1e-4;

std::string unusable(const Repeat& scan) {
  const Index n = scan.energy.size();
  if (scan.mu.size() != n)
    return std::to_string(scan.mu.size()) + " values for as many energies as " + std::to_string(n);
  if (n < 20) return std::to_string(n) + " points; 20 are needed";
  if (!scan.energy.allFinite() || !scan.mu.allFinite()) return "values that are not finite";
  for (Index i = 1; i < n; ++i)
    if (!(scan.energy[i] > scan.energy[i - 1])) return "energies that do not rise";
  if (!(scan.mu.maxCoeff() > scan.mu.minCoeff())) return "a flat spectrum";
  return {};
}

// The first scan that reaches as far as any does, to 1 % of its range.
std::size_t grid_scan(const std::vector<Repeat>& scans, const std::vector<std::size_t>& usable) {
  double first = INFINITY, last = -INFINITY;
  for (const std::size_t i : usable) {
    first = std::min(first, scans[i].energy[0]);
    last = std::max(last, scans[i].energy.tail(1)[0]);
  }
  const double slack = 0.01 * (last - first);
  for (const std::size_t i : usable)
    if (scans[i].energy[0] <= first + slack && scans[i].energy.tail(1)[0] >= last - slack) return i;
  return *std::max_element(usable.begin(), usable.end(), [&](std::size_t a, std::size_t b) {
    return scans[a].energy.size() < scans[b].energy.size();
  });
}

// Distance from the target in units of the target.
double distance(const Column& column, const VectorXd& target) {
  return std::sqrt((column.y - target.segment(column.from, column.count)).squaredNorm() /
                   static_cast<double>(column.count));
}

struct Sums {
  VectorXd mean, weight, squares;  // Σ w y/Σ w, Σ w, Σ w (y - mean)²
  Eigen::VectorXi scans;
};

Sums summed(const std::vector<Column>& columns, Index n) {
  Sums out{VectorXd::Zero(n), VectorXd::Zero(n), VectorXd::Zero(n), Eigen::VectorXi::Zero(n)};
  for (const Column& c : columns) {
    out.mean.segment(c.from, c.count) += c.weight * c.y;
    out.weight.segment(c.from, c.count).array() += c.weight;
    out.scans.segment(c.from, c.count).array() += 1;
  }
  out.mean = (out.weight.array() > 0).select(out.mean.cwiseQuotient(out.weight), 0);
  for (const Column& c : columns)
    out.squares.segment(c.from, c.count) +=
        c.weight * (c.y - out.mean.segment(c.from, c.count)).cwiseAbs2();
  return out;
}

// Of residuals from the plain mean, var_i = σ_i² (1 - 2/n) + <σ²>/n, solved for σ_i.
void weigh(std::vector<Column>& columns, Index n) {
  const Sums plain = summed(columns, n);
  const double m = static_cast<double>(columns.size());
  double mean = 0;
  for (Column& column : columns) {
    const double rms = distance(column, plain.mean);
    column.noise = rms * rms;
    mean += column.noise / (m - 1);
  }
  for (Column& column : columns) {
    const double own = m > 2 ? (column.noise - mean / m) / (1 - 2 / m) : mean;
    column.noise = std::sqrt(std::max(own, 0.1 * mean));
    column.weight = mean > 0 ? 1 / (column.noise * column.noise) : 1;
  }
}

// The scatter in units of what the weights expect, over 15 points; one scan alone says nothing.
VectorXd excess(const Sums& sums) {
  constexpr Index half = 7;
  const Index n = sums.mean.size();
  VectorXd out(n);
  double squares = 0, degrees = 0, all_squares = 0, all_degrees = 0;
  const auto add = [&](Index i, double sign) {
    squares += sign * sums.squares[i];
    degrees += sign * std::max(0, sums.scans[i] - 1);
  };
  for (Index i = 0; i < n; ++i) {
    all_squares += sums.squares[i];
    all_degrees += std::max(0, sums.scans[i] - 1);
  }
  const double whole = all_degrees > 0 ? all_squares / all_degrees : 1;
  for (Index i = 0; i < std::min(half, n); ++i) add(i, 1);
  for (Index i = 0; i < n; ++i) {
    if (i + half < n) add(i + half, 1);
    if (i > half) add(i - half - 1, -1);
    out[i] = degrees > 0.5 ? std::max(0.0, squares) / degrees : whole;
  }
  return out;
}

std::string ends(const Column& column, const VectorXd& grid) {
  return "scan " + std::to_string(column.index + 1) + " reaches from " +
         significant(grid[column.from], 6) + " to " +
         significant(grid[column.from + column.count - 1], 6) + " eV only";
}

class Merging {
 public:
  Merging(const std::vector<Repeat>& scans, double reject) : scans_(scans), reject_(reject) {
    collect();
    median_ = agree(columns_, x_);
    reject_far();
    average();
  }

  Merged out;

 private:
  void leave_out(std::size_t index, const std::string& why) {
    out.left_out.push_back({index, why});
  }

  void collect() {
    std::vector<std::size_t> usable;
    for (std::size_t i = 0; i < scans_.size(); ++i) {
      const std::string why = unusable(scans_[i]);
      if (why.empty())
        usable.push_back(i);
      else
        leave_out(i, why);
    }
    if (usable.empty())
      throw Error(Cause::data, "merge: none of " + std::to_string(scans_.size()) +
                                   " scans is usable" +
                                   (out.left_out.empty() ? "" : ": " + out.left_out[0].why));
    out.energy = scans_[grid_scan(scans_, usable)].energy;
    n_ = out.energy.size();
    x_ = (out.energy.array() - out.energy[0]) / (out.energy[n_ - 1] - out.energy[0]) - 0.5;
    for (const std::size_t i : usable) {
      columns_.push_back(on_grid(out.energy, scans_[i], i));
      if (columns_.back().count >= 20) continue;
      columns_.pop_back();
      leave_out(i, "fewer than 20 points in the range of the others");
    }
  }

  void reject_far() {
    std::vector<double> far;
    for (const Column& column : columns_) {
      const bool sense = column.factor > 0 && std::isfinite(column.factor);
      far.push_back(sense ? distance(column, median_) : INFINITY);
    }
    const double typical = std::max(median(far), agreement);
    std::vector<Column> kept;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_.size() < 3 || far[i] <= reject_ * typical)
        kept.push_back(columns_[i]);
      else
        leave_out(columns_[i].index, std::isinf(far[i])
                                         ? "falls where the others rise"
                                         : significant(far[i] / typical, 3) +
                                               " times as far from the others as they are");
    }
    if (kept.empty()) throw Error(Cause::data, "merge: no two scans are alike");
    columns_ = std::move(kept);
  }

  void average() {
    if (columns_.size() > 1) weigh(columns_, n_);
    const Sums sums = summed(columns_, n_);
    back_to_mu(sums);
    out.scans = sums.scans;
    out.noise.assign(scans_.size(), 0);
    if (columns_.size() == 1) return alone();
    for (const Column& column : columns_) out.noise[column.index] = column.noise * factor_;
    const VectorXd variance = excess(sums).cwiseQuotient(sums.weight);
    out.sigma = factor_ * variance.cwiseSqrt();
    const VectorXd one = (variance.array() * sums.scans.cast<double>().array()).sqrt();
    out.sigma_one = factor_ * median({one.begin(), one.end()});
    out.sigma_mean = median({out.sigma.begin(), out.sigma.end()});
    for (const Column& column : columns_)
      if (column.count < n_ - n_ / 100 - 1) out.warnings.push_back(ends(column, out.energy));
  }

  // The mean in units of µ, with the mean of what was taken off each scan.
  void back_to_mu(const Sums& sums) {
    double weight = 0, offset = 0, slope = 0;
    factor_ = 0;
    for (const Column& column : columns_) {
      weight += column.weight;
      factor_ += column.weight * column.factor;
      offset += column.weight * column.offset;
      slope += column.weight * column.slope;
    }
    factor_ /= weight;
    out.mu = factor_ * sums.mean + slope / weight * x_;
    out.mu.array() += offset / weight;
  }

  // Nothing to compare with: the noise on the curve itself.
  void alone() {
    const auto& e = out.energy;
    const double noise = numeric::noise_by_differences(
        {e.data(), static_cast<std::size_t>(n_)}, {out.mu.data(), static_cast<std::size_t>(n_)},
        e[0], e[n_ - 1]);
    out.noise[columns_[0].index] = out.sigma_one = out.sigma_mean = noise;
    out.sigma = VectorXd::Constant(n_, noise);
    out.warnings.emplace_back("one scan alone: its noise is that of its own points");
  }

  const std::vector<Repeat>& scans_;
  double reject_;
  Index n_ = 0;
  VectorXd x_, median_;
  std::vector<Column> columns_;
  double factor_ = 1;
};

}  // namespace

Merged merge(const std::vector<Repeat>& scans, double reject) {
  if (!(reject > 1))
    throw Error(Cause::configuration,
                "merge.reject: " + shortest(reject) + "; a number above 1 is expected");
  return Merging(scans, reject).out;
}

}  // namespace twin::xas
