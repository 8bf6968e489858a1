// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_scores.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "cli/log.h"
#include "core/error.h"
#include "core/file.h"
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
record::Result series_in(const std::string& path, const std::string& bytes) {
  stream::Reader reader(path, bytes, stream::longest_line);
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

steer::TrainedBasis read_basis(const std::string& path, const std::string& bytes,
                               const std::string& axis, int most) {
  const auto series = series_in(path, bytes);
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

std::unique_ptr<steer::CurveScores> scores_of(const record::Policy& policy,
                                              const std::optional<std::string>& basis) {
  if (!policy.scores) return nullptr;
  const auto& scores = *policy.scores;
  if (scores.basis.empty())
    return std::make_unique<steer::CurveScores>(policy, std::nullopt, std::string());
  const std::string bytes = basis ? *basis : read_file(scores.basis);
  auto trained = read_basis(scores.basis, bytes, scores.axis, scores.components);
  try {
    return std::make_unique<steer::CurveScores>(policy, std::move(trained),
                                                sha256(bytes).substr(0, 12));
  } catch (const Error& error) {
    throw error.at(printable(scores.basis));
  }
}

void ScoresTold::take(const std::string& scan, const steer::Scored& scored) {
  constexpr std::size_t most_reasons = 10;
  const bool none = scored.state == steer::Scored::State::none;
  if (none && without_ == 0) first_ = scored.why;
  ++(none ? without_ : scored.state == steer::Scored::State::learnt ? learnt_ : with_);
  if (scored.why.empty() || told_.size() >= most_reasons || !told_.insert(scored.why).second)
    return;
  cli::warning((scan.empty() ? std::string("a result") : printable(scan)) + ": " +
               (none ? "no scores: " : "") + printable(scored.why) +
               " (of others for the same reason nothing is said)");
}

void ScoresTold::end(const record::Policy& policy) const {
  if (without_ == 0 && (with_ > 0 || learnt_ == 0)) return;
  std::string told = "scores: " + std::to_string(without_) + " of " +
                     std::to_string(with_ + learnt_ + without_) + " results have none";
  if (with_ > 0) return cli::warning(told);
  if (without_ > 0) told += ": " + printable(first_);
  if (learnt_ > 0)
    told += "; from the other " + std::to_string(learnt_) +
            " their basis was still being learnt, or learnt anew";
  if (std::ranges::all_of(policy.watch, steer::is_score)) throw Error(Cause::data, told);
  cli::warning(told);
}

}  // namespace twin::app
