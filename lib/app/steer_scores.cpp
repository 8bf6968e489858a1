// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_scores.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/log.h"
#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "record/records.h"
#include "stream/reader.h"

namespace twin::app {

namespace {

using Eigen::Index;

Error wrong(const std::string& path, const std::string& what) {
  return {Cause::data, printable(path) + ": " + what};
}

/// The one result of a series.
record::Result series_in(const std::string& path) {
  stream::Reader reader({path});
  std::optional<record::Result> out;
  long long results = 0;
  while (auto item = reader.next()) {
    auto* result = std::get_if<record::Result>(&item->record);
    if (result == nullptr) continue;
    ++results;
    if (!result->arrays.contains("components")) continue;
    if (out)
      throw wrong(path, "two results have components, of " + printable(out->context.scan) +
                            " and " + printable(result->context.scan) + "; expected one basis");
    out = std::move(*result);
  }
  if (const auto trouble = reader.trouble()) throw wrong(path, *trouble);
  if (!out)
    throw wrong(path, "of " + std::to_string(results) +
                          " results none has components; twin-extract by a recipe with xanes: "
                          "{series: ...} writes them behind its last scan");
  return std::move(*out);
}

}  // namespace

steer::TrainedBasis read_basis(const std::string& path, const std::string& axis, int most) {
  const auto series = series_in(path);
  const auto& rows = series.arrays.at("components");
  const auto along = series.arrays.find(axis);
  if (along == series.arrays.end())
    throw wrong(path, "its components have no " + printable(axis) + ", over which the curve is");
  if (rows.shape.size() != 2 || rows.shape[0] * rows.shape[1] != rows.data.size() ||
      rows.data.empty() || along->second.data.empty())
    throw wrong(path, "components are no rows of numbers");
  const auto k = static_cast<Index>(rows.shape[0]), m = static_cast<Index>(rows.shape[1]);
  if (most > k)
    throw Error(Cause::configuration, printable(path) + ": it has " + std::to_string(k) +
                                          " components; the policy asks for " +
                                          std::to_string(most));
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::MatrixXd all = Eigen::Map<const RowMajor>(rows.data.data(), k, m);
  const auto& at = along->second.data;
  try {
    return {Eigen::Map<const Eigen::VectorXd>(at.data(), static_cast<Index>(at.size())),
            all.topRows(most > 0 ? most : k)};
  } catch (const Error& error) {
    throw error.at(printable(path));
  }
}

std::unique_ptr<steer::CurveScores> scores_of(const record::Policy& policy) {
  if (!policy.scores) return nullptr;
  const auto& scores = *policy.scores;
  if (scores.basis.empty())
    return std::make_unique<steer::CurveScores>(policy, std::nullopt, std::string());
  auto basis = read_basis(scores.basis, scores.axis, scores.components);
  try {
    return std::make_unique<steer::CurveScores>(policy, std::move(basis),
                                                sha256_file(scores.basis).substr(0, 12));
  } catch (const Error& error) {
    throw error.at(printable(scores.basis));
  }
}

void ScoresTold::take(const std::string& scan, const std::string& why) {
  if (why.empty()) {
    ++with_;
    return;
  }
  if (++without_ > 1) return;
  first_ = why;
  cli::warning((scan.empty() ? std::string("a result") : printable(scan)) +
               ": no scores: " + printable(why) + " (of others without scores nothing is said)");
}

void ScoresTold::end(const record::Policy& policy) const {
  if (without_ == 0) return;
  const std::string told = "scores: " + std::to_string(without_) + " of " +
                           std::to_string(with_ + without_) + " results have none";
  if (with_ > 0) return cli::warning(told);
  const auto what = told + ": " + printable(first_);
  if (std::ranges::all_of(policy.watch, steer::is_score)) throw Error(Cause::data, what);
  cli::warning(what);
}

}  // namespace twin::app
