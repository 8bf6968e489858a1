// SPDX-License-Identifier: GPL-3.0-or-later
#include "numeric/fourier.h"

#include <fftw3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "core/error.h"

namespace twin::numeric {

namespace {

struct FftwFree {
  void operator()(void* memory) const { fftw_free(memory); }
};

struct Plans {
  fftw_plan forward = nullptr, backward = nullptr;
};

// Making plans is the one thing in FFTW that is not safe in threads.
std::mutex& planner() {
  static auto& guard = *new std::mutex;  // never destroyed: threads may outlive the end of main
  return guard;
}

// Plans live as long as the program.
Plans plans_of(int size, double* real, fftw_complex* half) {
  static auto& all = *new std::map<int, Plans>;
  const std::lock_guard lock(planner());
  auto [at, is_new] = all.try_emplace(size);
  if (is_new) {
    at->second.forward = fftw_plan_dft_r2c_1d(size, real, half, FFTW_ESTIMATE);
    at->second.backward = fftw_plan_dft_c2r_1d(size, half, real, FFTW_ESTIMATE);
  }
  return at->second;
}

// Arrays of one thread for one length, aligned as FFTW wants them.
class Workspace {
 public:
  explicit Workspace(int size)
      : size_(size),
        real_(fftw_alloc_real(static_cast<std::size_t>(size))),
        half_(fftw_alloc_complex(static_cast<std::size_t>(size / 2 + 1))),
        plans_(plans_of(size, real_.get(), half_.get())) {}

  static Workspace& of(int size) {
    static thread_local std::map<int, Workspace> all;
    return all.try_emplace(size, size).first->second;
  }

  double* real() { return real_.get(); }
  Eigen::Map<Eigen::VectorXcd> spectrum() {
    return {reinterpret_cast<std::complex<double>*>(half_.get()), size_ / 2 + 1};
  }
  // Transforms x, padded with zeros.
  void forward(const Eigen::VectorXd& x) {
    std::copy_n(x.data(), x.size(), real_.get());
    std::fill(real_.get() + x.size(), real_.get() + size_, 0.0);
    fftw_execute_dft_r2c(plans_.forward, real_.get(), half_.get());
  }
  void backward() { fftw_execute_dft_c2r(plans_.backward, half_.get(), real_.get()); }

 private:
  int size_;
  std::unique_ptr<double, FftwFree> real_;
  std::unique_ptr<fftw_complex, FftwFree> half_;
  Plans plans_;
};

fftw_plan complex_plan_of(int size, fftw_complex* data) {
  static auto& all = *new std::map<int, fftw_plan>;
  const std::lock_guard lock(planner());
  auto [at, is_new] = all.try_emplace(size);
  if (is_new) at->second = fftw_plan_dft_1d(size, data, data, FFTW_BACKWARD, FFTW_ESTIMATE);
  return at->second;
}

// One array of complex numbers, transformed where it lies.
class ComplexWorkspace {
 public:
  explicit ComplexWorkspace(int size)
      : data_(fftw_alloc_complex(static_cast<std::size_t>(size))),
        plan_(complex_plan_of(size, data_.get())) {}

  static ComplexWorkspace& of(int size) {
    static thread_local std::map<int, ComplexWorkspace> all;
    return all.try_emplace(size, size).first->second;
  }

  std::complex<double>* data() { return reinterpret_cast<std::complex<double>*>(data_.get()); }
  void backward() { fftw_execute_dft(plan_, data_.get(), data_.get()); }

 private:
  std::unique_ptr<fftw_complex, FftwFree> data_;
  fftw_plan plan_;
};

void check(bool right) {
  if (!right) throw Error(Cause::internal, "Fourier transform: the arrays do not fit its length");
}

}  // namespace

Eigen::VectorXcd real_transform(const Eigen::VectorXd& x, int size) {
  return real_transform(x, size, size / 2 + 1);
}

Eigen::VectorXcd real_transform(const Eigen::VectorXd& x, int size, Eigen::Index count) {
  check(size >= 1 && x.size() <= size && count >= 0 && count <= size / 2 + 1);
  Workspace& work = Workspace::of(size);
  work.forward(x);
  return work.spectrum().head(count);
}

Eigen::VectorXd inverse_real_transform(const Eigen::VectorXcd& spectrum, int size) {
  check(size >= 1 && spectrum.size() == size / 2 + 1);
  Workspace& work = Workspace::of(size);
  work.spectrum() = spectrum;
  work.backward();
  return Eigen::Map<Eigen::VectorXd>(work.real(), size) / size;
}

Eigen::VectorXcd inverse_transform(const Eigen::Ref<const Eigen::VectorXcd>& spectrum, int size,
                                   Eigen::Index count) {
  check(size >= 1 && spectrum.size() <= size && count >= 0 && count <= size);
  ComplexWorkspace& work = ComplexWorkspace::of(size);
  std::copy_n(spectrum.data(), spectrum.size(), work.data());
  std::fill(work.data() + spectrum.size(), work.data() + size, 0.0);
  work.backward();
  return Eigen::Map<Eigen::VectorXcd>(work.data(), count) / size;
}

int quick_length(int n) {
  for (int candidate = std::max(n, 1);; ++candidate) {
    int rest = candidate;
    for (const int prime : {2, 3, 5})
      while (rest % prime == 0) rest /= prime;
    if (rest == 1) return candidate;
  }
}

// out_j = Σ_m x_m [K(|j - m|) + H(j + m)] - x_0 K(j), with H of both images together: the left one
// where j + m < n (of m = 0 there is none, hence the last term), the right one where j + m ≥ n - 1.
MirroredConvolution::MirroredConvolution(const Eigen::VectorXd& kernel)
    : kernel_(kernel.head(std::max<Eigen::Index>(kernel.size() - 1, 0))),
      size_(quick_length(static_cast<int>(2 * kernel_.size() - 1))) {
  const Eigen::Index n = kernel_.size();
  check(n >= 1);
  Eigen::VectorXd offsets = Eigen::VectorXd::Zero(size_), images = offsets;
  for (Eigen::Index i = 0; i < n; ++i) offsets[i] = offsets[i == 0 ? 0 : size_ - i] = kernel[i];
  for (Eigen::Index t = 0; t < 2 * n - 1; ++t)
    images[t] = (t < n ? kernel[t] : 0.0) + (t >= n - 1 ? kernel[2 * n - 1 - t] : 0.0);
  direct_ = real_transform(offsets, size_).real();
  mirrored_ = real_transform(images, size_);
}

Eigen::VectorXd MirroredConvolution::operator()(const Eigen::VectorXd& x) const {
  check(x.size() == kernel_.size());
  Workspace& work = Workspace::of(size_);
  work.forward(x);
  auto spectrum = work.spectrum();
  spectrum.array() =
      spectrum.array() * direct_.array() + spectrum.array().conjugate() * mirrored_.array();
  work.backward();
  return Eigen::Map<Eigen::VectorXd>(work.real(), size_).head(x.size()) / size_ - x[0] * kernel_;
}

}  // namespace twin::numeric
