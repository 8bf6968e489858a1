// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

namespace twin::xas {

/// Where in k each distance scatters: heavy neighbours at high k, light ones at low k.
struct Wavelet {
  Eigen::VectorXd k;     ///< [m] 0, 0.05 ... 1/Å: the grid of χ
  Eigen::VectorXd r;     ///< [n] Å, 0 .. rmax
  Eigen::MatrixXcd chi;  ///< [m × n] W(k, R), a distance a column; 1/Å^w. |W| is what is shown
};

/// The continuous Cauchy wavelet transform of k^w χ(k), normalised as Larch's cauchy_wavelet:
///
///   W(k, R) = 1/N Σ_{ω>0} X(ω) c_n (a ω)^n exp(-a ω) exp(iωk),  a = n/(2R),  c_n = 2π/n!
///
/// with X the Fourier transform of k^w χ and n the number of distances, so that the filter is
/// centred on ω = 2R with a relative width 1/√n: for 10 Å n = 326, the resolution in R is R/18 and
/// in k 9/R. W(k, 0) = 0.
///
/// \param chi      [m] on k = 0, 0.05 ... 1/Å; points beyond the 1024th do not count
/// \param kweight  w
/// \param rmax     Å, above 0.06, at most 31.4
/// \throws Error{data} fewer than 2 or more than 2048 points, or a value that is not finite;
///         Error{configuration} a rmax out of range
/// One short transform a distance, on no more frequencies than the filter passes: a few ms.
/// Source: M. Muñoz, P. Argoul, F. Farges, Am. Mineral. 88, 694 (2003), doi:10.2138/am-2003-0423.
[[nodiscard]] Wavelet cauchy_wavelet(const Eigen::VectorXd& chi, double kweight = 0.0,
                                     double rmax = 10.0);

}  // namespace twin::xas
