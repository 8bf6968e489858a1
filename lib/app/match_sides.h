// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/joint_extraction.h"
#include "app/match.h"
#include "record/model.h"
#include "record/records.h"

namespace twin::app {

/// The measured result that is asked for: the last one of settings.scan (any when "") that was made
/// by the recipe (any when ""); of several recipes, of one of which the scan is, the last of each.
/// \throws Error{data} there is none: says which there are; its covariance is none; Error{no_input}
[[nodiscard]] record::Result measured_result(const MatchSettings& settings,
                                             const std::string& recipe_sha256);
[[nodiscard]] record::Result measured_result(const MatchSettings& settings,
                                             const JointExtraction& extraction);

/// \throws Error{data} a covariance of the result is none; says why
void check_covariances(const record::Result& measured);

/// One more of the model's history: what \p state ran, and what was found from it.
[[nodiscard]] record::Evaluation evaluation_of(const record::Model& model,
                                               const record::State& state,
                                               const record::Result& digital, bool confirmation);

/// What a state says itself, as a result without extraction; known by the state's id.
[[nodiscard]] record::Result own_result(const record::State& state);

/// What is found from a state, not yet written: by an extraction, or what the state says itself.
/// \throws Error{data} there is nothing to extract from
[[nodiscard]] record::Result found_in(const record::State& state,
                                      const std::optional<JointExtraction>& extraction,
                                      const std::string& engine);

/// Writes the model that was asked for, without its history, and the state that came, as ours.
void write_run(const std::function<std::string(record::Record)>& write, const record::Model& model,
               record::State& state);

/// The measured temperature enters the model where the model asks for it.
void take_inputs(record::Model& model, const record::Result& measured);

/// Before the first run: what the command line asks of the model.
void apply(const MatchSettings& settings, record::Model& model);

inline constexpr int status_not_yet = 1, status_stopped = 3, status_inconclusive = 4;

/// The same of a search or a follower, which also needs a potential to begin with.
void apply_to_search(const MatchSettings& settings, record::Model& model);

/// The exit status that a verdict stands for. \p more: a next model is there.
[[nodiscard]] int status_of(const record::Verdict& verdict, bool more);

/// Its line, for people.
void tell(const record::Verdict& verdict);

}  // namespace twin::app
