// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "atoms/edges.h"
#include "record/recipe.h"
#include "xas/pre_edge.h"

namespace twin::xas {

struct MbackSettings {
  int order = -1;  ///< of the Legendre polynomial; -1: 2 from 200 eV above the edge on, else 1
  bool scattering = false;  ///< an erfc tail of the elastic peak in a fluorescence detector
};

/// A spectrum on the scale of tabulated absorption.
struct Mback {
  PreEdge normalised;       ///< as pre_edge() has it: pre is the background and all but our edge,
                            ///< post = pre + the tabulated edge, scaled; edge_step at e0
  double scale = 0.0;       ///< µ per cm²/g of our element
  double width = 0.0;       ///< eV, of the erfc; 0 without
  double rms = 0.0;         ///< misfit outside of the edge region, in edge steps
  double step_sigma = 0.0;  ///< of edge_step: white noise of µ above the edge, through the match
  /// Of edge_step: rms change with one order more and one less, norm1 25 and 50 eV higher, norm2 a
  /// quarter lower, where data allow; nothing where they allow none of these.
  std::optional<double> step_sys;
  bool converged = false;  ///< the width was found, and the step is positive
};

/// Matches µ to tabulated absorption below pre2 and above norm1 (by default -20 eV, or half of the
/// pre-edge's range, and +25 eV, or a quarter of the data above):
///   µ ≈ scale · τ(E) + Σ cᵢ Pᵢ(E) + d · erfc((E - E_emission)/width)
/// with τ the photoabsorption of our element, its edge at e0, and other edges left out. Each
/// region has the same weight. Linear but for the width (variable projection). norm is
/// (µ - pre)/edge_step; flat divides by the tabulated edge at each energy. Needs less of a range
/// above the edge than a free polynomial: for tender edges.
///
/// T.-C. Weng, G.S. Waldo, J.E. Penner-Hahn, J. Synchrotron Rad. 12, 506 (2005),
/// doi:10.1107/S0909049504034193, who fit s µ to the table: ours leaves the noise in µ.
///
/// \param energy, mu  [n]; \p settings: pre1, pre2, norm1, norm2 (eV from e0) are used
/// \throws Error{data} fewer points than coefficients + 1 in the two regions together, or none in
///         one of them
[[nodiscard]] Mback mback(const Eigen::VectorXd& energy, const Eigen::VectorXd& mu, double e0,
                          const atoms::TabulatedEdge& edge, const record::ReduceSettings& settings,
                          std::vector<std::string>& warnings, const MbackSettings& how = {});

}  // namespace twin::xas
