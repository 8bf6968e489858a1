// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/octahedra.h"

#include <Eigen/Geometry>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace twin::atoms {

namespace {

constexpr double search_radius = 6.0;  // Å, within which neighbours are looked for
constexpr double least_gap = 1.1;      // of the seventh neighbour's distance to the sixth's
constexpr double opposite = -0.866;    // cosine of 150°
constexpr double beside = 0.5;         // of 60°

FixedPair reversed(const FixedPair& pair) { return {pair.j, pair.i, -pair.image}; }

struct Bond {
  FixedPair pair;
  Eigen::Vector3d r;
};

/// [atoms] The bonds of each, the shortest first.
std::vector<std::vector<Bond>> bonds_of(const Frame& frame) {
  std::vector<std::vector<Bond>> bonds(static_cast<std::size_t>(frame.positions.rows()));
  for (const FixedPair& pair : fixed_pairs(frame, 0.0, search_radius)) {
    const Eigen::Vector3d r = separation(pair, frame);
    bonds[static_cast<std::size_t>(pair.i)].push_back({pair, r});
    bonds[static_cast<std::size_t>(pair.j)].push_back({reversed(pair), -r});
  }
  for (auto& list : bonds)
    std::ranges::stable_sort(list, {}, [](const Bond& bond) { return bond.r.squaredNorm(); });
  return bonds;
}

bool stand_in_pairs(std::span<const Bond> six) {
  int pairs = 0;
  for (std::size_t i = 0; i < 6; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double cosine = six[i].r.normalized().dot(six[j].r.normalized());
      if (cosine < opposite)
        ++pairs;
      else if (std::abs(cosine) > beside)
        return false;
    }
  return pairs == 3;
}

std::optional<Octahedron> octahedron_of(int centre, const std::vector<Bond>& bonds,
                                        const std::vector<int>& species) {
  if (bonds.size() < 6) return std::nullopt;
  if (bonds.size() > 6 && bonds[6].r.norm() < least_gap * bonds[5].r.norm()) return std::nullopt;
  const std::span<const Bond> six(bonds.data(), 6);
  Octahedron octahedron;
  octahedron.centre = centre;
  for (std::size_t i = 0; i < 6; ++i) {
    octahedron.corners[i] = six[i].pair;
    if (species[static_cast<std::size_t>(six[i].pair.j)] ==
        species[static_cast<std::size_t>(centre)])
      return std::nullopt;
  }
  if (!stand_in_pairs(six)) return std::nullopt;
  return octahedron;
}

}  // namespace

std::vector<Octahedron> find_octahedra(const Frame& ideal) {
  const auto bonds = bonds_of(ideal);
  const auto species = [&](int atom) { return ideal.species[static_cast<std::size_t>(atom)]; };
  std::vector<Octahedron> found;
  std::map<int, int> centres;
  std::set<int> corners;
  for (std::size_t i = 0; i < bonds.size(); ++i)
    if (const auto one = octahedron_of(static_cast<int>(i), bonds[i], ideal.species)) {
      found.push_back(*one);
      ++centres[species(one->centre)];
      for (const FixedPair& corner : one->corners) corners.insert(species(corner.j));
    }
  std::erase_if(found, [&](const Octahedron& one) {
    const int of = species(one.centre);
    if (corners.contains(of)) return true;
    if (std::ranges::any_of(one.corners,
                            [&](const FixedPair& c) { return centres.contains(species(c.j)); }))
      return true;
    return 2 * centres.at(of) <= std::ranges::count(ideal.species, of);
  });
  return found;
}

std::vector<OctahedronLink> octahedron_links(std::span<const FixedPair> bonds) {
  std::vector<FixedPair> sorted(bonds.begin(), bonds.end());
  std::ranges::stable_sort(sorted, {}, &FixedPair::j);
  using Key = std::array<int, 5>;  // two centres, and the image of the second
  std::vector<Key> shared;         // a corner each
  for (auto begin = sorted.begin(), end = begin; begin != sorted.end(); begin = end) {
    while (end != sorted.end() && end->j == begin->j) ++end;
    for (auto one = begin; one != end; ++one)
      for (auto other = begin; other != end; ++other) {
        const Eigen::Vector3i image = one->image - other->image;
        const Key key{one->i, other->i, image[0], image[1], image[2]};
        // Each pair once: the lower atom first, and of an atom with its own image one of ± image.
        if (key > Key{other->i, one->i, -image[0], -image[1], -image[2]}) shared.push_back(key);
      }
  }
  std::ranges::sort(shared);
  std::vector<OctahedronLink> links;
  for (auto begin = shared.begin(), end = begin; begin != shared.end(); begin = end) {
    while (end != shared.end() && *end == *begin) ++end;
    const auto [one, other, x, y, z] = *begin;
    const auto corners = static_cast<int>(end - begin);
    if (one < other)
      links.push_back({one, other, {x, y, z}, corners});
    else
      links.push_back({other, one, {-x, -y, -z}, corners});
  }
  return links;
}

namespace {

/// A way from an octahedron to the next: over which corner, into which image.
struct Way {
  std::size_t corner = 0, to = 0;
  Eigen::Vector3i image;
  Eigen::Vector3d r;
};

/// [octahedra × 6] The ways out of each; empty when a corner is not shared by two octahedra that
/// share no other.
std::vector<std::vector<Way>> ways_of(const Frame& ideal, const std::vector<Octahedron>& all) {
  std::vector<FixedPair> bonds;
  std::map<int, std::vector<std::pair<std::size_t, std::size_t>>> by_corner;
  for (std::size_t o = 0; o < all.size(); ++o)
    for (std::size_t c = 0; c < 6; ++c) {
      bonds.push_back(all[o].corners[c]);
      by_corner[all[o].corners[c].j].emplace_back(o, c);
    }
  for (const OctahedronLink& link : octahedron_links(bonds))
    if (link.corners != 1) return {};
  std::vector<std::vector<Way>> ways(all.size());
  for (const auto& [corner, meeting] : by_corner) {
    if (meeting.size() != 2) return {};
    for (const std::size_t from : {0U, 1U}) {
      const auto [o, c] = meeting[from];
      const auto [to, back] = meeting[1 - from];
      const Eigen::Vector3i image = all[o].corners[c].image - all[to].corners[back].image;
      const Eigen::Vector3d r = separation({all[o].centre, all[to].centre, image}, ideal);
      ways[o].push_back({c, to, image, r});
    }
  }
  return ways;
}

/// Rows: directions of a, b and c by the ways out of the first octahedron.
Eigen::Matrix3d reference_axes(const std::vector<Way>& ways) {
  constexpr double tie = 1e-3;
  const auto best = [&](const Eigen::Vector3d& along, const Eigen::Vector3d& not_along) {
    Eigen::Vector3d axis = Eigen::Vector3d::Zero();
    double highest = -2;
    for (const Way& way : ways) {
      const Eigen::Vector3d d = way.r.normalized();
      if (std::abs(d.dot(not_along)) > 0.5) continue;
      // A small part of the next axis decides where two are equally near.
      const double score =
          d.dot(along) + tie * d.dot(Eigen::Vector3d(along[2], along[0], along[1]));
      if (score > highest) axis = d;
      highest = std::max(highest, score);
    }
    return axis;
  };
  Eigen::Matrix3d axes;
  axes.row(0) = best(Eigen::Vector3d::UnitX(), Eigen::Vector3d::Zero());
  axes.row(1) = best(Eigen::Vector3d::UnitY(), axes.row(0).transpose());
  axes.row(2) = axes.row(0).cross(axes.row(1));
  return axes;
}

/// 0 .. 5: along +a, -a, +b ...
std::size_t direction_of(const Eigen::Vector3d& r, const Eigen::Matrix3d& axes) {
  Eigen::Index axis = 0;
  const Eigen::Vector3d parts = axes * r;
  parts.cwiseAbs().maxCoeff(&axis);
  return static_cast<std::size_t>(2 * axis + (parts[axis] < 0 ? 1 : 0));
}

constexpr int staggers[4][3] = {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {1, 1, 1}};

/// From the first octahedron on, along the axes.
void put_signs(OctahedronNetwork& network) {
  const std::size_t n = network.octahedra.size();
  network.signs.setZero(static_cast<Eigen::Index>(n), 4);
  network.signs.row(0).setOnes();
  network.fits = {true, true, true, true};
  std::vector<std::size_t> queue{0};
  for (std::size_t at = 0; at < queue.size(); ++at)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto from = static_cast<Eigen::Index>(queue[at]);
      const Eigen::Index to = network.next[queue[at]][axis];
      if (network.signs(to, 0) == 0) queue.push_back(static_cast<std::size_t>(to));
      for (std::size_t q = 0; q < 4; ++q) {
        const auto column = static_cast<Eigen::Index>(q);
        const double sign = (staggers[q][axis] == 0 ? 1 : -1) * network.signs(from, column);
        double& there = network.signs(to, column);
        if (there == 0) there = sign;
        network.fits[q] = network.fits[q] && there == sign;
      }
    }
  if (queue.size() < n) network.fits = {};  // several networks: their signs are unrelated
}

}  // namespace

std::optional<OctahedronNetwork> octahedron_network(const Frame& ideal,
                                                    const std::vector<Octahedron>& octahedra) {
  const auto ways = ways_of(ideal, octahedra);
  if (ways.empty()) return std::nullopt;
  const Eigen::Matrix3d axes = reference_axes(ways.front());
  OctahedronNetwork network;
  network.octahedra = octahedra;
  network.next.resize(octahedra.size());
  network.steps.setZero();
  for (std::size_t o = 0; o < ways.size(); ++o) {
    std::set<std::size_t> taken;
    for (const Way& way : ways[o]) {
      const std::size_t direction = direction_of(way.r, axes);
      if (!taken.insert(direction).second) return std::nullopt;
      network.octahedra[o].corners[direction] = octahedra[o].corners[way.corner];
      if (direction % 2 == 1) continue;
      const std::size_t axis = direction / 2;
      network.next[o][axis] = static_cast<int>(way.to);
      // The differences between centres add up to nothing around the cell: its images are left.
      network.steps.row(static_cast<Eigen::Index>(axis)) += way.image.transpose().cast<double>();
    }
    if (taken.size() != 6) return std::nullopt;
  }
  network.steps /= static_cast<double>(octahedra.size());
  put_signs(network);
  return network;
}

}  // namespace twin::atoms
