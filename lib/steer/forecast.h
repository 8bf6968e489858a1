// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Eigen/Core>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/policy.h"
#include "record/records.h"
#include "steer/noise.h"
#include "steer/ramp.h"
#include "steer/transition_belief.h"

namespace twin::steer {

/// What is expected of the next transition, at one result.
struct Prediction {
  record::Transition transition;
  double probability = 0.0;  ///< that it is under way, or begins within the policy's horizon
  double now = 0.0;          ///< the condition that drives it, in the transition's unit
  double rate = 0.0;         ///< of that, per second
};

/// What a twin's model says of the transitions to come, by what was measured and matched so far:
///
///   the prior of each, and from which structure to which, from the newest model record;
///   the structure that the sample has, from verdicts that are MATCH: a transition from or to it is
///   the one that is expected, and lies behind it, or before it;
///   how its condition goes on, from the environment of the results: a Ramp;
///   how far the sample has gone, from the watched quantities: their place ξ on the way from one
///   structure's digital result to the other's, as soon as the twin has told of both.
///
/// All of them together are a TransitionBelief. Without a MATCH, or without the condition, nothing
/// is expected. Looks at no clock.
class Forecast {
 public:
  /// \param policy  with a forecast; must outlive this
  explicit Forecast(const record::Policy& policy);

  void take(const record::ModelRecord& model);
  void take(const record::State& state);
  void take_digital(const record::Result& result);
  void take(const record::Verdict& verdict);

  /// A physical result that is a sample.
  /// \param time       s, not before that of the last one
  /// \param sample     its values and errors, of what is watched
  /// \param inflation  variance of a mean of such samples, over that of white noise
  void take(const record::Result& result, double time, const Sample& sample, double inflation);

  [[nodiscard]] const std::optional<Prediction>& prediction() const { return prediction_; }

  /// The probability has risen above the policy's, and is not below half of it again.
  [[nodiscard]] bool expected() const { return expected_; }

  /// An event "forecast", where the prediction is other than when it was last told: by 0.05, another
  /// transition, or as expected().
  [[nodiscard]] std::optional<record::Event> news();

 private:
  struct Expected {
    record::Transition transition;
    TransitionBelief belief;
    Ramp ramp;
    std::optional<Eigen::VectorXd> from, way;  ///< [d] digital: of one structure, to the other
  };
  struct Seen {
    Eigen::MatrixXd covariance;
    Eigen::VectorXd value;
    std::map<std::string, double> environment;  ///< in the units of the transitions
    double inflation = 1.0;
  };

  void expect(const std::vector<record::Transition>& transitions);
  void compare_with_last(const record::Result& result);
  void find_way(Expected& one);
  void observe(Expected& one, const Seen& seen) const;
  void predict();

  const record::Policy& policy_;
  const record::PolicyForecast& rule_;
  std::vector<record::Transition> transitions_;
  std::vector<Expected> expected_ones_;
  std::map<std::string, std::string> structures_, models_;  // of states, of models by id
  std::deque<std::string> newest_states_, newest_models_;   // their keys, to be forgotten
  std::map<std::string, Eigen::VectorXd> digital_;          // by structure
  std::string matched_;                                     // structure, "" = none
  std::map<std::string, std::map<std::string, double>> environments_;  // by id of the result
  std::deque<std::string> results_;
  std::deque<Seen> seen_;  // until the way is known
  bool begun_ = false;
  std::string setup_, sample_, recipe_, scan_;  // of the newest result
  std::optional<Prediction> prediction_;
  std::size_t which_ = 0;  // of expected_ones_
  bool expected_ = false;
  std::optional<std::pair<double, bool>> told_;  // probability, expected()
  record::Transition told_transition_;
};

}  // namespace twin::steer
