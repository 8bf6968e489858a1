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

/// The convolution of a signal of n points with an even kernel, the signal going on as its mirror
/// images: about its first point on the left, behind its last point on the right.
///
///   out_j = Σ_s K(|j - s|) S(s),  -n ≤ j - s < n,  S(-m) = x_m, S(2n - 1 - m) = x_m
///
/// Two transforms of about 2n points each; what depends on the kernel is made once.
class MirroredConvolution {
 public:
  /// \param kernel  [n + 1] K(0) .. K(n), n ≥ 1
  explicit MirroredConvolution(const Eigen::VectorXd& kernel);

  [[nodiscard]] Eigen::Index points() const { return kernel_.size(); }  ///< n

  /// \param x  [n] → [n]
  /// \throws Error{internal} another length
  [[nodiscard]] Eigen::VectorXd operator()(const Eigen::VectorXd& x) const;

 private:
  Eigen::VectorXd kernel_;  // K(0) .. K(n - 1)
  int size_;
  Eigen::VectorXd direct_;     // transform of K over its offsets
  Eigen::VectorXcd mirrored_;  // of what the images see: a function of j + m
};

}  // namespace twin::numeric
