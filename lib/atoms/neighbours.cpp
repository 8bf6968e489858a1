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

/// Where an integer falls in a ring of \p size: index and how often it went round.
struct Turn {
  int index, turns;
};
Turn wrap(int value, int size) {
  const int turns = (value >= 0 ? value : value - size + 1) / size;
  return {value - turns * size, turns};
}

/// True for one of \p image and -image, and never for 0.
bool positive(const Image& image) {
  for (const int n : image)
    if (n != 0) return n > 0;
  return false;
}

/// Atoms sorted into bins of the cell. A bin is at least rmax / reach wide in each direction.
class Bins {
 public:
  Bins(const Frame& frame, double rmax) {
    const Eigen::Matrix3d inverse = frame.cell.inverse();
    for (int d = 0; d < 3; ++d) {
      const double width = 1.0 / inverse.col(d).norm();  // between the faces of the cell
      count_[d] = static_cast<int>(std::clamp(width / rmax, 1.0, 64.0));
      if (rmax / width > 100)
        throw Error(Cause::data, "neighbours: the cut-off reaches over more than 100 cells");
      reach_[d] = static_cast<int>(std::ceil(rmax * count_[d] / width));
    }
    const Eigen::MatrixX3d fractions = frame.positions * inverse;
    members_.resize(static_cast<std::size_t>(count_.prod()));
    home_.reserve(static_cast<std::size_t>(fractions.rows()));
    for (Eigen::Index i = 0; i < fractions.rows(); ++i) sort_in(fractions.row(i).transpose());
  }

  /// Calls visit(j, image) for every atom near to \p i; x_j + image · cell is then near to x_i.
  template <class Visit>
  void near(int i, Visit&& visit) const {
    const Home& home = home_[static_cast<std::size_t>(i)];
    for (int x = -reach_[0]; x <= reach_[0]; ++x)
      for (int y = -reach_[1]; y <= reach_[1]; ++y)
        for (int z = -reach_[2]; z <= reach_[2]; ++z) {
          const auto [a, ta] = wrap(home.bin[0] + x, count_[0]);
          const auto [b, tb] = wrap(home.bin[1] + y, count_[1]);
          const auto [c, tc] = wrap(home.bin[2] + z, count_[2]);
          const Image turns(ta, tb, tc);
          for (const int j : members_[flat({a, b, c})])
            visit(j, Image(home.image + turns - home_[static_cast<std::size_t>(j)].image));
        }
  }

 private:
  struct Home {
    Image bin, image;
  };

  [[nodiscard]] std::size_t flat(const Image& bin) const {
    return static_cast<std::size_t>((bin[0] * count_[1] + bin[1]) * count_[2] + bin[2]);
  }

  void sort_in(const Eigen::Vector3d& fraction) {
    Home home;
    for (int d = 0; d < 3; ++d) {
      const double whole = std::floor(fraction[d]);
      home.image[d] = static_cast<int>(whole);
      home.bin[d] = std::min(static_cast<int>((fraction[d] - whole) * count_[d]), count_[d] - 1);
    }
    members_[flat(home.bin)].push_back(static_cast<int>(home_.size()));
    home_.push_back(home);
  }

  Image count_, reach_;
  std::vector<std::vector<int>> members_;
  std::vector<Home> home_;
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
  const Bins bins(frame, rmax);
  const int atoms = static_cast<int>(frame.positions.rows());
  for (int i = 0; i < atoms; ++i)
    bins.near(i, [&](int j, const Image& image) {
      if (j < i || (j == i && !positive(image))) return;
      const FixedPair pair{i, j, image};
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

std::vector<FixedPair> fixed_pairs(const Frame& ideal, double rmin, double rmax) {
  std::vector<FixedPair> pairs;
  search(ideal, rmax, [&](const FixedPair& pair, const Eigen::Vector3d& r) {
    if (r.norm() >= rmin) pairs.push_back(pair);
  });
  return pairs;
}

}  // namespace twin::atoms
