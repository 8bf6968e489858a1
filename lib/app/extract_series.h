// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "app/extract_xas.h"
#include "record/records.h"

/// What needs more than one scan.
namespace twin::app {

/// Repeats become one measurement, by sample, by period, or all.
class Merging {
 public:
  explicit Merging(const XasExtraction& extraction);
  ~Merging();

  /// Takes a scan in; gives the merged measurement once its group has as many as expected.
  /// \throws Error{data} its columns do not make µ
  [[nodiscard]] std::optional<record::Measurement> take(const record::Measurement& m);

  /// The groups that are left, in the order in which they began.
  [[nodiscard]] std::vector<record::Measurement> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Components of all results of a stream (PCA, MCR-ALS), and the fit of several scans together.
class Series {
 public:
  explicit Series(const XasExtraction& extraction);
  ~Series();

  /// \param result  with all its curves
  void take(const record::Result& result);

  /// What the series comes to; failures are thrown by each call, one after the other.
  [[nodiscard]] std::optional<record::Result> joint();
  [[nodiscard]] std::optional<record::Result> components();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::app
