// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/pair_shells.h"

#include <algorithm>
#include <map>
#include <utility>

#include "atoms/neighbours.h"

namespace twin::atoms {

namespace {

constexpr double gap = 0.25;  // Å, between the distances of two shells

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
  std::map<std::pair<int, int>, std::vector<double>> distances;
  for_each_pair(ideal, rmax, [&](int i, int j, const Eigen::Vector3d& r) {
    const int one = ideal.species[static_cast<std::size_t>(i)];
    const int other = ideal.species[static_cast<std::size_t>(j)];
    distances[std::minmax(one, other)].push_back(r.norm());
  });
  std::vector<PairShell> shells;
  for (auto& [pair, all] : distances) {
    PairShell shell = shell_of(all, rmax);
    std::tie(shell.centre, shell.neighbour) = pair;
    const auto centres = static_cast<double>(std::ranges::count(ideal.species, shell.centre));
    shell.count *= (shell.centre == shell.neighbour ? 2.0 : 1.0) / centres;
    shells.push_back(shell);
  }
  std::ranges::sort(shells, {}, &PairShell::r);
  return shells;
}

}  // namespace twin::atoms
