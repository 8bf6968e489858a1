// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atoms/frame.h"
#include "record/model.h"
#include "record/quantity.h"

namespace twin::md {

struct Earlier;
struct Recording;

/// A frame of the production run, as the engine gives it.
struct Sample {
  int replica = 0;
  int block = 0;                          ///< 0 .. replicas × 4 - 1
  atoms::Frame frame;                     ///< unwrapped positions in the order of the ideal crystal
  double temperature = 0.0;               ///< K, of the kinetic energy
  double energy_eV = 0.0;                 ///< potential energy
  double virial_bar = 0.0;                ///< pressure without its kinetic part
  std::optional<double> force_deviation;  ///< eV/Å, the largest of the frame's atoms: between the
                                          ///< models of a deep potential
  double weight = 1.0;      ///< what it counts for: other than 1 where frames are reweighted
  std::int64_t step = 0;    ///< of the run, counted from its beginning
  double thermostat = 0.0;  ///< K
  bool earlier = false;     ///< of a run that was cut short, which this one goes on with
  std::vector<double> slopes_eV = {};  ///< ∂U/∂factor of the potential's numbers: md/factors.h
};

/// What frames have besides positions: a run's all, a trajectory's what its file tells.
struct Known {
  bool temperature = true, energy = true, virial = true;
};

/// What the engine says when a run has ended.
struct Outcome {
  std::string potential;
  std::string how = "run";      ///< or "reweighted": frames of an earlier run, or "trajectory"
  std::string start = "ideal";  ///< where the run that it is from began: the ideal crystal, or
                                ///< "restart": an earlier run's last frames
  std::string ensemble;         ///< names the trajectory: the same for all that is drawn from it
  bool equilibrated = false;
  std::string missing;  ///< "N_eff of sigma2 is 31, 50 are asked for", ...
  double n_eff = 0.0;
  double temperature = 0.0;           ///< K, physical: what the sample would have
  double temperature_md = 0.0;        ///< K, the classical temperature that the run had
  double einstein_temperature = 0.0;  ///< K, from the run itself; 0 = no correction
  double d_md_d_temperature = 1.0;    ///< ∂temperature_md/∂temperature
  record::Quantities quantities;      ///< method "md-moment": r, sigma2, c3, n of the first shell;
                                      ///< "md": rmsd, pressure, potential_energy, temperature_md,
  ///< density, a, einstein_temperature, diffusion; angles, tilts
  ///< and phases of a crystal with octahedra
  record::Jacobian jacobian;  ///< ∂(quantity)/∂(temperature_md, a) by fluctuations: md/tangents.h
  record::Arrays arrays;      ///< r, rdf:Cu-Cu, delta_rdf:Cu-Cu, lag, msd:Cu, delta_msd:Cu
  Known known;                ///< what is not is left out of the quantities
  bool fixed_cell = true;
  int atoms = 0;
  double cpu_seconds = 0.0;
  std::vector<std::string> warnings;
};

using Observer = std::function<void(const Sample&)>;
using ProgressReport = std::function<void(const std::string& stage, double fraction)>;

/// How the engine runs, as opposed to what it runs.
struct EngineSettings {
  std::string program = "lmp";
  int ranks = 1;  ///< MPI processes a worker, which share its atoms and balance them
  int niceness = 10;
  double patience_seconds = 120.0;      ///< a worker that says nothing for longer than this ...
  double seconds_per_atom_step = 1e-4;  ///< ... and this times atoms and the steps between two
                                        ///< samples, hangs: killed. Ions take 7e-6 on a free core
  bool reuse = false;  ///< earlier runs of the same seed answer where reweighting allows, and are
                       ///< where the next one begins
};

/// LAMMPS as children, one a replica, kept warm between calls.
///
/// Without `reuse` every run begins with the ideal crystal and new velocities, whatever ran before:
/// the same model and seed give the same numbers, from a cold engine and from a warm one; the
/// process is what is kept warm. With it the answer depends on what was asked before, as the
/// outcome says: a target near one that was reached before, with the same seed, is answered by
/// reweighting that run's frames as long as it leaves an N_eff of 50 (reweight.h); one farther away
/// begins at its last frames (bank.h) and needs a quarter of the steps to equilibrate, more when
/// it still moves.
///
/// Call it from a thread that outlives it: the children end with that thread.
class Engine {
 public:
  Engine();
  explicit Engine(const EngineSettings& settings);
  ~Engine();

  /// Brings \p model (its current potential, parameters, temperature) to equilibrium, produces, and
  /// hands every sampled frame of all replicas to \p observe, from this thread.
  ///
  /// Zero-point motion ("einstein"): the run's own mean square relative displacement gives the
  /// Einstein temperature θ, and MD runs at T_cl = (θ/2) coth(θ/2T); the outcome's `temperature` is
  /// (θ/2)/atanh(θ/2T_cl) with θ from the production run: see einstein.h, and A.I. Frenkel,
  /// J.J. Rehr, Phys. Rev. B 48, 585 (1993), doi:10.1103/PhysRevB.48.585.
  ///
  /// \throws Error{unavailable}    lmp is missing, crashed (after one restart) or hung: last lines
  /// \throws Error{data}           the potential's file is none: see potential_file.h
  /// \throws Error{configuration}  the potential is unknown or does not cover the element; the
  ///                               simulation exploded
  Outcome run(const record::Model& model, const Observer& observe, const ProgressReport& report);

  /// Without `reuse`: the next run of the model that \p last is of begins there. Where it is for
  /// the same target, too, it goes on: \p earlier has the production so far, which is handed to the
  /// observer and counts with the rest, and no more is brought to equilibrium. Velocities are drawn
  /// anew; the piston of a cell that moves begins at rest.
  void begin_at(Recording last, Earlier earlier);

  /// What begin_at() was given to read is no longer there: a run may still begin at its last
  /// frames.
  void forget_earlier();

  /// The last frame of each replica of the run that is going on, or was given up; nothing where
  /// some have none yet, and where the last run came to its end. To be asked from within \p report,
  /// too.
  [[nodiscard]] std::optional<Recording> last() const;

  /// What the engine is: "LAMMPS 29 Sep 2021 - Update 2".
  [[nodiscard]] std::string version();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::md
