// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/crystal.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"
#include "core/text.h"

namespace twin::atoms {

namespace {

using Sites = std::vector<Eigen::Vector3d>;

constexpr double most_cells = 40;  // along the radius of a cluster: a million atoms are a mistake

/// Sites of the conventional cubic cell, in units of a.
Sites basis(const std::string& lattice) {
  if (lattice == "sc") return {{0, 0, 0}};
  if (lattice == "bcc") return {{0, 0, 0}, {0.5, 0.5, 0.5}};
  if (lattice == "fcc") return {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const std::vector<std::string> known{"fcc", "bcc", "sc"};
  throw Error(Cause::configuration, "structure: lattice '" + printable(lattice) +
                                        "' is unknown; expected fcc, bcc or sc" +
                                        perhaps(lattice, known));
}

void check_parameter(double a) {
  if (!(std::isfinite(a) && a > 0))
    throw Error(Cause::configuration,
                "structure: a is " + shortest(a) + " Å; expected a positive length");
}

bool nearer(const Eigen::Vector3d& one, const Eigen::Vector3d& other) {
  const double difference = one.squaredNorm() - other.squaredNorm();
  if (std::abs(difference) > 1e-9 * one.squaredNorm()) return difference < 0;
  return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end());
}

}  // namespace

std::vector<std::string> elements(const record::Structure& structure) {
  std::vector<std::string> found;
  const auto add = [&](const std::string& element) {
    if (std::ranges::find(found, element) == found.end()) found.push_back(element);
  };
  if (structure.sites.empty()) add(structure.element);
  for (const auto& site : structure.sites) add(site.element);
  for (const auto& substitution : structure.substitutions) add(substitution.by);
  return found;
}

Structure cell_of(const record::Structure& structure) {
  check_parameter(structure.a);
  Structure cell;
  if (structure.sites.empty()) {
    cell.name = structure.lattice + " " + structure.element;
    cell.cell = structure.a * Eigen::Matrix3d::Identity();
    for (const auto& site : basis(structure.lattice))
      cell.sites.push_back({structure.element + "1", structure.element, site});
    return cell;
  }
  cell.name = structure.cif;
  for (int row = 0; row < 3; ++row)
    for (int axis = 0; axis < 3; ++axis)
      cell.cell(row, axis) =
          structure.cell[static_cast<std::size_t>(row)][static_cast<std::size_t>(axis)];
  const double a = cell.cell.row(0).norm();
  if (!cell.cell.allFinite() || !(std::abs(cell.cell.determinant()) > 1e-3 * a * a * a))
    throw Error(Cause::configuration, "structure: the cell has no volume; expected three axes");
  cell.cell *= structure.a / a;
  for (const auto& site : structure.sites)
    cell.sites.push_back({site.element, site.element, Eigen::Vector3d(site.at.data())});
  return cell;
}

void put_cell(const Structure& cell, record::Structure& into) {
  check_ordered(cell);
  for (int row = 0; row < 3; ++row)
    for (int axis = 0; axis < 3; ++axis)
      into.cell[static_cast<std::size_t>(row)][static_cast<std::size_t>(axis)] =
          cell.cell(row, axis);
  into.a = cell.cell.row(0).norm();
  into.sites.clear();
  for (const Site& site : cell.sites)
    into.sites.push_back(
        {site.element, {site.fractional[0], site.fractional[1], site.fractional[2]}});
}

Frame build_crystal(const record::Structure& structure) {
  const Structure cell = cell_of(structure);
  const std::vector<std::string> species = elements(structure);
  for (const int count : structure.supercell)
    if (count < 1)
      throw Error(Cause::configuration, "structure: supercell has a count of " +
                                            std::to_string(count) + "; expected 1 or more");
  const auto [na, nb, nc] = structure.supercell;
  const auto atoms = static_cast<Eigen::Index>(na) * nb * nc * static_cast<int>(cell.sites.size());
  Frame frame;
  frame.cell = Eigen::Vector3d(na, nb, nc).asDiagonal() * cell.cell;
  frame.positions.resize(atoms, 3);
  frame.species.reserve(static_cast<std::size_t>(atoms));
  Eigen::Index atom = 0;
  for (int x = 0; x < na; ++x)
    for (int y = 0; y < nb; ++y)
      for (int z = 0; z < nc; ++z)
        for (const Site& site : cell.sites) {
          frame.positions.row(atom++) =
              (Eigen::Vector3d(x, y, z) + site.fractional).transpose() * cell.cell;
          frame.species.push_back(
              static_cast<int>(std::ranges::find(species, site.element) - species.begin()));
        }
  return frame;
}

Frame upright(const Frame& frame) {
  constexpr double rounding = 1e-9;
  const Eigen::Matrix3d& cell = frame.cell;
  if (!(cell.determinant() > 0))
    throw Error(Cause::configuration,
                "structure: the cell's axes are left-handed; expected two of them exchanged");
  Frame out = frame;
  if (cell.isLowerTriangular(rounding) && cell.diagonal().minCoeff() > 0) return out;
  out.cell = (cell * cell.transpose()).llt().matrixL();  // the axes' products stay what they are
  for (double& x : out.cell.reshaped())
    if (std::abs(x) < rounding * cell.norm()) x = 0;
  out.positions = frame.positions * cell.inverse() * out.cell;
  return out;
}

Eigen::MatrixX3d build_cluster(const record::Structure& structure, double rmax) {
  const Sites sites = basis(structure.lattice);
  check_parameter(structure.a);
  if (!(rmax / structure.a < most_cells))
    throw Error(Cause::configuration, "lattice parameter " + shortest(structure.a) +
                                          " Å: a radius of " + shortest(rmax) + " Å is over " +
                                          shortest(most_cells) + " cells; a crystal's is some Å");
  const int reach = static_cast<int>(std::ceil(rmax / structure.a)) + 1;
  Sites found;
  for (int x = -reach; x <= reach; ++x)
    for (int y = -reach; y <= reach; ++y)
      for (int z = -reach; z <= reach; ++z)
        for (const auto& site : sites) {
          const Eigen::Vector3d r = structure.a * (Eigen::Vector3d(x, y, z) + site);
          if (r.norm() < rmax || r.isZero()) found.push_back(r);
        }
  std::sort(found.begin(), found.end(), nearer);
  Eigen::MatrixX3d cluster(static_cast<Eigen::Index>(found.size()), 3);
  for (std::size_t i = 0; i < found.size(); ++i)
    cluster.row(static_cast<Eigen::Index>(i)) = found[i].transpose();
  return cluster;
}

std::vector<Shell> shells(const record::Structure& structure, double rmax) {
  const Eigen::VectorXd r = build_cluster(structure, rmax).rowwise().norm();
  std::vector<Shell> result;
  for (Eigen::Index i = 1; i < r.size(); ++i) {
    if (result.empty() || r[i] - result.back().r > 1e-6 * structure.a) result.push_back({r[i], 0});
    ++result.back().count;
  }
  return result;
}

}  // namespace twin::atoms
