// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>
#include <vector>

/// How many spectra a series is made of, and whether a given one is among them.
namespace twin::xas {

/// Spectra on one grid: that of the first within from .. to; others by cubic splines.
/// \param energies, spectra  one of each a scan
/// \return [scans × points], and the grid
/// \throws Error{data} no scan, shapes disagree, a scan that does not reach over the range
struct CommonGrid {
  Eigen::VectorXd energy;
  Eigen::MatrixXd spectra;
};
[[nodiscard]] CommonGrid on_common_grid(const std::vector<Eigen::VectorXd>& energies,
                                        const std::vector<Eigen::VectorXd>& spectra, double from,
                                        double to);

/// Singular value decomposition of a series, not centred: D = U S Vᵀ.
struct Components {
  Eigen::VectorXd eigenvalues;  ///< [s] squares of the singular values, falling
  Eigen::VectorXd variance;     ///< [s] share of Σ D², adds to one
  Eigen::VectorXd real_error;   ///< [s - 1] RE(n) of n = 1 .. s-1 components
  Eigen::VectorXd indicator;    ///< [s - 1] IND(n) = RE(n)/(s - n)²
  Eigen::VectorXd p_value;      ///< [s - 1] of the F test that component n is noise
  int by_indicator = 0, by_f_test = 0;
  int number = 0;           ///< what decides: the F test at 5 %
  Eigen::MatrixXd vectors;  ///< [s × points] rows of Vᵀ
  Eigen::MatrixXd scores;   ///< [scans × s] U S
  std::vector<std::string> warnings;
};

/// s = min(scans, points). IND has its least value at the number of components; the F test asks of
/// each, from the last backwards, whether its reduced eigenvalue is above those of the pool behind
/// it, and decides: IND counts too many where noise is not alike in all scans.
/// E.R. Malinowski, Anal. Chem. 49, 612 (1977), doi:10.1021/ac50012a027; J. Chemometrics 3, 49
/// (1988), doi:10.1002/cem.1180030106.
///
/// \param spectra  [scans × points], two scans or more
/// \throws Error{data} fewer than two scans, not finite
[[nodiscard]] Components analyse_components(const Eigen::MatrixXd& spectra,
                                            double significance = 0.05);

/// The series from the first \p number components: [scans × points].
[[nodiscard]] Eigen::MatrixXd reconstruct(const Components& components, int number);

/// A spectrum projected onto the first components.
struct TargetTest {
  Eigen::VectorXd predicted;  ///< [points]
  double aet = 0.0;           ///< rms of target less predicted
  double rep = 0.0;           ///< what errors of the series put into predicted
  double ret = 0.0;           ///< √(aet² - rep²): error of the target itself
  double spoil = 0.0;  ///< ret/rep: below 1.5 excellent, 3 good, 4.5 fair, 6 acceptable, above poor
};

/// E.R. Malinowski, Anal. Chim. Acta 103, 339 (1978), doi:10.1016/S0003-2670(01)83099-3.
/// \param target  [points] on the grid of the series
/// \throws Error{data} shapes disagree
[[nodiscard]] TargetTest test_target(const Components& components, int number,
                                     const Eigen::VectorXd& target);

}  // namespace twin::xas
