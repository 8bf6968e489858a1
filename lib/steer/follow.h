// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/key_set.h"
#include "record/policy.h"
#include "record/records.h"
#include "steer/early_warning.h"
#include "steer/watch.h"

namespace twin::steer {

/// When a result was measured, s since 1970: as it says; else when it was written.
[[nodiscard]] std::optional<double> time_of(const record::Result& result);

/// What names of scores begin with: see curve_scores.h.
inline constexpr std::string_view score_names = "score:";
[[nodiscard]] inline bool is_score(std::string_view name) { return name.starts_with(score_names); }

/// The event is one that Follow::take() makes something of.
[[nodiscard]] bool is_of_beam(const record::Event& event);

/// Watches a stream of results: each in, what it brings about out, as events
///
///   baseline          the noise is known; what the baseline said of it
///   baseline-refused  it is of no use, and why; another begins
///   change            found; with the onset's 95 % set, and the quantities that changed
///   onset             of the same change: its set is another
///   change-end        it is over, with the end's 95 % set, and what changed between
///   change-goes-on    it has not ended in 1000 samples
///   early-warning     fluctuations grow and slow down, while no change is found: for people
///
/// and gaps: results that came twice, late (their time is before that of one that came before), or
/// of another set-up or sample, from which on a new mean is learnt, or by another recipe, edge or
/// technique, or with scores on another basis: a new baseline; and those that were measured without
/// a beam. Partial results and those that did not converge count nothing, nor for a baseline those
/// of which a score has a method and no value: its basis is being learnt. A quantity is missing
/// where its unit or method is not the first one's since the baseline began.
///
/// Where two results in a row are more than an hour late the clock is taken for another one, and
/// the second counts.
class Follow {
 public:
  /// \param policy  with a baseline; must outlive this
  explicit Follow(const record::Policy& policy);

  std::vector<record::Record> add(const record::Result& result);

  /// What the gateway to the beamline tells: behind "no-beam" results are no samples, "beam-back",
  /// or "begin" of another run of it, lets a new mean be learnt. Nothing comes of other events.
  void take(const record::Event& event);

  /// Whoever told of the beam has ended; nobody may tell that it is back.
  void begin_anew();

  /// Samples that are known to be missing before the next one.
  void skip(std::int64_t count);

  [[nodiscard]] bool changing() const { return watch_.changing(); }

  /// A change was found, and its end is looked for.
  [[nodiscard]] bool in_change() const { return watch_.in_change(); }

  /// As a sample, the result would be of the same recipe, edge, technique, set-up and sample as the
  /// one before.
  [[nodiscard]] bool goes_on(const record::Result& result) const;

  /// What the mean is linear in where it drifts, of the result as the next sample; nan: missing.
  [[nodiscard]] double next_covariate(const record::Result& result) const;

  /// Another one whenever what was learnt is of no use any more, but for a basis of scores: a
  /// change is over, or goes on for too long, there was no beam, or goes_on() was false.
  [[nodiscard]] int segment() const { return segment_; }

  /// Samples of it that are kept: the newest of all.
  [[nodiscard]] std::size_t kept() const { return watch_.kept(); }

  /// The newest result was a sample, and one that says something.
  [[nodiscard]] bool informed() const { return informed_; }

  /// The newest result was a sample with scores whose basis is being learnt.
  [[nodiscard]] bool learns() const { return learns_; }

  /// That sample.
  [[nodiscard]] const Sample& newest() const { return newest_sample_; }

  /// By which factor the variance of a mean of samples is above that of white noise: from the
  /// autocorrelation, once the baseline is over; else 1.
  [[nodiscard]] double inflation() const;

  /// Samples so far; the newest has the number below.
  [[nodiscard]] long long samples() const { return count_; }

  [[nodiscard]] double log_sum() const { return watch_.log_sum(); }
  [[nodiscard]] double log_threshold() const { return threshold_; }

 private:
  struct Label {
    std::string scan, id;
  };

  [[nodiscard]] std::optional<std::string> of_no_use(const record::Result& result);
  [[nodiscard]] std::optional<std::string> late(const record::Result& result);
  [[nodiscard]] bool without_beam(const record::Result& result);
  void warn(const record::Result& result, std::vector<record::Record>& out);
  void compare_with_last(const record::Result& result, std::vector<record::Record>& out);
  [[nodiscard]] Sample sample_of(const record::Result& result);
  [[nodiscard]] std::optional<double> value_of(const record::Result& result,
                                               const std::string& name);
  [[nodiscard]] double covariate_of(const record::Result& result, double index) const;
  [[nodiscard]] bool is_learnt(const record::Result& result) const;
  [[nodiscard]] record::Event event_of(const Finding& finding) const;
  [[nodiscard]] record::Event event_of(const Slowing& slowing) const;
  [[nodiscard]] std::string name_of(double sample) const;
  [[nodiscard]] record::Value value_of(const Instant& instant) const;
  [[nodiscard]] std::string noise_text() const;

  const record::Policy& policy_;
  double threshold_;
  Watch watch_;
  std::optional<EarlyWarning> warning_;
  long long count_ = 0;  // samples taken
  long long first_label_ = 0;
  std::deque<Label> labels_;
  std::map<std::string, record::Quantity> like_;  // unit and method of the first of each
  std::string covariate_unit_;
  std::optional<record::Result> last_;  // what it is of, no numbers
  bool informed_ = false, learns_ = false;
  Sample newest_sample_;
  double newest_ = 0.0;         // s since 1970
  double interval_ = 0.0;       // s from the one before to it, nan where one has no time
  std::optional<double> late_;  // time of the last one, if it was much too late
  KeySet known_ids_;
  std::int64_t skipped_ = 0;
  std::optional<double> beam_lost_, beam_back_;  // s since 1970
  bool no_beam_ = false, first_behind_ = false;
  double index_ = 0.0;
  std::string basis_;  // of scores: the method of the newest
  int segment_ = 0;
};

}  // namespace twin::steer
