// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <string>

namespace twin::xas {

/// [m] window over \p k: "hanning", "kaiser", "parzen", "welch", "sine" or "gaussian", as Larch's ftwindow.
/// \throws Error{configuration} an unknown name (with a suggestion)
[[nodiscard]] Eigen::VectorXd window(const Eigen::VectorXd& k, double kmin, double kmax, double dk,
                                     const std::string& name);

/// χ(R) of χ(k): kstep/√π · FFT(k^w χ Ω), padded to 2048.
struct Transform {
  Eigen::VectorXd r;        ///< [m] Å, steps of π/(2048 · 0.05) = 0.03068, to 10 Å
  Eigen::VectorXcd chi;     ///< [m] 1/Å^(w+1)
};

/// \param chi  [n] on k = 0, 0.05, 0.1 ... 1/Å; missing points beyond its end are zero
[[nodiscard]] Transform forward_transform(const Eigen::VectorXd& chi, double kmin, double kmax,
                                          double dk, double kweight, const std::string& window);

}  // namespace twin::xas
