// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <string>
#include <vector>

namespace twin::atoms {

/// One atom of a cell.
struct Site {
  std::string label;           ///< "I1"; the copies that symmetry makes have the same
  std::string element;         ///< "I"
  Eigen::Vector3d fractional;  ///< in [0, 1)
  double occupancy = 1.0;
};

/// A periodic structure, all atoms of its cell listed.
struct Structure {
  std::string name;
  Eigen::Matrix3d cell;  ///< rows a, b, c, Å
  std::vector<Site> sites;
};

/// An atom of a cluster.
struct Neighbour {
  Eigen::Vector3d r;     ///< from the centre, Å
  std::string element;   ///< that of its site
  std::size_t site = 0;  ///< index into Structure::sites
};

/// The atoms within \p radius (Å) of a site: itself first, at the origin, then by distance; equal
/// distances (to 1e-6 Å) by element, then x, y, z, so that the order of the sites does not matter.
///
/// Any cell: all images that may reach are tried, so the cost is the volume of the sphere.
/// \throws Error{configuration} no such site; a radius that is not finite, not positive, or reaches
///                              over 20 000 atoms; a cell that is not finite, has no volume
///                              or is very oblique (over 10⁷ images to try)
[[nodiscard]] std::vector<Neighbour> cluster(const Structure& structure, std::size_t site,
                                             double radius);

/// The site of \p element ("Pb") with the label \p label; "" = the first site of the element.
/// \throws Error{configuration} none; says which elements or labels there are
[[nodiscard]] std::size_t find_site(const Structure& structure, const std::string& element,
                                    const std::string& label = {});

/// Refuses what no single arrangement of atoms stands for: sites that are not filled whole.
/// \throws Error{configuration} names the first such site and says what would do
void check_ordered(const Structure& structure);

/// "Cs Pb I3": elements in the order of the sites, counts divided by their common divisor.
[[nodiscard]] std::string formula(const Structure& structure);

}  // namespace twin::atoms
