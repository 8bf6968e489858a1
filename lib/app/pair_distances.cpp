// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pair_distances.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "atoms/crystal.h"
#include "atoms/frame_structure.h"
#include "atoms/neighbours.h"
#include "core/text.h"
#include "md/plan.h"
#include "md/topology.h"

namespace twin::app {

namespace {

constexpr double node_step = 0.3;  // Å, between FEFF's distances
constexpr double closest = 1.5;    // Å, of atoms that no bond holds

/// From where to where a species is met, Å.
struct Range {
  double nearest, farthest;
};

std::vector<double> nodes_between(double first, double last) {
  std::vector<double> out;
  for (double r = first; r < last; r += node_step) out.push_back(r);
  return out;
}

/// The same crystal with eight of its cells for one, and sites that are substituted by turns.
record::Structure mixed(record::Structure crystal) {
  const std::vector<std::string> order = atoms::elements(crystal);
  crystal.supercell = {2, 2, 2};
  const atoms::Frame frame = atoms::build_crystal(crystal);
  atoms::Structure cell = atoms::structure_of(frame, order);
  std::vector<std::size_t> met(order.size(), 0);
  const auto index = [&](const atoms::Site& site) {
    return static_cast<std::size_t>(std::ranges::find(order, site.element) - order.begin());
  };
  for (atoms::Site& site : cell.sites) {
    const auto found =
        std::ranges::find(crystal.substitutions, site.element, &record::Substitution::element);
    if (found != crystal.substitutions.end() && ++met[index(site)] % 2 == 0)
      site.element = found->by;
  }
  std::ranges::stable_sort(cell.sites, {}, index);  // species as those of the crystal itself
  atoms::put_cell(cell, crystal);
  crystal.supercell = {1, 1, 1};
  crystal.substitutions.clear();
  return crystal;
}

}  // namespace

record::Structure reference_crystal(const record::Model& model) {
  auto crystal = model.structure;
  if (model.absorption.reference_a > 0) crystal.a = model.absorption.reference_a;
  crystal.supercell = {1, 1, 1};
  return crystal.substitutions.empty() ? crystal : mixed(std::move(crystal));
}

std::vector<atoms::Molecule> molecules_in(const record::Model& model,
                                          const record::Structure& crystal) {
  const auto known = md::potential_names();
  const std::string name = md::potential_of(model);
  if (std::ranges::find(known, name) == known.end()) return {};  // a trajectory's: only a name
  const md::Potential potential = md::find_potential(name);
  if (potential.bonds.empty()) return {};
  return md::find_topology(potential, atoms::build_crystal(crystal), atoms::elements(crystal))
      .molecules;
}

std::vector<std::vector<double>> table_distances(const record::Model& model, int absorber,
                                                 double rmax) {
  const record::Structure crystal = reference_crystal(model);
  const atoms::Frame ideal = atoms::build_crystal(crystal);
  const auto molecules = molecules_in(model, crystal);
  const atoms::Frame centred = atoms::at_centres(ideal, molecules);
  const Eigen::VectorXd size = (ideal.positions - centred.positions).rowwise().norm();
  std::vector<std::optional<Range>> met(atoms::elements(crystal).size());
  atoms::for_each_pair(centred, rmax + 1, [&](int i, int j, const Eigen::Vector3d& r) {
    const int one = ideal.species[static_cast<std::size_t>(i)];
    const int other = ideal.species[static_cast<std::size_t>(j)];
    if (one != absorber && other != absorber) return;
    const double reach = std::max(size[i], size[j]);
    auto& range = met[static_cast<std::size_t>(one == absorber ? other : one)];
    if (!range) range = {r.norm(), rmax};
    range->nearest = std::min(range->nearest, r.norm() - 2 * reach);
    range->farthest = std::max(range->farthest, rmax + 2 * reach);
  });
  std::vector<std::vector<double>> out;
  for (const auto& range : met) {
    // One that is out of reach is never looked up: any distances will do.
    const auto [nearest, farthest] = range.value_or(Range{rmax, rmax});
    const double first = nearest - 2.5 * node_step;
    out.push_back(nodes_between(molecules.empty() ? first : std::max(first, closest),
                                farthest + 3 * node_step));
  }
  return out;
}

std::string left_out(const record::Model& model, int absorber) {
  const record::Structure crystal = reference_crystal(model);
  const atoms::Frame ideal = atoms::build_crystal(crystal);
  const auto molecules = molecules_in(model, crystal);
  const int centres = static_cast<int>(atoms::elements(crystal).size());
  double largest = 0;
  for (const auto& molecule : molecules)
    largest = std::max(largest, atoms::radius(molecule, ideal));
  const double rmax = model.absorption.rmax;
  std::optional<double> nearest;  // of those whose atoms may come within rmax
  const atoms::Frame homes = atoms::homes(ideal, molecules, centres);
  atoms::for_each_pair(homes, rmax + largest, [&](int i, int j, const Eigen::Vector3d& r) {
    const auto [one, other] = std::minmax(homes.species[static_cast<std::size_t>(i)],
                                          homes.species[static_cast<std::size_t>(j)]);
    if (one != absorber || other != centres || r.norm() < rmax) return;
    nearest = std::min(nearest.value_or(r.norm()), r.norm());
  });
  if (!nearest) return "";
  return "molecules: their atoms come within " + shortest(rmax) +
         " Å, their centres do not, and are left out; those at " + significant(*nearest, 3) +
         " Å would be counted with a larger rmax";
}

}  // namespace twin::app
