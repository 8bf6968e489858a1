// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "record/policy.h"
#include "record/records.h"
#include "steer/follow.h"
#include "steer/running_basis.h"
#include "steer/scores.h"

namespace twin::steer {

/// What a result has of scores.
struct Scored {
  enum class State { known, learnt, none } state = State::none;  ///< learnt: their basis is
  std::string why;  ///< there are none; or else, mostly "", what people should know
};

/// One by a running basis: a residual about a mean that follows, of no use to a mean over periods.
[[nodiscard]] bool is_running_score(std::string_view name, const record::Quantity& quantity);

/// Makes quantities of the curves of results: `score:1` .. `score:K` and `score:rest`, as a
/// policy's `scores` asks.
///
/// They state no errors. Of a trained basis they have the curve's unit; their method is "basis" and
/// what names it. Of a running one they are standard deviates but for what its whitening leaves,
/// which makes their variances 1 to 1.4: of a baseline that takes those for 1, as its χ² allows, 9
/// and 7 of 200 made streams raised an alarm in 500 samples (of white, of smooth noise); by their
/// scatter 2 and 1. Their method is "running basis N", with a value from where N is learnt on.
/// Which curves are learnt from, and when N is over, is what Follow decided of the results that
/// they came with: a curve is learnt from when its result was a sample, and not while a change goes
/// on; another N begins with the samples that Follow keeps for a new mean. While nothing can be
/// learnt from as many curves as are asked for there are no scores at all, and what else is watched
/// goes on being watched.
class CurveScores {
 public:
  /// \param policy  with scores; must outlive this
  /// \param basis   nothing: running
  /// \param called  that basis, as methods shall name it
  /// \throws Error{configuration}  the basis has fewer components than are asked for or watched
  CurveScores(const record::Policy& policy, std::optional<TrainedBasis> basis,
              const std::string& called);

  /// The watched scores of the curve of \p whole, to \p matter.
  /// \param follow  what comes next to it; of a running basis, needed
  Scored add_to(record::Result& matter, const record::Result& whole, const Follow* follow);

  /// Behind each of Follow's inputs, the one of the newest add_to() among them.
  void hear(const Follow& follow);

  /// Of a running basis.
  [[nodiscard]] const std::optional<RunningBasis>& running() const { return running_; }

 private:
  struct Taken {
    std::optional<Bins> grid;  // nothing: it had no curve
    Eigen::VectorXd bins;
    double covariate = 0.0;
  };

  /// It has a curve: pending_, to be learnt from.  \return  why not
  [[nodiscard]] std::string bin(const Curve& curve, bool goes_on);
  [[nodiscard]] RunningSettings settings() const;
  Scored add_trained(record::Result& matter, const record::Result& whole);
  void take(const Taken& one);
  void learn_anew(std::size_t kept);

  const record::Policy& policy_;
  std::optional<TrainedBasis> trained_;
  std::string method_;  // of the trained one
  std::optional<RunningBasis> running_;
  std::optional<Bins> bins_;
  std::deque<Taken> newest_;  // samples, as many as are learnt from
  std::optional<Taken> pending_;
  bool goes_on_ = true;  // that one
  long long number_ = 1, samples_ = 0;
  int segment_ = 0;
  std::string news_;  // for people, with the next result
};

}  // namespace twin::steer
