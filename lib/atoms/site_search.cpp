// SPDX-License-Identifier: GPL-3.0-or-later
#include "atoms/site_search.h"

#include <Eigen/LU>
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>

namespace twin::atoms {

namespace {

/// The sites of one species in bins, about one a bin.
class Bins {
 public:
  Bins(const std::vector<std::size_t>& sites, const Eigen::MatrixX3d& fractions,
       const Eigen::Matrix3d& cell)
      : fractions_(fractions), cell_(cell) {
    const double volume = std::abs(cell.determinant());
    const double width =
        std::cbrt(volume / static_cast<double>(std::max<std::size_t>(1, sites.size())));
    for (int axis = 0; axis < 3; ++axis)
      count_[static_cast<std::size_t>(axis)] =
          std::clamp(static_cast<int>(cell.row(axis).norm() / width), 1, 512);
    bins_.resize(static_cast<std::size_t>(count_[0]) * static_cast<std::size_t>(count_[1]) *
                 static_cast<std::size_t>(count_[2]));
    for (const std::size_t site : sites)
      bins_[index(place(fractions.row(static_cast<Eigen::Index>(site))))].push_back(site);
  }

  /// The site nearest to \p fraction, and the way there (fractions).
  struct Found {
    std::size_t site;
    Eigen::RowVector3d way;
  };
  [[nodiscard]] std::optional<Found> nearest(const Eigen::RowVector3d& fraction) const {
    std::optional<Found> best;
    double shortest = std::numeric_limits<double>::infinity();
    for_each_near(place(fraction), [&](std::size_t site) {
      const Eigen::RowVector3d way =
          nearest_image(fraction - fractions_.row(static_cast<Eigen::Index>(site)));
      const double length = (way * cell_).squaredNorm();
      if (length >= shortest) return;
      shortest = length;
      best = Found{site, way};
    });
    return best;
  }

 private:
  using Place = std::array<int, 3>;

  [[nodiscard]] Place place(const Eigen::RowVector3d& fraction) const {
    Place at{};
    for (int axis = 0; axis < 3; ++axis) {
      const auto i = static_cast<std::size_t>(axis);
      const double inside = fraction[axis] - std::floor(fraction[axis]);
      at[i] = std::min(static_cast<int>(inside * count_[i]), count_[i] - 1);
    }
    return at;
  }

  [[nodiscard]] std::size_t index(const Place& at) const {
    return (static_cast<std::size_t>(at[0]) * static_cast<std::size_t>(count_[1]) +
            static_cast<std::size_t>(at[1])) *
               static_cast<std::size_t>(count_[2]) +
           static_cast<std::size_t>(at[2]);
  }

  template <typename Visit>
  void for_each_near(const Place& at, Visit visit) const {
    const auto range = [&](std::size_t axis) {  // each neighbouring bin once, also of one or two
      return std::pair(count_[axis] > 2 ? -1 : 0, std::min(count_[axis] - 1, 1));
    };
    const auto wrap = [&](std::size_t axis, int step) {
      return (at[axis] + step + count_[axis]) % count_[axis];
    };
    for (int x = range(0).first; x <= range(0).second; ++x)
      for (int y = range(1).first; y <= range(1).second; ++y)
        for (int z = range(2).first; z <= range(2).second; ++z)
          for (const std::size_t site : bins_[index({wrap(0, x), wrap(1, y), wrap(2, z)})])
            visit(site);
  }

  const Eigen::MatrixX3d& fractions_;
  const Eigen::Matrix3d& cell_;
  Place count_{};
  std::vector<std::vector<std::size_t>> bins_;
};

/// Atoms on sites, and the mean square of the ways there.
struct Assignment {
  std::vector<std::size_t> order;
  double square = 0.0;      ///< Å²
  Eigen::RowVector3d mean;  ///< of the ways
};

class Search {
 public:
  Search(const Frame& ideal, const std::vector<int>& species, const Eigen::Matrix3d& cell,
         const Eigen::MatrixX3d& atoms)
      : species_(species),
        cell_(cell),
        atoms_(atoms),
        sites_(ideal.positions * ideal.cell.inverse()) {
    const int kinds = 1 + *std::ranges::max_element(ideal.species);
    sites_of_.resize(static_cast<std::size_t>(kinds));
    for (std::size_t i = 0; i < ideal.species.size(); ++i)
      sites_of_[static_cast<std::size_t>(ideal.species[i])].push_back(i);
    for (const auto& sites : sites_of_) bins_.emplace_back(sites, sites_, cell_);
  }

  [[nodiscard]] std::vector<std::size_t> nearest() const {
    std::vector<std::size_t> out;
    for (std::size_t atom = 0; atom < species_.size(); ++atom) {
      const auto found = bins_[static_cast<std::size_t>(species_[atom])].nearest(
          atoms_.row(static_cast<Eigen::Index>(atom)));
      out.push_back(found ? found->site : species_.size());
    }
    return out;
  }

  [[nodiscard]] std::optional<std::vector<std::size_t>> go() const {
    const auto rare = std::ranges::min_element(sites_of_, {}, [](const auto& sites) {
      return sites.empty() ? std::numeric_limits<std::size_t>::max() : sites.size();
    });
    const auto kind = static_cast<int>(rare - sites_of_.begin());
    const auto first = std::ranges::find(species_, kind);
    if (first == species_.end()) return std::nullopt;
    const Eigen::RowVector3d at = atoms_.row(first - species_.begin());
    constexpr std::size_t enough = 4'000'000;  // atoms times origins: a second
    const std::size_t most = std::max<std::size_t>(8, enough / species_.size());
    std::optional<Assignment> best;
    for (std::size_t i = 0; i < std::min(rare->size(), most); ++i) {
      const Eigen::RowVector3d origin = at - sites_.row(static_cast<Eigen::Index>((*rare)[i]));
      auto found = assign(origin);
      if (found) found = assign(origin + found->mean);  // that atom's own displacement taken out
      if (found && (!best || found->square < (1 - 1e-9) * best->square)) best = std::move(found);
    }
    return best ? std::optional(std::move(best->order)) : std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<Assignment> assign(const Eigen::RowVector3d& origin) const {
    constexpr auto none = std::numeric_limits<std::size_t>::max();
    Assignment out{std::vector<std::size_t>(species_.size(), none), 0.0,
                   Eigen::RowVector3d::Zero()};
    for (std::size_t atom = 0; atom < species_.size(); ++atom) {
      const auto found = bins_[static_cast<std::size_t>(species_[atom])].nearest(
          atoms_.row(static_cast<Eigen::Index>(atom)) - origin);
      if (!found || out.order[found->site] != none) return std::nullopt;
      out.order[found->site] = atom;
      out.mean += found->way;
      out.square += (found->way * cell_).squaredNorm();
    }
    out.mean /= static_cast<double>(species_.size());
    return out;
  }

  const std::vector<int>& species_;
  const Eigen::Matrix3d& cell_;
  const Eigen::MatrixX3d& atoms_;
  Eigen::MatrixX3d sites_;
  std::vector<std::vector<std::size_t>> sites_of_;
  std::vector<Bins> bins_;
};

}  // namespace

Eigen::RowVector3d nearest_image(const Eigen::RowVector3d& fraction) {
  return fraction.array() - (fraction.array() + 0.5).floor();
}

Eigen::RowVector3d circular_mean(const Eigen::MatrixX3d& fractions) {
  Eigen::RowVector3d mean;
  for (int axis = 0; axis < 3; ++axis) {
    std::complex<double> sum;
    for (const double x : fractions.col(axis)) sum += std::polar(1.0, 2 * std::numbers::pi * x);
    mean[axis] = std::arg(sum) / (2 * std::numbers::pi);
  }
  return mean;
}

std::vector<std::size_t> nearest_sites(const Frame& ideal, const Eigen::Matrix3d& cell,
                                       const Eigen::MatrixX3d& atoms) {
  return Search(ideal, ideal.species, cell, atoms).nearest();
}

std::optional<std::vector<std::size_t>> assign_sites(const Frame& ideal,
                                                     const std::vector<int>& species,
                                                     const Eigen::Matrix3d& cell,
                                                     const Eigen::MatrixX3d& atoms) {
  if (species.empty() || species.size() != ideal.species.size()) return std::nullopt;
  return Search(ideal, species, cell, atoms).go();
}

}  // namespace twin::atoms
