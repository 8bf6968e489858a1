// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "atoms/element.h"

/// Tabulated edges and absorption: xraylib 4, T. Schoonjans et al., Spectrochim. Acta B 66, 776
/// (2011), doi:10.1016/j.sab.2011.09.011. Levels are K, L1 .. L3 and M1 .. M5; cross-sections from
/// 0.1 to 100 keV, of free atoms: no fine structure, and not closer than about 1 % to the truth.
namespace twin::atoms {

/// An edge with its tabulated energy, eV.
struct TabulatedEdge {
  std::string element, level;
  double energy = 0.0;

  [[nodiscard]] std::string name() const { return element + " " + level; }
};

/// Binding energy of a level, eV.
/// \throws Error{configuration} no such element or level, or the element lacks the level
[[nodiscard]] double edge_energy(const std::string& element, const std::string& level);

/// The edge with its energy.  \throws as edge_energy()
[[nodiscard]] TabulatedEdge tabulated(const Edge& edge);

/// Energy of the strongest emission line that fills the level, eV: Kα1, Lα1 (L3), Lβ1 (L2), Lβ3
/// (L1), Mα1 (M5) ...
/// \throws Error{configuration} as edge_energy(), or the level has no line in the table
[[nodiscard]] double emission_energy(const std::string& element, const std::string& level);

/// Share of an element in a compound.
struct Constituent {
  std::string element;
  double mass_fraction = 0.0;
};

/// The elements of a formula ("CsPbI3", "(CH3NH3)PbI3"), by atomic number.
/// \throws Error{configuration} a formula that is none
[[nodiscard]] std::vector<Constituent> composition(const std::string& formula);
[[nodiscard]] std::vector<std::string> elements_of(const std::string& formula);

/// The elements of these atomic numbers, 1 to 103.
[[nodiscard]] std::vector<std::string> elements_between(int first, int last);

/// All edges of these elements from \p from to \p to, eV, by energy.
[[nodiscard]] std::vector<TabulatedEdge> edges_between(const std::vector<std::string>& elements,
                                                       double from, double to);

/// The first edge above, or the last edge below ours, of any of the elements or of ours.
[[nodiscard]] std::optional<TabulatedEdge> next_edge(const std::vector<std::string>& elements,
                                                     const TabulatedEdge& ours);
[[nodiscard]] std::optional<TabulatedEdge> previous_edge(const std::vector<std::string>& elements,
                                                         const TabulatedEdge& ours);

/// Attenuation (photoelectric and scattering) and photoelectric absorption alone, cm²/g, of an
/// element or a formula at each energy, eV.
/// \throws Error{configuration} a formula that is none; Error{data} an energy outside of the table
[[nodiscard]] Eigen::VectorXd mass_attenuation(const std::string& formula,
                                               const Eigen::VectorXd& energy);
[[nodiscard]] Eigen::VectorXd mass_photoabsorption(const std::string& formula,
                                                   const Eigen::VectorXd& energy);
[[nodiscard]] double mass_attenuation(const std::string& formula, double energy);
[[nodiscard]] double mass_photoabsorption(const std::string& formula, double energy);

/// Photoelectric absorption of an element around one of its edges, split into the edge's own part
/// and all else; both smooth, and continued across the edge by a power law in energy fitted to the
/// table on that side of it, so that neither other edges nor the table's own idea of the edge's
/// place enter.
struct AroundEdge {
  Eigen::VectorXd below;  ///< [n] cm²/g: absorption without our edge, at all energies
  Eigen::VectorXd own;    ///< [n] cm²/g: what our edge adds when open, at all energies
};

/// \param edge    the edge; \p energy  [n] eV
/// \param offset  eV, by which the spectrum's edge lies above the tabulated one
[[nodiscard]] AroundEdge around_edge(const TabulatedEdge& edge, const Eigen::VectorXd& energy,
                                     double offset = 0.0);

}  // namespace twin::atoms
