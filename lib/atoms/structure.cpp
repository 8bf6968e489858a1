// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/structure.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <tuple>

#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

constexpr double most_atoms = 20000;
constexpr double most_images = 1e7;
constexpr double whole = 0.01;  // an occupancy is 1 to the last digit that files print

[[noreturn]] void fail(const Structure& structure, const std::string& what) {
  throw Error(Cause::configuration,
              (structure.name.empty() ? "structure" : printable(structure.name)) + ": " + what);
}

void check(const Structure& structure, std::size_t site, double radius) {
  if (site >= structure.sites.size())
    fail(structure,
         "no site " + std::to_string(site) + "; it has " + std::to_string(structure.sites.size()));
  if (!(std::isfinite(radius) && radius > 0))
    fail(structure, "a cluster of radius " + shortest(radius) + " Å; expected a positive length");
  const double volume = std::abs(structure.cell.determinant());
  if (!(structure.cell.allFinite() && volume > 0)) fail(structure, "its cell has no volume");
  const double atoms = 4.0 / 3.0 * std::numbers::pi * std::pow(radius, 3) / volume *
                       static_cast<double>(structure.sites.size());
  if (!(atoms < most_atoms))
    fail(structure, "a cluster of radius " + shortest(radius) + " Å has about " +
                        significant(atoms, 3) + " atoms, at most " + shortest(most_atoms) +
                        "; is the cell in Å?");
}

/// How many cells the sphere reaches along each axis: radius over the distance of lattice planes.
std::array<int, 3> reach(const Structure& structure, double radius) {
  const Eigen::Vector3d spacing = structure.cell.inverse().colwise().norm().cwiseInverse();
  const Eigen::Array3d cells = (radius / spacing.array()).ceil() + 1;
  if (!((2 * cells + 1).prod() < most_images))
    fail(structure, "its cell is too oblique; write it with a reduced cell");
  return {static_cast<int>(cells[0]), static_cast<int>(cells[1]), static_cast<int>(cells[2])};
}

/// What a cluster is sorted by: lengths in units of 1e-6 Å, so that rounding decides nothing.
auto order(const Neighbour& atom) {
  const auto rounded = [](double length) { return std::llround(length * 1e6); };
  return std::tuple(rounded(atom.r.norm()), atom.element, rounded(atom.r[0]), rounded(atom.r[1]),
                    rounded(atom.r[2]));
}

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 12;
  std::vector<std::string> shown = names;
  if (shown.size() > most) shown.resize(most), shown.push_back("...");
  return join(shown, ", ");
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<Neighbour> cluster(const Structure& structure, std::size_t site, double radius) {
  check(structure, site, radius);
  const auto [na, nb, nc] = reach(structure, radius);
  const Eigen::Matrix3d to_length = structure.cell.transpose();
  const Eigen::Vector3d centre = structure.sites[site].fractional;
  std::vector<Neighbour> found;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    Eigen::Vector3d from = structure.sites[i].fractional - centre;
    from -= from.array().round().matrix();
    for (int a = -na; a <= na; ++a)
      for (int b = -nb; b <= nb; ++b)
        for (int c = -nc; c <= nc; ++c) {
          const bool itself = i == site && a == 0 && b == 0 && c == 0;
          const Eigen::Vector3d r = to_length * (from + Eigen::Vector3d(a, b, c));
          if (!itself && r.norm() <= radius) found.push_back({r, structure.sites[i].element, i});
        }
  }
  std::ranges::sort(found, {}, order);
  found.insert(found.begin(), {Eigen::Vector3d::Zero(), structure.sites[site].element, site});
  return found;
}

std::size_t find_site(const Structure& structure, const std::string& element,
                      const std::string& label) {
  std::vector<std::string> elements, labels;
  for (std::size_t i = 0; i < structure.sites.size(); ++i) {
    const Site& site = structure.sites[i];
    if (site.element == element && (label.empty() || site.label == label)) return i;
    add_once(elements, site.element);
    if (site.element == element) add_once(labels, site.label);
  }
  if (labels.empty())
    fail(structure, "no " + printable(element) + " in it; it has " + printable(listed(elements)));
  fail(structure, "no site '" + printable(label) + "' of " + element + "; it has " +
                      printable(listed(labels)));
}

void check_ordered(const Structure& structure) {
  for (const Site& site : structure.sites)
    if (!(std::abs(site.occupancy - 1) <= whole))
      fail(structure, "site " + printable(site.label) + " (" + site.element +
                          ") has an occupancy of " + shortest(site.occupancy) +
                          ": an average, not an arrangement of atoms; expected a structure whose "
                          "sites are all filled, such as an ordered cell with one choice made");
}

std::string formula(const Structure& structure) {
  std::vector<std::string> elements;
  std::map<std::string, int> counts;
  for (const Site& site : structure.sites) {
    add_once(elements, site.element);
    ++counts[site.element];
  }
  int divisor = 0;
  for (const auto& [element, count] : counts) divisor = std::gcd(divisor, count);
  std::string text;
  for (const auto& element : elements) {
    const int count = counts[element] / divisor;
    text += (text.empty() ? "" : " ") + element + (count > 1 ? std::to_string(count) : "");
  }
  return text;
}

}  // namespace twin::atoms
