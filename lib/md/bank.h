// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "md/plan.h"

namespace twin::md {

/// A sampled frame as it is kept: positions to 1e-6 of their size.
struct KeptFrame {
  Eigen::Matrix<float, Eigen::Dynamic, 3> positions;  ///< Å, unwrapped
  Eigen::Matrix3d cell;                               ///< Å
  double temperature = 0.0;                           ///< K, of the kinetic energy
  double energy_eV = 0.0;
  double virial_bar = 0.0;
  std::optional<double> force_deviation{};  ///< eV/Å
  std::vector<double> slopes_eV{};          ///< as Sample::slopes_eV
};

/// A production run that may serve other targets.
struct Recording {
  std::string key;              ///< what a target must have in common with it: key_of()
  std::string kin;              ///< the same whatever the elements on the sites: kin_of()
  std::vector<int> species;     ///< [atoms] of the ideal crystal
  std::string start;            ///< "ideal" or "restart": where it began
  std::string ensemble;         ///< the trajectory's name: the same for all that is drawn from it
  double thermostat = 0.0;      ///< K, classical
  double theta = 0.0;           ///< K, Einstein temperature that it showed
  double a = 0.0;               ///< Å, lattice parameter at constant volume
  double pressure_bar = 0.0;    ///< at constant pressure
  std::vector<double> factors;  ///< of the potential's numbers
  bool equilibrated = false;    ///< what was said of it
  std::string target;           ///< what it is a run for: target_of()
  int begun = 0;                ///< so many runs of one another's last frames, this one among them
  std::vector<std::string> moving;  ///< what still did when production began
  std::vector<std::vector<KeptFrame>> replicas;
};

/// The production so far of a run that was cut short and is gone on with.
struct Earlier {
  using Take = std::function<void(int replica, std::int64_t step, KeptFrame frame)>;

  std::size_t frames = 0;                 ///< of each replica
  std::function<void(const Take&)> read;  ///< hands them out, one of each replica in turn
};

/// What two targets must share for one's frames to serve the other: all but temperature, lattice
/// parameter (that too with molecules at constant volume), pressure, and what the potential's
/// numbers are multiplied by. The seed is part of it: a
/// new seed asks for an independent answer.
[[nodiscard]] std::string key_of(const Plan& plan);

/// A run for one target goes on as a run for another only where these are the same: all of the key,
/// temperature, lattice parameter, pressure and what the potential's numbers are multiplied by.
[[nodiscard]] std::string target_of(const Plan& plan);

/// What two targets must share for one's last frames to be where the other begins: a mixed crystal
/// of the same sites may have another composition.
[[nodiscard]] std::string kin_of(const Plan& plan);

/// The last production runs of a server, the oldest forgotten first.
class Bank {
 public:
  /// \param most_bytes  that frames may take
  explicit Bank(std::size_t most_bytes = std::size_t{256} << 20) : most_bytes_(most_bytes) {}

  void keep(Recording recording);

  /// Those that share the plan's key, the nearest to its target first.
  [[nodiscard]] std::vector<const Recording*> near(const Plan& plan) const;

  /// The nearest of those whose kin it is; nullptr where there is none.
  [[nodiscard]] const Recording* kin(const Plan& plan) const;

 private:
  [[nodiscard]] std::vector<const Recording*> nearest(const Plan& plan,
                                                      std::string Recording::*member,
                                                      const std::string& value) const;

  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::deque<Recording> recordings_;
};

/// By what all lengths of a recording's frames are multiplied for \p plan: 1 at constant pressure.
[[nodiscard]] double length_scale(const Recording& recording, const Plan& plan);

/// Where a run for \p plan at \p thermostat (K) may begin: a replica's last frame, cell and sites
/// remapped affinely to the plan's lattice parameter, displacements from the sites scaled by
/// √(T/T'), which is exact for a harmonic crystal; with molecules, whose atoms have no sites, the
/// frame as it is. Velocities are drawn anew, as at equilibrium they don't depend on where the
/// atoms are.
[[nodiscard]] atoms::Frame start_from(const Recording& recording, std::size_t replica,
                                      const Plan& plan, double thermostat);

}  // namespace twin::md
