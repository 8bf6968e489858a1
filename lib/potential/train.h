// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "md/deep.h"
#include "record/value.h"

namespace twin::potential {

/// What is to be trained. Members differ by their seeds alone: how far they disagree tells where
/// none of them has been.
struct Training {
  std::string name;    ///< of the potential: a plain word
  std::string folder;  ///< where its description and models go, and NAME.training with all else
  int members = 4;
  int steps = 4000;  ///< of the optimiser
  std::int64_t seed = 1;
  int niceness = 10;
};

/// What the labelled frames are, as a description says it.
struct TrainingFrames {
  std::vector<std::string> train, validate;                ///< folders of DeePMD-kit's systems
  std::vector<std::string> elements;                       ///< of all of them
  int count = 0;                                           ///< frames trained on
  double volume_min = 0.0, volume_max = 0.0;               ///< Å³ an atom
  std::optional<double> temperature_min, temperature_max;  ///< K, where all frames tell
  std::optional<double> own_volume, own_stiffness;         ///< see LabelledPressure
  std::string source;                                      ///< where labels are from, for people
};

/// Where the labels' own pressure vanishes: P = K (V0 - V) / V0, a line through the pressures of
/// their virials against the volume. The motion of atoms adds n kT / V at a temperature T.
struct LabelledPressure {
  double volume = 0.0;     ///< V0, Å³ an atom
  double stiffness = 0.0;  ///< K, eV/Å³
};

/// \param volumes    [frames] Å³ an atom
/// \param pressures  [frames] eV/Å³, of virials
/// \return nothing of fewer than ten frames, of volumes all alike, or where the pressure does not
///         vanish within the volumes seen
[[nodiscard]] std::optional<LabelledPressure> labelled_pressure(const Eigen::VectorXd& volumes,
                                                                const Eigen::VectorXd& pressures);

/// Errors of frames held back, root mean squares.
struct TestErrors {
  double energy_eV = 0.0;              ///< an atom
  double force_eV_A = 0.0;             ///< of a component
  std::optional<double> stress_eV_A3;  ///< where frames have a virial
};

/// The input of DeePMD-kit's training for a member: \p base with the frames, the elements, the
/// number of steps and the member's seeds put in.
/// \throws Error{configuration}  \p base has no model with descriptor and fitting_net
[[nodiscard]] record::Value training_input(const record::Value& base, const TrainingFrames& frames,
                                           const Training& training, int member);

/// What `dp test` said: the last errors, which are those over all systems.
/// \throws Error{data}  there are none
[[nodiscard]] TestErrors parse_test(const std::string& said);

using TrainingReport = std::function<void(const std::string& stage, double fraction)>;

/// Trains, freezes and compresses a member in a folder of its own, and puts its model beside the
/// description. What a killed run has left is gone on with: a checkpoint, or a member that is done;
/// a folder of another input is begun anew.
///
/// \param input  the text of input.json
/// \return       the model's file name
/// \throws Error{unavailable}  dp failed: its last lines
[[nodiscard]] std::string train_member(const md::DeepKit& kit, const Training& training, int member,
                                       const std::string& input, const TrainingReport& report);

/// Errors of a member on the frames held back.
[[nodiscard]] TestErrors test_member(const md::DeepKit& kit, const Training& training, int member);

/// The description of what was trained: share/potentials' kind of file, without a gate's word.
[[nodiscard]] std::string description_text(const Training& training, const TrainingFrames& frames,
                                           const TestErrors& errors,
                                           const std::vector<std::string>& models,
                                           const std::string& version);

/// "DeePMD-kit v3.2.0".
[[nodiscard]] std::string kit_version(const md::DeepKit& kit);

}  // namespace twin::potential
