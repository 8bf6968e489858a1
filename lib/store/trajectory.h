// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace twin::store {

/// What a file of trajectories says once: the same for all replicas.
struct TrajectoryHeader {
  std::vector<std::string> elements;  ///< [n] symbols of the atoms
  std::size_t replicas = 1;
  std::string potential;
  double thermostat = 0.0;  ///< K, classical
  std::int64_t seed = 0;
  std::string model;  ///< id of the model record
};

/// A sampled instant.
struct TrajectoryInstant {
  std::int64_t step = 0;
  double time_ps = 0.0;
  std::array<double, 9> cell{};       ///< Å, the axes one after the other
  std::span<const double> positions;  ///< [3 n] Å, x y z of each atom in turn, unwrapped
  double temperature = 0.0;           ///< K, of the kinetic energy
  double energy_eV = 0.0;             ///< potential energy of all atoms
  double virial_bar = 0.0;            ///< pressure without its kinetic part
};

/// Writes trajectories as H5MD 1.1, a group of particles a replica, with the modules units (SI) and
/// thermodynamics (energies per particle), frame by frame.
///
/// It is written beside as FILE.part and takes its name when it is finished. Every second FILE.part
/// is brought into a state that can be read, and stays in it until the next time: a process that is
/// killed leaves what there was then.
class TrajectoryWriter {
 public:
  /// \param flush_every  seconds between the states that can be read
  /// \throws Error{cannot_create}  FILE.part is there already, or can't be made
  TrajectoryWriter(const std::string& path, const TrajectoryHeader& header,
                   double flush_every = 1.0);
  ~TrajectoryWriter();
  TrajectoryWriter(const TrajectoryWriter&) = delete;
  TrajectoryWriter& operator=(const TrajectoryWriter&) = delete;

  /// \throws Error{output}    it can't be written: what was, is in FILE.part
  /// \throws Error{internal}  no such replica, another number of atoms
  void append(std::size_t replica, const TrajectoryInstant& instant);

  /// Adds the ensemble's name, closes, syncs, renames.  \throws Error{output}
  void finish(const std::string& ensemble);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::store
