// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "atoms/structure.h"

/// Crystals by their published cells, every atom listed. A file of theirs is tests/formats' matter.
namespace crystals {

using Places = std::vector<std::pair<std::string, Eigen::Vector3d>>;

inline twin::atoms::Structure crystal(const std::string& name, const Eigen::Matrix3d& cell,
                                      const Places& places) {
  twin::atoms::Structure structure{name, cell, {}};
  for (const auto& [element, at] : places)
    structure.sites.push_back(
        {element + std::to_string(structure.sites.size() + 1), element, at, 1.0});
  return structure;
}

inline Eigen::Matrix3d cubic(double a) { return a * Eigen::Matrix3d::Identity(); }

/// An atom of \p element at \p at of each lattice point of a face-centred cell.
inline void add_faces(Places& places, const std::string& element, const Eigen::Vector3d& at) {
  for (const auto& point : {Eigen::Vector3d(0, 0, 0), Eigen::Vector3d(0, .5, .5),
                            Eigen::Vector3d(.5, 0, .5), Eigen::Vector3d(.5, .5, 0)})
    places.emplace_back(element, at + point);
}

inline twin::atoms::Structure copper(double a = 3.61) {
  Places places;
  add_faces(places, "Cu", {0, 0, 0});
  return crystal("copper", cubic(a), places);
}

/// Stilleite, F -4 3 m. R. W. G. Wyckoff, Crystal Structures 1 (1963).
inline twin::atoms::Structure zinc_selenide() {
  Places places;
  add_faces(places, "Zn", {0, 0, 0});
  add_faces(places, "Se", {.25, .25, .25});
  return crystal("ZnSe", cubic(5.668), places);
}

/// Bunsenite, F m -3 m. R. W. G. Wyckoff, Crystal Structures 1 (1963).
inline twin::atoms::Structure nickel_oxide() {
  Places places;
  add_faces(places, "Ni", {0, 0, 0});
  add_faces(places, "O", {.5, .5, .5});
  return crystal("NiO", cubic(4.1769), places);
}

/// Pyrite, P a -3. R. W. G. Wyckoff, Crystal Structures 1 (1963); a and u of the reference run.
inline twin::atoms::Structure pyrite() {
  constexpr double u = 0.38504;
  Places places;
  add_faces(places, "Fe", {0, 0, 0});
  for (const double sign : {1.0, -1.0})
    for (const auto& at :
         {Eigen::Vector3d(u, u, u), Eigen::Vector3d(.5 - u, -u, .5 + u),
          Eigen::Vector3d(-u, .5 + u, .5 - u), Eigen::Vector3d(.5 + u, .5 - u, -u)})
      places.emplace_back("S", sign * at);
  return crystal("FeS2", cubic(5.404), places);
}

/// 2H, P -3 m 1. R. W. G. Wyckoff, Crystal Structures 1 (1963); a, c and z of the reference run.
inline twin::atoms::Structure lead_iodide() {
  Eigen::Matrix3d cell;
  cell << 4.557, 0, 0, -2.2785, 4.557 * std::sqrt(0.75), 0, 0, 0, 6.979;
  const double third = 1.0 / 3, z = 0.2675;
  return crystal("PbI2", cell,
                 {{"Pb", {0, 0, 0}}, {"I", {third, 2 * third, z}}, {"I", {2 * third, third, -z}}});
}

/// The cubic phase, P m -3 m. D. M. Trots, S. V. Myagkota, J. Phys. Chem. Solids 69, 2520 (2008),
/// doi:10.1016/j.jpcs.2008.05.007: 6.29 Å at 634 K.
inline twin::atoms::Structure cesium_lead_iodide() {
  return crystal("CsPbI3", cubic(6.29),
                 {{"Pb", {0, 0, 0}},
                  {"Cs", {.5, .5, .5}},
                  {"I", {.5, 0, 0}},
                  {"I", {0, .5, 0}},
                  {"I", {0, 0, .5}}});
}

/// P 4 m m. A. M. Glazer, S. A. Mabud, Acta Cryst. B 34, 1065 (1978),
/// doi:10.1107/S0567740878004938; a and c of the reference run.
inline twin::atoms::Structure lead_titanate() {
  const Eigen::Matrix3d cell = Eigen::Vector3d(3.9039, 3.9039, 4.1575).asDiagonal();
  return crystal("PbTiO3", cell,
                 {{"Pb", {0, 0, 0}},
                  {"Ti", {.5, .5, .5377}},
                  {"O", {.5, .5, .1118}},
                  {"O", {.5, 0, .6174}},
                  {"O", {0, .5, .6174}}});
}

}  // namespace crystals
