// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "record/policy.h"
#include "record/records.h"

namespace twin::steer {

/// A watched quantity over one period.
struct Mean {
  double value = 0.0;
  double sigma_random = 0.0;      ///< of the mean
  double sigma_systematic = 0.0;  ///< of the set-up: no number of repeats lowers it
  double dof = std::numeric_limits<double>::infinity();  ///< of sigma_random
  int repeats = 0;
  std::string unit, method;
};

/// One period of a stream.
struct Period {
  std::string name, setup;
  bool synthetic = false;  ///< among its repeats are some that nobody measured
  bool mixed = false;      ///< more than one set-up within it: no systematic error is shared
  std::map<std::string, Mean> means;
  std::vector<std::string> ids;  ///< of the results, where they have one
};

/// What the repeats of one quantity in one period say, in order.
struct Repeats {
  std::vector<double> values;
  double claimed = 0.0, systematic = 0.0;  ///< sum of squares; the largest
  bool all_claim = true;
  std::string unit, method;
};

/// The periods of results that come one by one, those without a period left out. Of each only the
/// watched values and its id are kept.
class Periods {
 public:
  /// \param policy  must outlive this
  explicit Periods(const record::Policy& policy) : policy_(policy) {}

  void add(const record::Result& result);

  /// In order of first appearance.
  ///
  /// Random error of the mean of n repeats: max(s, claimed)/√n, with s from the scatter and claimed
  /// the root mean square of what the results state. Repeats that were made from one measurement
  /// (context.synthetic) show its noise again but are no further measurement: max(s, claimed), not
  /// divided. Where the scatter decides it has n - 1 degrees of freedom, where the claim does it
  /// counts as known. The same quantity by another unit or method than the period's first is left
  /// out.
  [[nodiscard]] std::vector<Period> summarise() const;

 private:
  struct One {
    Period period;  // no means
    std::map<std::string, Repeats> repeats;
  };
  const record::Policy& policy_;
  std::vector<One> periods_;
};

}  // namespace twin::steer
