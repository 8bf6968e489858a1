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

// Of χ(R), as Larch takes them: from ≤ point < to.
std::pair<Index, Index> points_of_r(const record::FitSettings& s) {
  const auto from = static_cast<Index>(std::max(0.0, 0.01 + s.rmin / rstep));
  const auto to = static_cast<Index>(std::min(nfft / 2.0, 0.01 + s.rmax / rstep));
  if (to <= from)
    throw Error(Cause::configuration, "fit: no point of chi(R) lies between rmin " +
                                          shortest(s.rmin) + " and rmax " + shortest(s.rmax) +
                                          " A");
  return {from, to};
}

bool same(const record::FitSettings& a, const record::FitSettings& b) {
  const auto all = [](const record::FitSettings& s) {
    return std::tie(s.space, s.kmin, s.kmax, s.dk, s.kweights, s.window, s.rmin, s.rmax);
  };
  return all(a) == all(b);
}

}  // namespace

Projection::Projection(const record::FitSettings& s) : settings_(s) {
  const VectorXd k = k_grid(nfft), taper = window(k, s.kmin, s.kmax, s.dk, s.window);
  mean_window_ = taper.sum() * kstep / (s.kmax - s.kmin);
  n_idp_ = 1 + 2 * (s.rmax - s.rmin) * (s.kmax - s.kmin) / std::numbers::pi;
  while (first_ < nfft - 1 && taper[first_] == 0) ++first_;
  Index count = nfft - first_;
  while (count > 1 && taper[first_ + count - 1] == 0) --count;
  const auto [from, to] = points_of_r(s);
  points_ = 2 * (to - from) * static_cast<Index>(s.kweights.size());
  weights_.resize(nfft, static_cast<Index>(s.kweights.size()));
  rows_.resize(0, count);
  for (std::size_t w = 0; w < s.kweights.size(); ++w) {
    const auto column = static_cast<Index>(w);
    weights_.col(column) = taper.array() * k.array().pow(s.kweights[w]);
    ratios_.push_back(epsilon_ratio(s, s.kweights[w]));
    const double factor = ratios_[w] * std::sqrt(n_idp_ / static_cast<double>(points_));
    const MatrixXd more =
        compressed(transform_rows(factor * weights_.col(column).segment(first_, count)));
    rows_.conservativeResize(rows_.rows() + more.rows(), count);
    rows_.bottomRows(more.rows()) = more;
  }
  if (s.kweights.size() > 1) rows_ = compressed(rows_);
}

MatrixXd Projection::transform_rows(const VectorXd& scale) const {
  const auto [from, to] = points_of_r(settings_);
  MatrixXd out(2 * (to - from), scale.size());
  const double unit = kstep * std::numbers::inv_sqrtpi;
  for (Index i = 0; i < scale.size(); ++i)
    for (Index j = from; j < to; ++j) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(((first_ + i) * j) % nfft) / nfft;
      out.col(i).segment<2>(2 * (j - from)) << std::cos(angle), -std::sin(angle);
      out.col(i).segment<2>(2 * (j - from)) *= unit * scale[i];
    }
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

double Projection::noise(const VectorXd& chi) const {
  const auto from = static_cast<Index>(0.01 + 15.0 / rstep);
  const auto count = static_cast<Index>(1.01 + 30.0 / rstep) - from;
  const double unit = kstep * std::numbers::inv_sqrtpi / mean_window_;
  double sum = 0;
  for (std::size_t w = 0; w < ratios_.size(); ++w) {
    const VectorXd weight = weights_.col(static_cast<Index>(w)).head(chi.size());
    const Eigen::VectorXcd wave = numeric::real_transform(chi.cwiseProduct(weight), nfft);
    sum += ratios_[w] * unit *
           std::sqrt(wave.segment(from, count).squaredNorm() / (2 * static_cast<double>(count)));
  }
  const double mean = sum / static_cast<double>(ratios_.size());
  return mean > 0 ? mean : 1e-12 * ratios_.front();
}

}  // namespace twin::xas
