// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "record/policy.h"
#include "steer/curve_scores.h"
#include "steer/scores.h"

namespace twin::app {

/// The basis in a stream of results: the `components` over \p axis of the one that has them, as
/// twin-extract makes them of a series.
/// \param bytes  the content of \p path
/// \param most   that many of the first; 0: all
/// \throws Error{data}      `FILE: what is wrong`: no stream of records, or one that was cut; no
///                          result with components, or several; of another axis; not finite ...
[[nodiscard]] steer::TrainedBasis read_basis(const std::string& path, const std::string& bytes,
                                             const std::string& axis, int most);

/// What a policy asks for, with its basis read; nothing where it has no scores. A trained basis is
/// called by the first 12 digits of its file's SHA-256.
/// \param policy  must outlive it
/// \param basis   the content of its file, where it was read; else it is
/// \throws Error{configuration}  fewer components than are asked for; those of read_basis()
///         Error{no_input}       it can't be read
[[nodiscard]] std::unique_ptr<steer::CurveScores> scores_of(
    const record::Policy& policy, const std::optional<std::string>& basis = std::nullopt);

/// Tells people that results have no scores, and why: once for each reason.
class ScoresTold {
 public:
  void take(const std::string& scan, const steer::Scored& scored);

  /// At the end of the stream: how many had none; that all had none.
  /// \throws Error{data}  all had none, and nothing else was watched
  void end(const record::Policy& policy) const;

 private:
  long long with_ = 0, learnt_ = 0, without_ = 0;
  std::string first_;           // reason
  std::set<std::string> told_;  // a few of them
};

}  // namespace twin::app
