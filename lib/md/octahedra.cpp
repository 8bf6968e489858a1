// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/octahedra.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace twin::md {

namespace {

using atoms::FixedPair;
using atoms::Frame;

double angle_between(const Eigen::Vector3d& a, const Eigen::Vector3d& b) {
  return std::atan2(a.cross(b).norm(), a.dot(b));
}

/// The rotation nearest to \p m, its columns near to right-handed axes: Newton's iteration for the
/// polar factor, N.J. Higham, SIAM J. Sci. Stat. Comput. 7, 1160 (1986), doi:10.1137/0907079.
Eigen::Matrix3d polar_factor(const Eigen::Matrix3d& m) {
  const double volume = std::abs(m.determinant());
  if (!(volume > 1e-12)) return Eigen::Matrix3d::Identity();  // flat: it has none
  Eigen::Matrix3d q = m / std::cbrt(volume);
  for (int i = 0; i < 20; ++i) {
    const Eigen::Matrix3d next = 0.5 * (q + q.inverse().transpose());
    const double change = (next - q).squaredNorm();
    q = next;
    if (change < 1e-24) break;
  }
  return q;
}

/// Axis times angle of a rotation, rad.
Eigen::Vector3d rotation_vector(const Eigen::Matrix3d& q) {
  const Eigen::Vector3d twice_sine(q(2, 1) - q(1, 2), q(0, 2) - q(2, 0), q(1, 0) - q(0, 1));
  const double sine = twice_sine.norm() / 2;
  const double angle = std::atan2(sine, (q.trace() - 1) / 2);
  return twice_sine / 2 * (sine > 1e-8 ? angle / sine : 1.0);
}

}  // namespace

Octahedra::Octahedra(const Frame& ideal, const std::vector<int>& sites)
    : octahedra_(atoms::find_octahedra({ideal.cell, ideal.positions, sites})) {
  if (octahedra_.empty()) return;
  network_ = atoms::octahedron_network(ideal, octahedra_);
  std::map<Eigen::Index, bool> framework;
  double longest = 0;
  for (const atoms::Octahedron& one : octahedra_) {
    framework[one.centre] = true;
    for (const FixedPair& corner : one.corners) {
      framework.emplace(corner.j, false);
      longest = std::max(longest, atoms::separation(corner, ideal).norm());
    }
  }
  for (const auto& [atom, centre] : framework) {
    framework_.push_back(atom);
    is_centre_.push_back(centre);
  }
  three_corners_each_ = framework.size() == 4 * octahedra_.size();
  double next = 2 * longest;  // of the distances from centres to corners, behind the bonds
  for (const FixedPair& pair : corner_pairs(ideal, next)) {
    const double r = atoms::separation(pair, ideal).norm();
    if (r > longest + 1e-6) next = std::min(next, r);
  }
  cutoff_ = std::min((longest + next) / 2, 1.3 * longest);
  follow_angles(ideal);
}

std::vector<FixedPair> Octahedra::corner_pairs(const Frame& frame, double rmax) const {
  const auto atom = [&](int i) {
    return static_cast<int>(framework_[static_cast<std::size_t>(i)]);
  };
  std::vector<FixedPair> pairs;
  const Frame framework{frame.cell, frame.positions(framework_, Eigen::all), {}};
  for (const FixedPair& pair : atoms::fixed_pairs(framework, 0.0, rmax)) {
    const bool centre = is_centre_[static_cast<std::size_t>(pair.i)];
    if (centre == is_centre_[static_cast<std::size_t>(pair.j)]) continue;
    if (centre)
      pairs.push_back({atom(pair.i), atom(pair.j), pair.image});
    else
      pairs.push_back({atom(pair.j), atom(pair.i), -pair.image});
  }
  return pairs;
}

void Octahedra::add(const FollowedAngle& kind, const Legs& legs) {
  for (std::size_t k = 0; k < angles_.size(); ++k)
    if (angles_[k].one == kind.one && angles_[k].tip == kind.tip && angles_[k].other == kind.other)
      return legs_[k].push_back(legs);
  angles_.push_back(kind);
  legs_.push_back({legs});
}

void Octahedra::follow_angles(const Frame& ideal) {
  constexpr double beside = 2.1;  // rad, 120°: corners with less between them are no opposites
  const auto of = [&](int atom) { return ideal.species[static_cast<std::size_t>(atom)]; };
  const auto kind = [&](int one, int tip, int other) {
    return FollowedAngle{std::min(of(one), of(other)), of(tip), std::max(of(one), of(other))};
  };
  std::map<int, std::vector<FixedPair>> by_corner;
  for (const atoms::Octahedron& one : octahedra_)
    for (const FixedPair& corner : one.corners) by_corner[corner.j].push_back(corner);
  for (const auto& [corner, bonds] : by_corner)
    for (std::size_t i = 0; i < bonds.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        add(kind(bonds[i].i, corner, bonds[j].i), {bonds[i], bonds[j]});
  for (const atoms::Octahedron& one : octahedra_)
    for (std::size_t i = 0; i < 6; ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (angle_between(atoms::separation(one.corners[i], ideal),
                          atoms::separation(one.corners[j], ideal)) < beside)
          add(kind(one.corners[i].j, one.centre, one.corners[j].j),
              {one.corners[i], one.corners[j]});
}

double Octahedra::beyond_corners(const Frame& frame) const {
  std::set<int> sharing;
  for (const atoms::OctahedronLink& link : atoms::octahedron_links(corner_pairs(frame, cutoff_)))
    if (link.corners > 1) sharing.insert({link.one, link.other});
  return static_cast<double>(sharing.size()) / static_cast<double>(octahedra_.size());
}

Eigen::MatrixX3d Octahedra::tilts(const Frame& frame) const {
  if (!network_) return {};
  // Columns: the axes as the cell has them.
  const Eigen::Matrix3d axes =
      polar_factor((network_->steps * frame.cell).rowwise().normalized().transpose());
  const auto n = static_cast<Eigen::Index>(network_->octahedra.size());
  Eigen::MatrixX3d tilts(n, 3);
  for (Eigen::Index o = 0; o < n; ++o) {
    const auto& corners = network_->octahedra[static_cast<std::size_t>(o)].corners;
    Eigen::Matrix3d across;
    for (std::size_t axis = 0; axis < 3; ++axis)
      across.col(static_cast<Eigen::Index>(axis)) = atoms::separation(corners[2 * axis], frame) -
                                                    atoms::separation(corners[2 * axis + 1], frame);
    tilts.row(o) = rotation_vector(axes.transpose() * polar_factor(across)).transpose();
  }
  return tilts;
}

void Octahedra::put_tilts(const Frame& frame, OctahedronValues& values) const {
  const Eigen::Matrix3d steps = network_->steps * frame.cell;
  values.lengths = steps.rowwise().norm();
  for (int k = 0; k < 3; ++k)
    values.cosines[k] =
        steps.row((k + 1) % 3).normalized().dot(steps.row((k + 2) % 3).normalized());
  const Eigen::MatrixX3d theta = tilts(frame);
  const auto n = static_cast<double>(theta.rows());
  values.tilt = theta.cwiseAbs().colwise().mean();
  for (int k = 0; k < 3; ++k) {
    values.in_phase[k] = network_->signs.col(k).dot(theta.col(k)) / n;
    values.out_of_phase[k] = network_->signs.col(3).dot(theta.col(k)) / n;
    double product = 0;
    for (Eigen::Index o = 0; o < theta.rows(); ++o)
      product += theta(o, k) *
                 theta(network_->next[static_cast<std::size_t>(o)][static_cast<std::size_t>(k)], k);
    const double square = theta.col(k).squaredNorm();
    values.correlation[k] = square > 0 ? product / square : 0;
  }
}

OctahedronValues Octahedra::of(const Frame& frame) const {
  OctahedronValues values;
  if (!any()) return values;
  for (const std::vector<Legs>& all : legs_) {
    AngleMoments moments;
    for (const Legs& legs : all) {
      const double angle =
          angle_between(atoms::separation(legs.one, frame), atoms::separation(legs.other, frame));
      moments.mean += angle;
      moments.square += angle * angle;
    }
    const auto count = static_cast<double>(all.size());
    values.angles.push_back({moments.mean / count, moments.square / count});
  }
  values.beyond_corners = beyond_corners(frame);
  if (network_) put_tilts(frame, values);
  return values;
}

}  // namespace twin::md
