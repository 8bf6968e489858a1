// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>

namespace twin::xas {

/// The grid of χ(k), and the length of the transform that pads it; R then has steps of
/// π/(nfft·kstep).
inline constexpr double kstep = 0.05;
inline constexpr int nfft = 2048;
inline constexpr double rstep = 3.14159265358979323846 / (kstep * nfft);

/// [n] k = 0, 0.05, 0.1 ... 1/Å.
[[nodiscard]] Eigen::VectorXd k_grid(Eigen::Index n);

/// [m] window over \p k, as Larch's ftwindow: a corner that falls on a grid point belongs to the
/// taper or the plateau by rounding. t = 0 .. 1 along a taper, x1 and x4 the window's outer ends:
///
///   "hanning"   sin²(π t/2), tapers of width dk centred on kmin and kmax
///   "fhanning"  the same tapers, dk the fraction of kmax - kmin that they take together, 0 .. 1
///   "parzen"    t
///   "welch"     1 - (1 - t)²
///   "sine"      sin(π (x4 - k)/(x4 - x1))
///   "gaussian"  exp(-(k - centre)²/(2 dk²)), without ends
///   "kaiser"    (I₀(dk √a) - 1)/(I₀(dk) - 1), a = 1 - ((k - centre)/half width)²
///   "bessel"    I₀(dk √a)/I₀(dk), zero from x1 and x4 outwards: Ifeffit's Kaiser-Bessel window
///
/// \param k  uniform grid that should reach beyond kmax + dk/2: the taper ends where it ends
/// \throws Error{configuration} an unknown name (with a suggestion), kmin ≥ kmax, dk below zero, or
/// fewer than two points
[[nodiscard]] Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk,
                                     const std::string& name);

/// The same with a taper of its own width \p dk2 at kmax. The shape of kaiser, bessel and gaussian
/// knows dk alone.
[[nodiscard]] Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk,
                                     double dk2, const std::string& name);

/// χ(R) of χ(k): kstep/√π · FFT(k^w χ Ω), padded to 2048.
struct Transform {
  Eigen::VectorXd r;     ///< [m] Å, steps of π/(2048 · 0.05) = 0.03068, to 10 Å
  Eigen::VectorXcd chi;  ///< [m] 1/Å^(w+1)
};

/// \param chi  [n] on k = 0, 0.05, 0.1 ... 1/Å; missing points beyond its end are zero
/// \throws Error{data} more than 2048 points, or a value that is not finite
/// O(nfft log nfft): about 10 µs.
[[nodiscard]] Transform forward_transform(const Eigen::VectorXd& chi, double kmin, double kmax,
                                          double dk, double kweight, const std::string& window);

/// The same out to \p rmax Å, at most 31.4 Å.
[[nodiscard]] Transform forward_transform_to(double rmax, const Eigen::VectorXd& chi, double kmin,
                                             double kmax, double dk, double kweight,
                                             const std::string& window);

/// χ(q) of χ(R): what the distances from rmin to rmax contribute to k^w χ Ω, as an analytic signal.
struct BackTransform {
  Eigen::VectorXd q;     ///< [m] 0, 0.05 ... 1/Å
  Eigen::VectorXcd chi;  ///< [m] real part: the filtered k^w χ(k) Ω(k); magnitude: its envelope
};

/// χ(q) = 2√π/kstep · 1/N Σ_j χ(R_j) Ω(R_j) exp(2πi jm/N), N = 2048, over R ≥ 0, as Larch's xftr:
/// with a window of ones over all R to 31.4 Å the real part is the input of the forward transform
/// again (but for half of the point R = 0).
///
/// \param chi_r     [n] on R = 0, 0.0307 ... Å, n ≤ 1024: Transform::chi; what lies beyond is zero
/// \param dr        Å, taper of the window at rmin and rmax
/// \param kmax_out  1/Å, where q ends; at most 51.15
/// \throws Error{data} too many points, or a value that is not finite; Error{configuration} as
///         window()
[[nodiscard]] BackTransform back_transform(const Eigen::VectorXcd& chi_r, double rmin, double rmax,
                                           double dr, const std::string& window,
                                           double kmax_out = 30.0);

}  // namespace twin::xas
