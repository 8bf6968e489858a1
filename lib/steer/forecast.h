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
#include "steer/recent.h"
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
///   structure's digital result to the other's, as soon as the twin has matched and told of both;
///   or, where they are watched, the fractions "fraction:STRUCTURE" of the two, as they are.
///
/// All of them together are a TransitionBelief. Without a MATCH, or where the condition was not
/// measured for a horizon, nothing is expected. What a condition has passed is passed when it comes
/// back, until a MATCH says that the sample has come back too. Looks at no clock.
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

  /// An event "forecast", where the prediction is other than when it was last told: by 0.05,
  /// another transition, none any more, or as expected().
  [[nodiscard]] std::optional<record::Event> news();

 private:
  /// Conditions are times sign: they rise.
  struct Expected {
    explicit Expected(const record::Transition& one, double window);

    record::Transition transition;
    double sign;
    TransitionBelief belief;
    Ramp ramp;
    double furthest;                           ///< that the condition has come
    bool behind = false;                       ///< a MATCH was in the structure that it leads to
    std::optional<Eigen::VectorXd> from, way;  ///< [d] of one structure, to the other
  };
  struct Seen {
    Eigen::VectorXd value;
    Eigen::MatrixXd covariance;
    record::Quantities environment;
    double inflation = 1.0;
  };
  struct Digital {
    std::string recipe;
    Eigen::VectorXd value;
  };

  void expect(const std::vector<record::Transition>& transitions);
  void compare_with_last(const record::Result& result);
  void find_way_of_fractions(Expected& one) const;
  void find_way(Expected& one);
  static void observe(Expected& one, const Seen& seen);
  void predict();
  [[nodiscard]] record::Event event_of(const Prediction& now) const;

  const record::Policy& policy_;
  const record::PolicyForecast& rule_;
  std::vector<Expected> all_;
  Recent<std::string> structures_, models_;  // of states, of models, by id
  std::map<std::string, Digital> digital_;   // by structure: the newest
  std::string matched_;                      // structure, "" = none
  Recent<record::Quantities> environments_;  // by id of the result
  std::deque<Seen> seen_;                    // until the way is known
  bool begun_ = false;
  std::string setup_, sample_, recipe_, scan_;  // of the newest result
  double time_ = 0.0;                           // likewise
  std::optional<Prediction> prediction_;
  std::size_t which_ = 0;  // of all_
  bool expected_ = false;
  std::optional<Prediction> told_;
  bool told_expected_ = false;
};

}  // namespace twin::steer
