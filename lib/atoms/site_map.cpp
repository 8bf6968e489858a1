// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/site_map.h"

#include <Eigen/LU>
#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "atoms/element.h"
#include "atoms/site_search.h"
#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

using Index = Eigen::Index;

[[noreturn]] void fail(const std::string& what) { throw Error(Cause::data, what); }

std::string lengths(const Eigen::Matrix3d& cell) {
  std::string text;
  for (int axis = 0; axis < 3; ++axis)
    text += (axis ? " × " : "") + significant(cell.row(axis).norm(), 5);
  return text + " Å";
}

/// "64 Cs, 64 Pb, 192 I", in the order of the first.
std::string composition(const std::vector<std::string>& elements) {
  std::vector<std::string> names;
  for (const auto& element : elements)
    if (std::ranges::find(names, element) == names.end()) names.push_back(element);
  std::vector<std::string> parts;
  for (const auto& name : names)
    parts.push_back(std::to_string(std::ranges::count(elements, name)) + " " +
                    printable(name.substr(0, 20)));
  if (parts.size() > 12) {
    parts.resize(12);
    parts.emplace_back("...");
  }
  return join(parts, ", ");
}

void check_cell(const Eigen::Matrix3d& cell, const Eigen::Matrix3d& ideal) {
  constexpr double most = 0.15;  // of an axis: no crystal expands or shears that much
  for (int axis = 0; axis < 3; ++axis)
    if ((cell.row(axis) - ideal.row(axis)).norm() > most * ideal.row(axis).norm())
      fail("its cell of " + lengths(cell) + " is not the model's supercell of " + lengths(ideal) +
           " with its axes in the same directions");
}

std::vector<std::string> named(const Frame& ideal, const std::vector<std::string>& elements) {
  std::vector<std::string> out;
  for (const int species : ideal.species)
    out.push_back(elements.at(static_cast<std::size_t>(species)));
  return out;
}

/// \return true where the elements stand in the crystal's order
bool check_elements(const std::vector<std::string>& expected, const std::vector<std::string>& got) {
  auto sorted = got, sorted_expected = expected;
  std::ranges::sort(sorted);
  std::ranges::sort(sorted_expected);
  if (sorted != sorted_expected)
    fail("its atoms are " + composition(got) + "; the model has " + composition(expected));
  return got == expected;
}

/// Atoms that are alike must be so in both; a crystal's order is the only one to be compared.
void check_kinds(const std::vector<std::string>& expected, const std::vector<int>& kinds) {
  std::map<int, std::string> element_of;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto [at, is_new] = element_of.emplace(kinds[i], expected[i]);
    if (!is_new && at->second != expected[i])
      fail("its atoms of type " + std::to_string(kinds[i]) + " are " + at->second + " and " +
           expected[i] + " by the model's order, as atom " + std::to_string(i + 1) +
           "; where it names no elements they must be in that order");
  }
}

/// How many of the atoms that tell are nearer to their own site than to any other of their species.
/// Those heavier than neon tell, where there are any: ligands turn.
double share_in_place(const Frame& ideal, const std::vector<std::string>& elements,
                      const Eigen::Matrix3d& cell, const Eigen::MatrixX3d& atoms,
                      const Eigen::MatrixX3d& sites) {
  constexpr int neon = 10;
  const auto is_heavy = [](const std::string& element) { return atomic_number(element) > neon; };
  const bool any_heavy = std::ranges::any_of(elements, is_heavy);
  const Eigen::RowVector3d origin = circular_mean(atoms - sites);
  const auto nearest = nearest_sites(ideal, cell, atoms.rowwise() - origin);
  std::size_t telling = 0, own = 0;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (any_heavy && !is_heavy(elements[i])) continue;
    ++telling;
    own += nearest[i] == i ? 1 : 0;
  }
  return static_cast<double>(own) / static_cast<double>(telling);
}

}  // namespace

SiteMap::SiteMap(Frame ideal, const std::vector<std::string>& elements,
                 const TrajectoryAtoms& atoms, const TrajectoryFrame& first)
    : ideal_(std::move(ideal)), sites_(ideal_.positions * ideal_.cell.inverse()) {
  const auto count = ideal_.species.size();
  if (static_cast<std::size_t>(first.positions.rows()) != count)
    fail("its " + std::to_string(first.positions.rows()) + " atoms are not the model's " +
         std::to_string(count));
  const auto expected = named(ideal_, elements);
  const bool in_order = atoms.elements.empty() || check_elements(expected, atoms.elements);
  if (atoms.elements.empty() && !atoms.kinds.empty() && elements.size() > 1)
    check_kinds(expected, atoms.kinds);
  check_cell(first.cell, ideal_.cell);
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  const Eigen::MatrixX3d fractions = first.positions * first.cell.inverse();
  constexpr double nearly_all = 0.98;
  if (in_order && share_in_place(ideal_, expected, first.cell, fractions, sites_) >= nearly_all)
    return;
  if (atoms.elements.empty() && elements.size() > 1)
    fail(
        "its atoms are not at the model's sites in the model's order; a format that names "
        "elements (extended XYZ, a dump with the column element) would do in any order");
  std::vector<int> species;
  for (const auto& name : atoms.elements.empty() ? expected : atoms.elements)
    species.push_back(static_cast<int>(std::ranges::find(elements, name) - elements.begin()));
  auto found = assign_sites(ideal_, species, first.cell, fractions);
  if (!found)
    fail(
        "its atoms are not at the model's sites, in the model's order or in any other; a crystal "
        "near the model's structure is expected");
  order_ = std::move(*found);
  reordered_ = true;
}

Frame SiteMap::place(const TrajectoryFrame& frame) const {
  const Eigen::MatrixX3d fractions = frame.positions * frame.cell.inverse();
  Eigen::MatrixX3d ways(sites_.rows(), 3);
  for (Index i = 0; i < sites_.rows(); ++i)
    ways.row(i) =
        fractions.row(static_cast<Index>(order_[static_cast<std::size_t>(i)])) - sites_.row(i);
  const Eigen::RowVector3d origin = circular_mean(ways);
  for (Index i = 0; i < ways.rows(); ++i)
    ways.row(i) = sites_.row(i) + origin + nearest_image(ways.row(i) - origin);
  return {frame.cell, ways * frame.cell, ideal_.species};
}

}  // namespace twin::atoms
