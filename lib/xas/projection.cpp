// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/projection.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <list>
#include <numbers>
#include <tuple>

#include "core/error.h"
#include "core/text.h"
#include "numeric/fourier.h"
#include "xas/bands.h"
#include "xas/path_kernel.h"
#include "xas/transform.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double negligible = 1e-8;

// UᵀM without its small rows, U the eigenvectors of M Mᵀ. The rows are products with M itself, so
// that the squares in M Mᵀ cost no digits.
MatrixXd compressed(const MatrixXd& m) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(m * m.transpose());
  const VectorXd& square = eigen.eigenvalues();  // increasing
  const double least = negligible * negligible * square[square.size() - 1];
  // Eigenvalues this small are rounding of either sign: those rows are looked at, not trusted.
  const MatrixXd all = eigen.eigenvectors().transpose() * m;
  Index skip = 0;
  while (skip + 1 < all.rows() && all.row(skip).squaredNorm() <= least) ++skip;
  return all.bottomRows(all.rows() - skip);
}

// Of χ(R) or of k, as Larch takes them: from ≤ point < to.
std::pair<Index, Index> points_between(double low, double high, double step, const char* what) {
  const auto from = static_cast<Index>(std::max(0.0, 0.01 + low / step));
  const auto to = static_cast<Index>(std::min(nfft / 2.0, 0.01 + high / step));
  if (to <= from)
    throw Error(Cause::configuration, std::string("fit: no point of ") + what + " lies between " +
                                          shortest(low) + " and " + shortest(high));
  return {from, to};
}

std::pair<Index, Index> points_of_r(const record::FitSettings& s) {
  return points_between(s.rmin, s.rmax, rstep, "chi(R)");
}

std::pair<Index, Index> points_of_k(const record::FitSettings& s) {
  return points_between(s.kmin, s.kmax, kstep, "chi(k)");
}

bool same(const record::FitSettings& a, const record::FitSettings& b) {
  const auto all = [](const record::FitSettings& s) {
    return std::tie(s.space, s.kmin, s.kmax, s.dk, s.kweights, s.window, s.rmin, s.rmax, s.dr,
                    s.rwindow);
  };
  return all(a) == all(b);
}

// cos(2π j/nfft) at 0 ≤ j < nfft: every angle of the transforms is one of these.
const VectorXd& cosines() {
  static const VectorXd out =
      (VectorXd::LinSpaced(nfft, 0, nfft - 1) * (2 * std::numbers::pi / nfft)).array().cos();
  return out;
}

void refuse_nothing(const VectorXd& taper, const std::string& name, double width,
                    const char* width_name) {
  if (taper.maxCoeff() > 1e-6) return;
  throw Error(Cause::configuration, "fit: a window " + printable(name) + " with " + width_name +
                                        " " + shortest(width) +
                                        " is nothing everywhere; a larger one, or hanning");
}

}  // namespace

Projection::Projection(const record::FitSettings& s) : settings_(s) {
  if (s.space != "k" && s.space != "r" && s.space != "q")
    throw Error(Cause::configuration,
                "fit: space '" + printable(s.space) + "' is not known; k, r and q are");
  const VectorXd k = k_grid(nfft), taper = window(k, s.kmin, s.kmax, s.dk, s.window);
  if (s.space != "k") refuse_nothing(taper, s.window, s.dk, "dk");
  mean_window_ = taper.sum() * kstep / (s.kmax - s.kmin);
  n_idp_ = 1 + 2 * (s.rmax - s.rmin) * (s.kmax - s.kmin) / std::numbers::pi;
  weights_.resize(nfft, static_cast<Index>(s.kweights.size()));
  for (std::size_t w = 0; w < s.kweights.size(); ++w) {
    const auto column = static_cast<Index>(w);
    weights_.col(column) = taper.array() * k.array().pow(s.kweights[w]);
    ratios_.push_back(epsilon_ratio(s, s.kweights[w]));
  }
  if (s.space == "k") {
    make_k();
  } else {
    while (first_ < nfft - 1 && taper[first_] == 0) ++first_;
    count_ = nfft - first_;
    while (count_ > 1 && taper[first_ + count_ - 1] == 0) --count_;
    make_transformed();
  }
}

// Σ over the weights of |f_w k^w x|², each weight with its share of n_idp, is one diagonal.
void Projection::make_k() {
  const auto [from, to] = points_of_k(settings_);
  first_ = from;
  count_ = to - from;
  points_ = count_ * static_cast<Index>(settings_.kweights.size());
  const auto k =
      (kstep * VectorXd::LinSpaced(count_, static_cast<double>(from), static_cast<double>(to - 1)))
          .eval();
  squares_ = VectorXd::Zero(count_);
  for (const double weight : settings_.kweights) {
    const VectorXd square = k.array().pow(2 * weight);
    squares_ += square * (n_idp_ / (square.sum() * static_cast<double>(settings_.kweights.size())));
  }
  diagonal_rows_ = squares_.cwiseSqrt();
  diagonal_ = true;
}

void Projection::make_transformed() {
  const bool in_r = settings_.space == "r";
  const auto weights = static_cast<double>(settings_.kweights.size());
  MatrixXd rows(0, count_);
  for (std::size_t w = 0; w < settings_.kweights.size(); ++w) {
    const VectorXd scale = weights_.col(static_cast<Index>(w)).segment(first_, count_);
    MatrixXd more = in_r ? to_r(scale) : to_q(scale);
    points_ += more.rows();
    more *= in_r ? ratios_[w] * std::sqrt(n_idp_ / (static_cast<double>(more.rows()) * weights))
                 : std::sqrt(n_idp_ / weights) / more.norm();
    const MatrixXd few = compressed(more);
    rows.conservativeResize(rows.rows() + few.rows(), count_);
    rows.bottomRows(few.rows()) = few;
  }
  if (settings_.kweights.size() > 1) rows = compressed(rows);
  squares_ = rows.rowwise().squaredNorm();
  transposed_.setZero(count_, (rows.rows() + 7) / 8 * 8);
  transposed_.leftCols(rows.rows()) = rows.transpose();
}

MatrixXd Projection::to_r(const VectorXd& scale) const {
  const auto [from, to] = points_of_r(settings_);
  MatrixXd out(2 * (to - from), scale.size());
  const double unit = kstep * std::numbers::inv_sqrtpi;
  for (Index i = 0; i < scale.size(); ++i)
    for (Index j = from; j < to; ++j) {
      const Index turn = ((first_ + i) * j) % nfft, quarter = (turn + nfft / 4) % nfft;
      // -sin a = cos(a + π/2)
      out.col(i).segment<2>(2 * (j - from)) << cosines()[turn], cosines()[quarter];
      out.col(i).segment<2>(2 * (j - from)) *= unit * scale[i];
    }
  return out;
}

// Forward and back in one: χ(q_j) = Σᵢ (4/nfft) Σ_l Ω(R_l) exp(2πi l (j - i)/nfft) · k_i^w Ω(k_i)
// χᵢ.
MatrixXd Projection::to_q(const VectorXd& scale) const {
  const auto [from, to] = points_of_k(settings_);
  const VectorXd r = rstep * VectorXd::LinSpaced(nfft / 2, 0, nfft / 2 - 1);
  const VectorXd taper = window(r, settings_.rmin, settings_.rmax, settings_.dr, settings_.rwindow);
  refuse_nothing(taper, settings_.rwindow, settings_.dr, "dr");
  VectorXd kernel = VectorXd::Zero(nfft / 2);
  for (Index m = 0; m < kernel.size(); ++m)
    for (Index l = 0; l < taper.size(); ++l)
      if (taper[l] != 0) kernel[m] += taper[l] * cosines()[(l * m) % nfft];
  MatrixXd out(to - from, scale.size());
  for (Index i = 0; i < scale.size(); ++i)
    for (Index j = from; j < to; ++j)
      out(j - from, i) = 4.0 / nfft * kernel[std::abs(j - first_ - i)] * scale[i];
  return out;
}

std::shared_ptr<const Projection> Projection::get(const record::FitSettings& settings) {
  constexpr std::size_t kept = 8;
  static thread_local std::list<std::shared_ptr<const Projection>> store;
  const auto found = std::find_if(store.begin(), store.end(), [&](const auto& projection) {
    return same(projection->settings_, settings);
  });
  if (found != store.end()) {
    store.splice(store.begin(), store, found);  // the one used last comes first
    return store.front();
  }
  store.push_front(std::make_shared<const Projection>(settings));
  if (store.size() > kept) store.pop_back();
  return store.front();
}

MatrixXd Projection::operator()(const Eigen::Ref<const MatrixXd>& x) const {
  MatrixXd out;
  apply(x, out);
  return out;
}

void Projection::apply(const Eigen::Ref<const MatrixXd>& x, MatrixXd& out) const {
  out.resize(rows(), x.cols());
  if (!diagonal_) return thin_product(transposed_.topRows(x.rows()), x, out);
  out.topRows(x.rows()) = diagonal_rows_.head(x.rows()).asDiagonal() * x;
  out.bottomRows(count_ - x.rows()).setZero();
}

MatrixXd Projection::noise_covariance(const VectorXd& variance) const {
  const Index n = variance.size();
  if (!diagonal_) {
    const auto rows = transposed_.topLeftCorner(n, squares_.size());
    return rows.transpose() * variance.asDiagonal() * rows;
  }
  VectorXd out = VectorXd::Zero(count_);
  out.head(n) = squares_.head(n).cwiseProduct(variance);
  return out.asDiagonal();
}

Projection::Noise Projection::noise(const VectorXd& chi) const {
  const auto from = static_cast<Index>(0.01 + 15.0 / rstep);
  const auto count = static_cast<Index>(1.01 + 30.0 / rstep) - from;
  const double unit = kstep * std::numbers::inv_sqrtpi / mean_window_;
  Noise out;
  for (std::size_t w = 0; w < ratios_.size(); ++w) {
    const VectorXd weight = weights_.col(static_cast<Index>(w)).head(chi.size());
    const Eigen::VectorXcd wave = numeric::real_transform(chi.cwiseProduct(weight), nfft);
    const double epsilon =
        ratios_[w] * unit *
        std::sqrt(wave.segment(from, count).squaredNorm() / (2 * static_cast<double>(count)));
    out.weighing += epsilon / static_cast<double>(ratios_.size());
    // Noise of Re χ(R) is ε √(kstep²/2π Σ (k^w Ω)²); bands.h has an integral without tapers for it.
    const double sum = std::max(weight.norm(), 1e-300) * kstep / std::sqrt(2 * std::numbers::pi);
    out.white += epsilon * mean_window_ / (ratios_[w] * sum * static_cast<double>(ratios_.size()));
  }
  if (!(out.weighing > 0)) out = {1e-12 * ratios_.front(), 1e-12 * ratios_.front()};
  return out;
}

}  // namespace twin::xas
