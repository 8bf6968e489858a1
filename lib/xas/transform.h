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

/// [m] window over \p k: "hanning", "kaiser", "parzen", "welch", "sine" or "gaussian", as Larch's
/// ftwindow: a corner that falls on a grid point belongs to the taper or the plateau by rounding.
///
/// \param k  uniform grid that should reach beyond kmax + dk/2: the taper ends where it ends
/// \throws Error{configuration} an unknown name (with a suggestion), kmin ≥ kmax, or fewer than two
/// points
[[nodiscard]] Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk,
                                     const std::string& name);

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

}  // namespace twin::xas
