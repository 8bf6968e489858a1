// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/neighbours.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "core/error.h"

namespace twin::atoms {

namespace {

using Image = Eigen::Vector3i;

constexpr double rounding = 1e-6;  // Å, more than wrapping costs: who is near is looked at again

/// Where an integer falls in a ring of \p size: index and how often it went round.
struct Turn {
  int index, turns;
};
Turn wrap(int value, int size) {
  const int turns = (value >= 0 ? value : value - size + 1) / size;
  return {value - turns * size, turns};
}

/// How many bins the cell has in each direction: so many to rmax that a bin holds about two atoms.
Image bins_for(const Frame& frame, const Eigen::Vector3d& widths, double rmax) {
  const auto atoms = static_cast<double>(frame.positions.rows());
  const double within = atoms / std::abs(frame.cell.determinant()) * std::pow(rmax, 3);
  const double split = std::clamp(std::round(std::cbrt(within / 2)), 1.0, 4.0);
  Image count;
  for (int d = 0; d < 3; ++d)
    count[d] = static_cast<int>(std::clamp(split * widths[d] / rmax, 1.0, 64.0));
  const double most = std::max(64.0, 4 * atoms);  // a cell that is mostly empty needs no more
  while (count.cast<double>().prod() > most) {
    int& largest = count.maxCoeff() == count[0]   ? count[0]
                   : count.maxCoeff() == count[1] ? count[1]
                                                  : count[2];
    largest = (largest + 1) / 2;
  }
  return count;
}

/// Atoms sorted into bins of the cell, wrapped into it.
class Bins {
 public:
  Bins(const Frame& frame, double cutoff) : cell_(frame.cell.transpose()) {
    const double rmax = cutoff + rounding;
    farthest2_ = rmax * rmax;
    const Eigen::Matrix3d inverse = frame.cell.inverse();
    const Eigen::Vector3d widths = inverse.colwise().norm().cwiseInverse();  // between the faces
    if (rmax / widths.minCoeff() > 100)
      throw Error(Cause::data, "neighbours: the cut-off reaches over more than 100 cells");
    count_ = bins_for(frame, widths, rmax);
    for (int d = 0; d < 3; ++d)
      reach_[d] = static_cast<int>(std::ceil(rmax * count_[d] / widths[d]));
    sort_in(frame.positions * inverse);
  }

  /// Calls visit(i, j, image) for every pair that may be closer than rmax, in one of its two
  /// orders, x_j + image · cell then near to x_i; an atom's own images too, of which one of a pair
  /// only.
  template <class Visit>
  void visit_pairs(Visit&& visit) const {
    Image bin;
    for (bin[0] = 0; bin[0] < count_[0]; ++bin[0])
      for (bin[1] = 0; bin[1] < count_[1]; ++bin[1])
        for (bin[2] = 0; bin[2] < count_[2]; ++bin[2])
          if (first_[flat(bin)] < first_[flat(bin) + 1]) visit_around(bin, visit);
  }

 private:
  /// Half of the bins around: the pairs of the other half are these, the other way round.
  template <class Visit>
  void visit_around(const Image& bin, Visit& visit) const {
    const std::size_t here = flat(bin);
    visit_between(here, here, Image::Zero(), true, visit);
    for (int x = 0; x <= reach_[0]; ++x)
      for (int y = x == 0 ? 0 : -reach_[1]; y <= reach_[1]; ++y)
        for (int z = x == 0 && y == 0 ? 1 : -reach_[2]; z <= reach_[2]; ++z) {
          const auto [a, ta] = wrap(bin[0] + x, count_[0]);
          const auto [b, tb] = wrap(bin[1] + y, count_[1]);
          const auto [c, tc] = wrap(bin[2] + z, count_[2]);
          visit_between(here, flat({a, b, c}), Image(ta, tb, tc), false, visit);
        }
  }

  template <class Visit>
  void visit_between(std::size_t here, std::size_t there, const Image& turns, bool same,
                     Visit& visit) const {
    if (first_[there] == first_[there + 1]) return;
    Eigen::Vector3d shift = Eigen::Vector3d::Zero();
    for (int d = 0; d < 3; ++d)
      if (turns[d] != 0) shift += turns[d] * cell_.col(d);
    for (std::size_t m = first_[here]; m < first_[here + 1]; ++m) {
      const Eigen::Vector3d from = atoms_[m].x - shift;
      for (std::size_t n = same ? m + 1 : first_[there]; n < first_[there + 1]; ++n)
        if ((atoms_[n].x - from).squaredNorm() < farthest2_)
          visit(atoms_[m].index, atoms_[n].index, Image(turns + atoms_[m].image - atoms_[n].image));
    }
  }

  struct Atom {
    Eigen::Vector3d x;  ///< wrapped
    Image image;        ///< what of the cell was taken away
    int index = 0;
  };

  [[nodiscard]] std::size_t flat(const Image& bin) const {
    return static_cast<std::size_t>((bin[0] * count_[1] + bin[1]) * count_[2] + bin[2]);
  }

  void sort_in(const Eigen::MatrixX3d& fractions) {
    const auto n = static_cast<std::size_t>(fractions.rows());
    std::vector<std::size_t> bins(n);
    std::vector<Atom> all(n);
    first_.assign(static_cast<std::size_t>(count_.prod()) + 1, 0);
    for (std::size_t i = 0; i < n; ++i) {
      const Eigen::Vector3d f = fractions.row(static_cast<Eigen::Index>(i)).transpose();
      const Eigen::Vector3d whole = f.array().floor();
      Image bin;
      for (int d = 0; d < 3; ++d)
        bin[d] = std::min(static_cast<int>((f[d] - whole[d]) * count_[d]), count_[d] - 1);
      bins[i] = flat(bin);
      all[i] = {cell_ * (f - whole), whole.cast<int>(), static_cast<int>(i)};
      ++first_[bins[i] + 1];
    }
    for (std::size_t b = 1; b < first_.size(); ++b) first_[b] += first_[b - 1];
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    atoms_.resize(n);
    for (std::size_t i = 0; i < n; ++i) atoms_[next[bins[i]]++] = all[i];
  }

  Eigen::Matrix3d cell_;  ///< columns: its axes
  double farthest2_ = 0;
  Image count_, reach_;
  std::vector<std::size_t> first_;  ///< [bins + 1] of its atoms
  std::vector<Atom> atoms_;         ///< by bins
};

void check(const Frame& frame, double rmax) {
  if (!(std::isfinite(rmax) && rmax > 0))
    throw Error(Cause::data, "neighbours: the cut-off is not a positive length");
  if (!frame.positions.allFinite() || !frame.cell.allFinite())
    throw Error(Cause::data, "neighbours: a position or the cell is not finite");
  if (!(std::abs(frame.cell.determinant()) > 1e-9))
    throw Error(Cause::data, "neighbours: the cell has no volume; expected three cell vectors");
  if ((frame.positions * frame.cell.inverse()).cwiseAbs().maxCoeff() > 1e8)
    throw Error(Cause::data, "neighbours: an atom is more than 1e8 cells away");
}

template <class Visit>
void search(const Frame& frame, double rmax, Visit&& visit) {
  if (frame.positions.rows() == 0) return;
  check(frame, rmax);
  Bins(frame, rmax).visit_pairs([&](int i, int j, const Image& image) {
    const FixedPair pair = i <= j ? FixedPair{i, j, image} : FixedPair{j, i, -image};
    const Eigen::Vector3d r = separation(pair, frame);
    if (r.squaredNorm() < rmax * rmax) visit(pair, r);
  });
}

}  // namespace

void for_each_pair(const Frame& frame, double rmax,
                   const std::function<void(int i, int j, const Eigen::Vector3d& r)>& visit) {
  search(frame, rmax,
         [&](const FixedPair& pair, const Eigen::Vector3d& r) { visit(pair.i, pair.j, r); });
}

std::vector<FixedPair> fixed_pairs(const Frame& frame, double rmin, double rmax) {
  std::vector<FixedPair> pairs;
  search(frame, rmax, [&](const FixedPair& pair, const Eigen::Vector3d& r) {
    if (r.norm() >= rmin) pairs.push_back(pair);
  });
  return pairs;
}

}  // namespace twin::atoms
