// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/pair_shells.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "atoms/neighbours.h"

namespace twin::atoms {

namespace {

constexpr double gap = 0.25;  // Å, between the distances of two shells

using Pair = std::pair<int, int>;  // the lower first

Pair pair_of(const std::vector<int>& kinds, int i, int j) {
  return std::minmax(kinds[static_cast<std::size_t>(i)], kinds[static_cast<std::size_t>(j)]);
}

/// Neighbours of an atom of the first species, of so many pairs.
double neighbours(const Frame& frame, const Pair& pair, double pairs) {
  const auto centres = static_cast<double>(std::ranges::count(frame.species, pair.first));
  return pairs * (pair.first == pair.second ? 2.0 : 1.0) / centres;
}

PairShell shell_of(std::vector<double>& distances, double rmax) {
  std::ranges::sort(distances);
  PairShell shell;
  shell.next = rmax;
  double sum = 0;
  std::size_t n = 0;
  for (; n < distances.size(); ++n) {
    if (n > 0 && distances[n] - distances[n - 1] > gap) {
      shell.next = distances[n];
      break;
    }
    sum += distances[n];
    shell.farthest = distances[n];
  }
  shell.r = sum / static_cast<double>(n);
  shell.count = static_cast<double>(n);
  return shell;
}

}  // namespace

double PairShell::cutoff() const { return std::min((farthest + next) / 2, 1.3 * farthest); }

std::vector<PairShell> first_shells(const Frame& ideal, double rmax) {
  std::map<Pair, std::vector<double>> distances;
  for_each_pair(ideal, rmax, [&](int i, int j, const Eigen::Vector3d& r) {
    distances[pair_of(ideal.species, i, j)].push_back(r.norm());
  });
  std::vector<PairShell> shells;
  for (auto& [pair, all] : distances) {
    PairShell shell = shell_of(all, rmax);
    std::tie(shell.centre, shell.neighbour) = pair;
    shell.count = neighbours(ideal, pair, shell.count);
    shells.push_back(shell);
  }
  std::ranges::sort(shells, {}, &PairShell::r);
  return shells;
}

std::vector<PairShell> first_shells(const Frame& ideal, double rmax,
                                    const std::vector<int>& sites) {
  std::map<Pair, PairShell> of_sites;
  for (const PairShell& one : first_shells({ideal.cell, ideal.positions, sites}, rmax))
    of_sites[{one.centre, one.neighbour}] = one;
  std::map<Pair, std::vector<double>> distances;
  std::map<Pair, double> next;
  for_each_pair(ideal, rmax, [&](int i, int j, const Eigen::Vector3d& r) {
    const PairShell& first = of_sites.at(pair_of(sites, i, j));
    if (r.norm() > (first.farthest + first.next) / 2) return;
    const Pair pair = pair_of(ideal.species, i, j);
    distances[pair].push_back(r.norm());
    const auto [at, fresh] = next.emplace(pair, first.next);
    if (!fresh) at->second = std::min(at->second, first.next);
  });
  std::vector<std::pair<PairShell, double>> found;  // how many pairs each has
  for (auto& [pair, all] : distances) {
    PairShell shell = shell_of(all, next.at(pair));
    std::tie(shell.centre, shell.neighbour) = pair;
    const double pairs = shell.count;
    shell.count = neighbours(ideal, pair, pairs);
    found.emplace_back(shell, pairs);
  }
  constexpr double rounding = 1e-6;  // Å
  std::ranges::sort(found, {}, [](const auto& one) {
    return std::pair(std::llround(one.first.r / rounding), -one.second);
  });
  std::vector<PairShell> shells;
  for (const auto& one : found) shells.push_back(one.first);
  return shells;
}

}  // namespace twin::atoms
