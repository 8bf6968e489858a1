// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/path_copies.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "atoms/neighbours.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

constexpr double same_place = 0.02;  // Å; feffNNNN.dat prints four decimals

/// The 48 matrices that permute the axes and flip their signs.
std::vector<Eigen::Matrix3d> cubic_operations() {
  std::vector<Eigen::Matrix3d> operations;
  std::array<int, 3> axes{0, 1, 2};
  do {
    for (int signs = 0; signs < 8; ++signs) {
      Eigen::Matrix3d operation = Eigen::Matrix3d::Zero();
      for (int row = 0; row < 3; ++row)
        operation(row, axes[static_cast<std::size_t>(row)]) = (signs >> row & 1) != 0 ? -1 : 1;
      operations.push_back(operation);
    }
  } while (std::next_permutation(axes.begin(), axes.end()));
  return operations;
}

/// Vectors from atom 0 to all others near to it.
std::vector<Eigen::Vector3d> around_first(const atoms::Frame& ideal, double rmax) {
  std::vector<Eigen::Vector3d> found;
  for (const auto& pair : atoms::fixed_pairs(ideal, 0, rmax)) {
    const Eigen::Vector3d r = atoms::separation(pair, ideal);
    if (pair.i == 0) found.push_back(r);
    if (pair.j == 0) found.emplace_back(-r);
  }
  return found;
}

bool fits(const ScatteringPath& path, double scale, const std::vector<Eigen::Vector3d>& sites) {
  for (Eigen::Index i = 1; i < path.atoms.rows(); ++i) {
    const Eigen::Vector3d r = scale * path.atoms.row(i).transpose();
    const auto here = [&r](const Eigen::Vector3d& site) { return (site - r).norm() < same_place; };
    if (r.norm() > same_place && std::none_of(sites.begin(), sites.end(), here)) return false;
  }
  return true;
}

/// The ratio of the lattice parameters, from the ratio (nearest to one) at which all atoms of all
/// paths find sites.
double lattice_scale(const std::vector<ScatteringPath>& paths, const atoms::Frame& ideal) {
  constexpr double most = 1.25;
  double farthest = 0;
  for (const auto& path : paths)
    farthest = std::max(farthest, path.atoms.rowwise().norm().maxCoeff());
  const auto sites = around_first(ideal, most * farthest + same_place);
  const double length = paths.front().atoms.row(1).norm();
  std::vector<double> candidates;
  for (const auto& site : sites)
    if (const double ratio = site.norm() / length; ratio < most && ratio > 1 / most)
      candidates.push_back(ratio);
  const auto nearer_one = [](double one, double other) {
    return std::abs(std::log(one)) < std::abs(std::log(other));
  };
  std::sort(candidates.begin(), candidates.end(), nearer_one);
  for (const double scale : candidates)
    if (std::all_of(paths.begin(), paths.end(),
                    [&](const auto& path) { return fits(path, scale, sites); }))
      return scale;
  throw Error(Cause::data,
              "ensemble: the scattering paths do not fit on the sites of the crystal; expected "
              "paths of the same lattice, axes along the same directions");
}

}  // namespace

PathCopies::PathCopies(const std::vector<ScatteringPath>& paths, const atoms::Frame& ideal) {
  if (paths.empty()) return;
  for (const auto& path : paths)
    if (path.atoms.rows() < 2 || path.atoms.row(1).norm() < same_place)
      throw Error(Cause::data, "ensemble: '" + printable(path.name) + "' has no scatterer");
  const double scale = lattice_scale(paths, ideal);
  for (const auto& path : paths) make_copies(path, scale);
  find_sites(ideal);
}

std::size_t PathCopies::offset_at(const Eigen::Vector3d& r) {
  const auto here = [&r](const Eigen::Vector3d& offset) {
    return (offset - r).norm() < same_place;
  };
  const auto found = std::find_if(offsets_.begin(), offsets_.end(), here);
  if (found != offsets_.end()) return static_cast<std::size_t>(found - offsets_.begin());
  offsets_.push_back(r);
  return offsets_.size() - 1;
}

void PathCopies::make_copies(const ScatteringPath& path, double scale) {
  static const auto operations = cubic_operations();
  std::set<Copy> distinct;
  for (const auto& operation : operations) {
    Copy copy;
    for (Eigen::Index i = 1; i < path.atoms.rows(); ++i)
      copy.push_back(offset_at(operation * path.atoms.row(i).transpose() * scale));
    distinct.insert(std::min(copy, Copy(copy.rbegin(), copy.rend())));
  }
  copies_.emplace_back(distinct.begin(), distinct.end());
}

void PathCopies::find_sites(const atoms::Frame& ideal) {
  const std::size_t n = offsets_.size();
  sites_.assign(static_cast<std::size_t>(ideal.positions.rows()) * n, {});
  double farthest = 0;
  for (const auto& offset : offsets_) farthest = std::max(farthest, offset.norm());
  const auto put = [&](int from, int to, const Eigen::Vector3i& image, const Eigen::Vector3d& r) {
    for (std::size_t o = 0; o < n; ++o)
      if ((offsets_[o] - r).squaredNorm() < same_place * same_place)
        sites_[static_cast<std::size_t>(from) * n + o] = {to, image};
  };
  for (int i = 0; i < ideal.positions.rows(); ++i)
    put(i, i, Eigen::Vector3i::Zero(), Eigen::Vector3d::Zero());
  for (const auto& pair : atoms::fixed_pairs(ideal, 0, farthest + same_place)) {
    const Eigen::Vector3d r = atoms::separation(pair, ideal);
    put(pair.i, pair.j, pair.image, r);
    put(pair.j, pair.i, -pair.image, -r);
  }
  if (std::any_of(sites_.begin(), sites_.end(), [](const Site& site) { return site.atom < 0; }))
    throw Error(Cause::data, "ensemble: a scattering path leads to where the crystal has no atom");
}

double PathCopies::half_length(std::size_t path, std::size_t copy, int absorber,
                               const atoms::Frame& frame) const {
  const Eigen::RowVector3d start = frame.positions.row(absorber);
  const std::size_t sites = static_cast<std::size_t>(absorber) * offsets_.size();
  Eigen::RowVector3d at = start;
  double length = 0;
  for (const std::size_t offset : copies_[path][copy]) {
    const Site& site = sites_[sites + offset];
    const Eigen::RowVector3d next =
        frame.positions.row(site.atom) + site.image.cast<double>().transpose() * frame.cell;
    length += (next - at).norm();
    at = next;
  }
  return (length + (start - at).norm()) / 2;
}

}  // namespace twin::xas
