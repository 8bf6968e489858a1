// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

namespace twin::formats {

/// Labelled frames of the same atoms, as DeePMD-kit trains on them.
struct DeepmdSystem {
  using ByFrame = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  std::vector<std::string> elements;           ///< [n] of each atom
  ByFrame box;                                 ///< [frames × 9] Å, rows of the cell one by one
  ByFrame coordinates;                         ///< [frames × 3 n] Å
  Eigen::VectorXd energy;                      ///< [frames] eV, of all atoms
  ByFrame forces;                              ///< [frames × 3 n] eV/Å
  std::optional<ByFrame> virial;               ///< [frames × 9] eV, volume times pressure
  std::optional<Eigen::VectorXd> temperature;  ///< [frames] K; ours, DeePMD-kit leaves it alone

  [[nodiscard]] Eigen::Index frames() const { return box.rows(); }
  [[nodiscard]] double volume(Eigen::Index frame) const;  ///< Å³, of the cell
};

/// A folder with type.raw, type_map.raw and set.*/{box,coord,energy,force,virial}.npy, sets in the
/// order of their names.
/// \throws Error{no_input}  a file is missing; Error{data}  they do not fit, or have no frames
/// Source: https://docs.deepmodeling.com/projects/deepmd/en/master/data/system.html
[[nodiscard]] DeepmdSystem read_deepmd_system(const std::string& folder);

/// Writes such a folder, with one set. Each file is replaced whole.
/// \throws Error{cannot_create}, Error{output}
void write_deepmd_system(const std::string& folder, const DeepmdSystem& system);

/// The folders below \p folder, itself included, that have a type.raw; sorted.
/// \throws Error{no_input}  there is none
[[nodiscard]] std::vector<std::string> deepmd_systems_in(const std::string& folder);

}  // namespace twin::formats
