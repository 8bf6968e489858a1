// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "app/extract_xas.h"
#include "record/records.h"

namespace twin::app {

/// Whether a simulated measurement is of this edge, as "Pb L3".
[[nodiscard]] bool is_of_edge(const record::Measurement& m, const std::string& edge);

/// The extractions of a model by its recipes, one an edge: what they find is one result.
///
/// Of one recipe it is that recipe's result. Of several, a quantity that one of them gives keeps
/// its name, one that several give is called NAME@RECIPE after each of them, and curves of all but
/// the first are called so too. Between edges the errors of measurements are independent; those of
/// a simulation are not, as it is one trajectory: their covariance is that of its blocks.
class JointExtraction {
 public:
  /// \param recipes  files, one at least
  /// \throws Error  of checked_recipe(); Error{configuration} two of one edge, or of one name
  explicit JointExtraction(const std::vector<std::string>& recipes);

  /// Of all recipes together.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }

  /// SHA-256 of each.
  [[nodiscard]] std::vector<std::string> recipes() const;

  /// What a simulation shows, by each recipe that of its edge.
  /// \throws Error{data} there is none of an edge; names \p engine
  [[nodiscard]] record::Result extract(const record::State& state, const std::string& engine) const;

  /// Measured results, one of each recipe in their order, as one.
  /// \throws Error{data} they are of samples at different temperatures
  [[nodiscard]] record::Result joined(std::vector<record::Result> results) const;

 private:
  std::deque<XasExtraction> extractions_;
  std::string sha256_;
};

}  // namespace twin::app
