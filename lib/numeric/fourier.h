// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>

/// Fourier transforms of real arrays by FFTW. Plans are made once for each length, under a lock;
/// transforms themselves run in any number of threads.
namespace twin::numeric {

/// X_j = Σ_i x_i exp(-2πi·ij/size), j = 0 .. size/2, of \p x padded with zeros to \p size.
/// \throws Error{internal} size < 1 or shorter than x
[[nodiscard]] Eigen::VectorXcd real_transform(const Eigen::VectorXd& x, int size);

/// The first \p count points of it, 1 .. size/2 + 1.
[[nodiscard]] Eigen::VectorXcd real_transform(const Eigen::VectorXd& x, int size,
                                              Eigen::Index count);

/// The inverse: [size/2 + 1] → [size], real_transform of it is the input again.
[[nodiscard]] Eigen::VectorXd inverse_real_transform(const Eigen::VectorXcd& spectrum, int size);

/// x_m = 1/size Σ_j X_j exp(2πi·jm/size), m = 0 .. count - 1, of \p spectrum padded with zeros to
/// \p size: no symmetry is asked for, so that half a spectrum gives the analytic signal.
/// \throws Error{internal} size < 1, or shorter than the spectrum or than count
[[nodiscard]] Eigen::VectorXcd inverse_transform(const Eigen::Ref<const Eigen::VectorXcd>& spectrum,
                                                 int size, Eigen::Index count);

/// The least length ≥ \p n whose only prime factors are 2, 3 and 5: quick to transform.
[[nodiscard]] int quick_length(int n);

/// The part of the convolution of \p signal [n] and \p kernel [m], m ≤ n, where they overlap
/// wholly: [n - m + 1], out_j = Σ_i kernel_i signal_(j+m-1-i). O(n log n).
[[nodiscard]] Eigen::VectorXd convolve_valid(const Eigen::VectorXd& signal,
                                             const Eigen::VectorXd& kernel);

/// A kernel that is used again: its transform for signals of one length.
class Kernel {
 public:
  /// \param values  [m]; \param signal  n ≥ m, the length of what will be convolved
  Kernel(const Eigen::VectorXd& values, Eigen::Index signal);

  [[nodiscard]] Eigen::Index points() const { return points_; }  ///< m

 private:
  friend Eigen::VectorXd convolve_valid(const Eigen::VectorXd& signal, const Kernel& kernel);
  Eigen::Index points_, signal_;
  int size_;
  Eigen::VectorXcd transform_;
};
[[nodiscard]] Eigen::VectorXd convolve_valid(const Eigen::VectorXd& signal, const Kernel& kernel);

}  // namespace twin::numeric
