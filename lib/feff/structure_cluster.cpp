// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "feff/input.h"

namespace twin::feff {

namespace {

constexpr std::size_t most_atoms = 500;   // of FEFF6L
constexpr double overlap = 6.35;          // Å, as far as FEFF6L adds atoms up to a potential
constexpr double farthest = 12.0;         // Å, where an element is looked for
constexpr double nearest_possible = 0.5;  // Å
constexpr double printed = 1e-3;          // Å, atoms of one shell differ by less

[[noreturn]] void refuse(const Request& request, const std::string& what) {
  throw Error(Cause::configuration, printable(request.structure->name) + ": " + what);
}

/// The distance of the atom that is farthest among the nearest of each element.
double farthest_model_atom(const Cluster& cluster) {
  std::vector<std::string> seen;
  double distance = 0;
  for (std::size_t i = 1; i < cluster.size(); ++i)
    if (std::ranges::find(seen, cluster[i].element) == seen.end()) {
      seen.push_back(cluster[i].element);
      distance = cluster[i].r.norm();
    }
  return distance;
}

/// At most 500 atoms, no shell cut in two.
void trim_to_shells(const Request& request, Cluster& cluster) {
  if (cluster.size() <= most_atoms) return;
  const double r = cluster[most_atoms].r.norm() - printed;
  if (r <= request.rmax)
    refuse(request, "over " + std::to_string(most_atoms) + " atoms within " +
                        shortest(request.rmax) + " Å; expected a smaller rmax");
  std::erase_if(cluster, [r](const atoms::Neighbour& atom) { return atom.r.norm() >= r; });
}

void check_distances(const Request& request, const Cluster& cluster) {
  const auto label = [&](const atoms::Neighbour& atom) {
    return printable(request.structure->sites[atom.site].label);
  };
  for (std::size_t i = 0; i < cluster.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (const double r = (cluster[i].r - cluster[j].r).norm(); r < nearest_possible)
        refuse(request, "atoms of " + label(cluster[j]) + " and " + label(cluster[i]) + " are " +
                            significant(r, 2) +
                            " Å apart; expected one of two alternatives, and no atom twice");
}

}  // namespace

Cluster structure_cluster(const Request& request) {
  const auto& structure = *request.structure;
  atoms::check_ordered(structure);
  const auto site = atoms::find_site(structure, request.absorber, request.site);
  const double model = farthest_model_atom(atoms::cluster(structure, site, farthest));
  const double radius = std::max(request.rmax + printed, model + overlap);
  Cluster cluster = atoms::cluster(structure, site, radius);
  trim_to_shells(request, cluster);
  if (cluster.size() < 2 || cluster[1].r.norm() > request.rmax)
    refuse(request, "no atom within " + shortest(request.rmax) + " Å of the absorber; expected a " +
                        "larger rmax");
  check_distances(request, cluster);
  return cluster;
}

std::vector<std::string> elements_of(const Cluster& cluster) {
  std::vector<std::string> elements;
  for (std::size_t i = 1; i < cluster.size(); ++i)
    if (std::ranges::find(elements, cluster[i].element) == elements.end())
      elements.push_back(cluster[i].element);
  return elements;
}

}  // namespace twin::feff
