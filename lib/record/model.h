// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/quantity.h"
#include "record/structure.h"
#include "record/transition.h"
#include "record/value.h"

namespace twin::record {

/// A parameter that match may vary.
struct FreeParameter {
  std::string name;  ///< "a" (Å), "strain", "vacancy_I", "fraction_Br", "fraction:delta" (of
                     ///< a phase), "temperature" (K), or a factor, see is_factor()
  double value = 0.0;
  std::string unit;
  double lower = 0.0, upper = 0.0;
  std::optional<double> prior_mean, prior_sigma;
  std::string move{};  ///< of vacancies: as Vacancies::move
};

/// A limit or an uncertainty, absolute or as a fraction of the measured value.
struct Allowance {
  double value = 0.0;  ///< in the quantity's unit, or a fraction when relative
  std::string unit;    ///< "" when relative
  bool relative = false;

  /// In the quantity's unit, at \p measured.
  [[nodiscard]] double at(double measured) const {
    return relative ? value * (measured < 0 ? -measured : measured) : value;
  }
};

/// How long a simulation runs. Lengths in steps; a step is timestep_fs long.
struct RunLength {
  int replicas = 2;
  int equilibrate = 1000;
  int produce = 4000;
  int sample_every = 10;
  double timestep_fs = 4.0;
  double friction_ps = 0.2;  ///< damping time of the Langevin thermostat
  double barostat_ps = 2.0;  ///< period of the barostat, where the pressure is given
  int starts = 1;            ///< 2: half of the replicas begin far from the others
};

/// What of the simulated absorption is asked for.
struct Absorption {
  std::string edge;                       ///< "Cu K"
  std::vector<std::string> more_edges{};  ///< of the same atoms, beside it
  double rmax = 6.0;                      ///< farthest scatterer and half path length, Å
  int legs = 4;                           ///< 2 = single scattering only
  double kmax = 18.0;                     ///< 1/Å
  double reference_a = 0.0;  ///< Å, lattice of the crystal that FEFF's potentials are made for and
                             ///< frozen at: one for all iterations; 0 = the structure's
  std::string multiple_scattering = "ideal-lattice";  ///< "ideal-lattice" or "none"
};

/// One simulation that was made for this model, as match needs it again.
struct Evaluation {
  std::string alternative;
  std::map<std::string, double> parameters;  ///< free parameters, in their units
  Quantities quantities;                     ///< of the digital result
  Covariance covariance;
  Jacobian jacobian;
  std::int64_t seed = 0;
  bool confirmation = false;
  bool at_bound = false;  ///< run at a bound to bound an interval
  bool equilibrated = true;
  std::string state;     ///< id of the state record
  std::string ensemble;  ///< of the state: evaluations of one share their noise; "" = its own
};

/// twin-model(5): what is simulated, what may vary, what it is compared by.
struct Model {
  std::string name;
  Structure structure;  ///< none(): the engine's own affair, as what its parameters mean is
  std::vector<Alternative> alternatives{};  ///< other structures that the sample may have
  std::string alternative{};                ///< the one to run now; "" = structure
  std::vector<Phase> phases{};              ///< what is there beside it: a mixture
  std::vector<Transition> transitions{};    ///< expected between the structures
  std::vector<std::string> potentials;      ///< alternatives, by name in share/potentials; one at
                                            ///< least; without a structure: the engine's own
  std::string potential;                    ///< the one to run now; "" = the first
  std::optional<double> temperature;        ///< K, of the physical sample
  double temperature_sigma = 0.0;           ///< K
  bool temperature_from_measurement = false;
  std::optional<double> pressure_bar;  ///< constant pressure; nothing: constant volume
  std::string coupling = "iso";        ///< how the cell follows: "iso" or "aniso", three lengths
  std::string zero_point = "none";     ///< "einstein": MD runs at the classical temperature that
                                       ///< gives the quantum mean square displacement
  std::vector<FreeParameter> free;
  RunLength run;
  Absorption absorption;
  std::vector<std::string> fit_to;
  std::vector<std::string> hold_back;
  std::map<std::string, Allowance> tolerance;
  std::map<std::string, Allowance> discrepancy;
  std::vector<std::string> measure_with;  ///< recipe files, one an edge
  int budget = 8;                         ///< simulations an alternative, confirmations counted
  std::int64_t seed = 1;
  std::vector<Evaluation> history;  ///< written by match, never by people
  std::string written_by;           ///< "twin-match" on files that match may overwrite
  Value extra;
};

/// The model with the structure that it runs now as its only one. FEFF's reference is then that
/// structure's own: one lattice parameter does not fit two structures.
/// \throws Error{configuration}  there is no such alternative
[[nodiscard]] Model running(Model model);

/// That structure itself.  \throws Error{configuration}  likewise
[[nodiscard]] Structure& structure_to_run(Model& model);

/// What tells the alternatives of a model apart: "myp-cspbi3", "delta:myp-cspbi3".
[[nodiscard]] std::string alternative_name(const std::string& structure,
                                           const std::string& potential);

/// All of them, the model's own structure first.
[[nodiscard]] std::vector<std::string> alternatives_of(const Model& model);

/// The structure of an alternative: "delta" of "delta:myp-cspbi3", own_structure of "myp-cspbi3".
[[nodiscard]] std::string structure_of(const std::string& alternative);

/// The model that runs \p alternative.
[[nodiscard]] Model with_alternative(Model model, const std::string& alternative);

/// Whether a free parameter is what a number of the potential is multiplied by: "A_Cs-I" is of the
/// term A of the pair Cs-I. There are A, rho, C (Buckingham), epsilon, sigma (Lennard-Jones), and
/// k, r0 of bonds.
[[nodiscard]] bool is_factor(const std::string& name);

/// The free parameter of a phase: "fraction:delta".
[[nodiscard]] std::string fraction_of(const std::string& phase);

/// Whether a free parameter is the fraction of a phase.
[[nodiscard]] bool is_phase_fraction(const std::string& name);

/// Shares of the mixture: the model's own structure first, then each of its phases, in their order;
/// a free one has its parameter's value.
[[nodiscard]] std::vector<double> shares_of(const Model& model);

/// What a parameter moves by at least: one atom (or formula unit) of a vacancy's or a replaced
/// element, in the structure that runs now; 0 where any value will do.
[[nodiscard]] double smallest_step(const Model& model, const FreeParameter& parameter);

}  // namespace twin::record
