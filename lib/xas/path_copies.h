// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "atoms/frame.h"
#include "xas/scattering_path.h"

namespace twin::xas {

/// The paths of an ideal cubic crystal on the sites of a simulated one: each path in all copies
/// that the 48 operations of the cubic point group make of it (a path and its reverse are one copy,
/// they have one length), each copy at each atom.
class PathCopies {
 public:
  /// \param paths  of a cubic reference crystal, axes along ⟨100⟩ as in \p ideal; its lattice
  ///               parameter may differ from that of \p ideal by a quarter
  /// \throws Error{data} a path has an atom where \p ideal has no site
  PathCopies(const std::vector<ScatteringPath>& paths, const atoms::Frame& ideal);

  [[nodiscard]] std::size_t paths() const { return copies_.size(); }
  [[nodiscard]] std::size_t copies(std::size_t path) const { return copies_[path].size(); }

  /// Half the length of a copy that begins and ends at atom \p absorber, Å.
  [[nodiscard]] double half_length(std::size_t path, std::size_t copy, int absorber,
                                   const atoms::Frame& frame) const;

 private:
  struct Site {
    int atom = -1;
    Eigen::Vector3i image = Eigen::Vector3i::Zero();
  };
  using Copy = std::vector<std::size_t>;  ///< the offset of each atom after the absorber

  std::size_t offset_at(const Eigen::Vector3d& r);
  void make_copies(const ScatteringPath& path, double scale);
  void find_sites(const atoms::Frame& ideal);

  std::vector<Eigen::Vector3d> offsets_;  ///< from the absorber, Å, each once
  std::vector<std::vector<Copy>> copies_;
  std::vector<Site> sites_;  ///< [atoms × offsets]
};

}  // namespace twin::xas
