// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "md/plan.h"
#include "md/simulate.h"
#include "record/quantity.h"

namespace twin::potential {

/// What a deep potential must keep within to be believed at a model's temperature and pressure.
struct GateSettings {
  double force_deviation_eV_A = 0.3;   ///< of a frame: the largest of its atoms, among the models
  double frames_beyond = 0.01;         ///< share of the frames that may be beyond it
  std::optional<double> lattice;       ///< Å, stated: what the cell's length is compared with
  double lattice_tolerance = 0.01;     ///< of it, and of the length that the labels' pressure gives
  double temperature_tolerance = 0.1;  ///< of the thermostat's
  double drift_meV_ps = 1.0;           ///< of the energy an atom, at constant energy
  double isolated_ps = 2.0;            ///< how long that is looked at
  std::size_t most_frames = 30;        ///< to be labelled: those beyond a bound, then any others
  std::int64_t seed = 1;
};

/// A frame of the gate's run.
struct GateFrame {
  atoms::Frame frame;
  double volume = 0.0;                    ///< Å³ an atom
  double temperature = 0.0;               ///< K
  double energy_eV = 0.0;                 ///< potential energy
  std::optional<double> force_deviation;  ///< eV/Å
};

/// What the run has shown.
struct GateRun {
  std::vector<GateFrame> before;   ///< of equilibration
  std::vector<GateFrame> frames;   ///< after it, at the model's temperature; of a run that ended
                                   ///< before, the last half of what there is
  std::vector<double> neighbours;  ///< of the first shell, an atom of its centre; of some frames
  double ideal_neighbours = 0.0;
  double a = 0.0, a_start = 0.0, a_end = 0.0;  ///< Å: cube root of the cell's volume; of the
                                               ///< frames' first and last tenth
  std::optional<double> drift_meV_ps;          ///< nothing: it did not come so far
  std::string ended;                           ///< why the run ended early; "" where it did not
  double cpu_seconds = 0.0;
  double ns_per_day = 0.0;  ///< of CPU time
};

/// The gate's word.
struct GateVerdict {
  bool passed = false;
  std::vector<std::string> reasons;        ///< of a refusal: what is wrong, against what bound
  std::vector<std::string> failed;         ///< names of the quantities that they are about
  std::vector<std::string> remarks;        ///< what could not be judged
  record::Quantities quantities;           ///< what was measured
  std::vector<const GateFrame*> to_label;  ///< of the run's, those before included
};

/// Runs the plan's potential: to the temperature and pressure of the model, on for as long as it
/// asks for, then with no thermostat and the cell as it is. Ends early where the cell leaves the
/// training's volumes by a tenth: a potential knows nothing there.
/// \param seed  of velocities and of the thermostat
/// \throws Error{unavailable}    the program can't be run
/// \throws Error{configuration}  the plan has no deep potential
[[nodiscard]] GateRun run_gate(const md::Plan& plan, const md::EngineSettings& engine,
                               const GateSettings& settings, const md::ProgressReport& report);

/// Judges it. Nothing is simulated: the same run and settings give the same word. The run must
/// outlive it.
[[nodiscard]] GateVerdict judge(const md::Plan& plan, const GateRun& run,
                                const GateSettings& settings);

/// The text of a description with the gate's lines in it; those of an earlier gate go.
[[nodiscard]] std::string with_gate(const std::string& description, const GateVerdict& verdict,
                                    double temperature, const std::string& sha256_of_models);

}  // namespace twin::potential
