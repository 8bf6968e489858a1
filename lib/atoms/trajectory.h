// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace twin::atoms {

/// What a trajectory says of its atoms, in its order; the same for all of its frames.
struct TrajectoryAtoms {
  std::vector<std::string> elements;  ///< [n] symbols; empty: it does not name them
  std::vector<int> kinds;             ///< [n] which are alike, by a number; empty: it does not say
};

/// An instant of a trajectory. What a format leaves out is missing.
struct TrajectoryFrame {
  Eigen::Matrix3d cell = Eigen::Matrix3d::Zero();  ///< Å, rows are the axes; a volume that is not 0
  Eigen::MatrixX3d positions;                      ///< [n × 3] Å, wrapped or not
  std::optional<std::int64_t> step;
  std::optional<double> time_ps;
  std::optional<double> temperature;         ///< K, of the kinetic energy
  std::optional<double> energy_eV;           ///< potential energy of all atoms
  std::optional<double> virial_bar;          ///< pressure without its kinetic part
  std::optional<Eigen::MatrixX3d> forces;    ///< [n × 3] eV/Å
  std::optional<Eigen::Matrix3d> virial_eV;  ///< volume times pressure, as a tensor
  std::map<std::string, std::string> notes;  ///< what else an extended XYZ frame says of itself
};

/// How a trajectory was made, as far as its file says.
struct TrajectoryOrigin {
  std::string potential;
  std::optional<double> thermostat;  ///< K, classical
  std::optional<std::int64_t> seed;
  std::string ensemble;  ///< names the run that it is of
};

/// Frames one after the other, from a file that is never held as a whole.
class TrajectoryReader {
 public:
  virtual ~TrajectoryReader() = default;

  /// The next frame; nothing at the end. All numbers are finite, and all frames have the same
  /// atoms. A last frame that is not whole is left out: a warning says so.
  /// \throws Error{data}  `name: ...`: the file is wrong, or holds no whole frame
  [[nodiscard]] virtual std::optional<TrajectoryFrame> next() = 0;

  /// Known when the first frame is.
  [[nodiscard]] const TrajectoryAtoms& atoms() const { return atoms_; }
  [[nodiscard]] const TrajectoryOrigin& origin() const { return origin_; }
  /// What people should know, complete at the end.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

 protected:
  TrajectoryAtoms atoms_;
  TrajectoryOrigin origin_;
  std::vector<std::string> warnings_;
};

}  // namespace twin::atoms
