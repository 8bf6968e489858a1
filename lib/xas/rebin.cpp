// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/rebin.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "numeric/spline.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double xanes_begin = -30.0, xanes_end = 50.0;  // eV from e0

void check_step(const char* name, double step) {
  if (!(step > 0 && std::isfinite(step)))
    throw Error(Cause::configuration,
                std::string("rebin.") + name + ": " + shortest(step) + "; expected above 0");
}

struct Sorted {
  VectorXd energy;  // increasing; repeated energies averaged
  MatrixXd columns;
};

Sorted sorted(const VectorXd& energy, const MatrixXd& columns) {
  const Index n = energy.size();
  if (columns.rows() != n || n < 4 || !energy.allFinite() || !columns.allFinite())
    throw Error(Cause::data, "rebin: " + std::to_string(n) + " energies for " +
                                 std::to_string(columns.rows()) +
                                 " points; 4 or more of each, all finite, are expected");
  std::vector<Index> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  if (!std::is_sorted(energy.begin(), energy.end()))
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return energy[a] < energy[b]; });
  Sorted out{VectorXd(n), MatrixXd(n, columns.cols())};
  for (Index i = 0; i < n; ++i) {
    out.energy[i] = energy[order[static_cast<std::size_t>(i)]];
    out.columns.row(i) = columns.row(order[static_cast<std::size_t>(i)]);
  }
  return out;
}

Sorted without_repeats(const Sorted& in) {
  Sorted out{in.energy, in.columns};
  Index m = 0;
  for (Index i = 0; i < in.energy.size();) {
    Index j = i;
    while (j < in.energy.size() && in.energy[j] == in.energy[i]) ++j;
    out.energy[m] = in.energy[i];
    out.columns.row(m++) = in.columns.middleRows(i, j - i).colwise().mean();
    i = j;
  }
  return {out.energy.head(m), out.columns.topRows(m)};
}

// Sums over the points nearest to each point of the grid.
Rebinned averaged(const Sorted& data, const VectorXd& grid) {
  const Index m = grid.size();
  Rebinned out{VectorXd::Zero(m), MatrixXd::Zero(m, data.columns.cols()), Eigen::VectorXi::Zero(m)};
  Index bin = 0;
  for (Index i = 0; i < data.energy.size(); ++i) {
    while (bin + 1 < m && data.energy[i] > (grid[bin] + grid[bin + 1]) / 2) ++bin;
    out.energy[bin] += data.energy[i];
    out.columns.row(bin) += data.columns.row(i);
    ++out.points[bin];
  }
  for (Index j = 0; j < m; ++j)
    if (out.points[j] > 0) {
      out.energy[j] /= out.points[j];
      out.columns.row(j) /= out.points[j];
    }
  return out;
}

void drop_empty(Rebinned& bins) {
  Index m = 0;
  for (Index j = 0; j < bins.energy.size(); ++j) {
    if (bins.points[j] == 0) continue;
    bins.energy[m] = bins.energy[j];
    bins.columns.row(m) = bins.columns.row(j).eval();
    bins.points[m++] = bins.points[j];
  }
  bins.energy.conservativeResize(m);
  bins.columns.conservativeResize(m, Eigen::NoChange);
  bins.points.conservativeResize(m);
}

// The first and the last bin are never empty: the grid begins and ends with the data.
void fill_empty(Rebinned& bins, const VectorXd& grid) {
  bins.energy = grid;
  for (Index j = 0; j < grid.size(); ++j) {
    if (bins.points[j] > 0) continue;
    Index before = j - 1, after = j + 1;
    while (before > 0 && bins.points[before] == 0) --before;
    while (after < grid.size() - 1 && bins.points[after] == 0) ++after;
    const double t = (grid[j] - grid[before]) / (grid[after] - grid[before]);
    bins.columns.row(j) = (1 - t) * bins.columns.row(before) + t * bins.columns.row(after);
  }
}

Rebinned splined(const Sorted& data, const VectorXd& grid) {
  const Sorted once = without_repeats(data);
  const numeric::CubicInterpolator move(once.energy, grid);
  Rebinned out{grid, MatrixXd(grid.size(), once.columns.cols()),
               Eigen::VectorXi::Zero(grid.size())};
  for (Index c = 0; c < once.columns.cols(); ++c) out.columns.col(c) = move(once.columns.col(c));
  return out;
}

}  // namespace

VectorXd rebin_grid(double first, double last, double e0, const record::RebinSettings& settings) {
  const double xanes =
      settings.xanes_step.value_or(std::max(0.05, 0.05 * std::nearbyint(e0 / 25000 / 0.05)));
  check_step("pre_step", settings.pre_step);
  check_step("xanes_step", xanes);
  check_step("exafs_kstep", settings.exafs_kstep);
  std::vector<double> grid{first};
  // Each region begins where its own grid, anchored at e0, first lies half a step above the last.
  const auto add = [&](double energy, double step) {
    if (energy <= last && energy - grid.back() > 0.5 * step) grid.push_back(energy);
  };
  const double pre_end = std::min(last, e0 + xanes_begin);
  for (double e = first + settings.pre_step; e < pre_end; e += settings.pre_step)
    add(e, settings.pre_step);
  const auto steps = [&](double from) {
    return std::max(std::ceil((first - e0) / xanes), std::round(from / xanes));
  };
  for (double i = steps(xanes_begin); i * xanes < xanes_end && e0 + i * xanes <= last; ++i)
    add(e0 + i * xanes, xanes);
  double k = std::max(std::sqrt(etok * xanes_end), std::sqrt(etok * std::max(0.0, first - e0)));
  for (; e0 + k * k / etok <= last; k += settings.exafs_kstep)
    add(e0 + k * k / etok, 2 * k * settings.exafs_kstep / etok);
  return Eigen::Map<VectorXd>(grid.data(), static_cast<Index>(grid.size()));
}

Rebinned rebin(const VectorXd& energy, const MatrixXd& columns, double e0,
               const record::RebinSettings& settings) {
  const Sorted data = sorted(energy, columns);
  const VectorXd grid =
      rebin_grid(data.energy[0], data.energy[data.energy.size() - 1], e0, settings);
  if (settings.method == "spline") return splined(data, grid);
  if (settings.method != "boxcar" && settings.method != "centroid")
    throw Error(Cause::configuration, "rebin.method: '" + printable(settings.method) +
                                          "'; expected boxcar, centroid or spline");
  Rebinned out = averaged(data, grid);
  if (settings.method == "centroid")
    drop_empty(out);
  else
    fill_empty(out, grid);
  return out;
}

}  // namespace twin::xas
