// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

/// Fourier transforms of real arrays by FFTW. Plans are made once for each length, under a lock;
/// transforms themselves run in any number of threads.
namespace twin::numeric {

/// X_j = Σ_i x_i exp(-2πi·ij/size), j = 0 .. size/2, of \p x padded with zeros to \p size.
/// \throws Error{internal} size < 1 or shorter than x
[[nodiscard]] Eigen::VectorXcd real_transform(const Eigen::VectorXd& x, int size);

/// The inverse: [size/2 + 1] → [size], real_transform of it is the input again.
[[nodiscard]] Eigen::VectorXd inverse_real_transform(const Eigen::VectorXcd& spectrum, int size);

/// The least length ≥ \p n whose only prime factors are 2, 3 and 5: quick to transform.
[[nodiscard]] int quick_length(int n);

/// The part of the convolution of \p signal [n] and \p kernel [m], m ≤ n, where they overlap
/// wholly: [n - m + 1], out_j = Σ_i kernel_i signal_(j+m-1-i). O(n log n).
[[nodiscard]] Eigen::VectorXd convolve_valid(const Eigen::VectorXd& signal,
                                             const Eigen::VectorXd& kernel);

}  // namespace twin::numeric
