// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/combinations.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

double misfit(const LcfFit& fit) { return (fit.data - fit.fit).squaredNorm(); }

// All sets of one to \p largest of \p n, the smaller first.
std::vector<std::vector<std::size_t>> sets_of(std::size_t n, std::size_t largest) {
  std::vector<std::vector<std::size_t>> out, ending{{}};
  for (std::size_t size = 1; size <= std::min(n, largest); ++size) {
    std::vector<std::vector<std::size_t>> longer;
    for (const auto& set : ending)
      for (std::size_t next = set.empty() ? 0 : set.back() + 1; next < n; ++next) {
        longer.push_back(set);
        longer.back().push_back(next);
      }
    out.insert(out.end(), longer.begin(), longer.end());
    ending = std::move(longer);
  }
  return out;
}

void rank(std::vector<LcfCombination>& all, bool bayes) {
  const auto best = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return misfit(a.fit) < misfit(b.fit);
  });
  const double n = best->fit.points_effective;
  for (LcfCombination& one : all) {
    const double penalty = bayes ? std::log(std::max(n, 1.0)) : 2.0;
    one.criterion = n * std::log(std::max(misfit(one.fit), 1e-300) / one.fit.points) +
                    penalty * one.fit.parameters;
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.criterion < b.criterion; });
  double sum = 0;
  for (LcfCombination& one : all)
    sum += one.weight = std::exp(-0.5 * (one.criterion - all.front().criterion));
  for (LcfCombination& one : all) one.weight /= sum;
}

}  // namespace

std::vector<LcfCombination> fit_combinations(const Eigen::VectorXd& energy,
                                             const Eigen::VectorXd& norm, double e0,
                                             const std::vector<LcfStandard>& standards,
                                             const record::LcfSettings& settings,
                                             std::optional<double> noise) {
  if (settings.criterion != "bic" && settings.criterion != "aic")
    throw Error(Cause::configuration, "combinations: unknown criterion " +
                                          printable(settings.criterion) + "; bic or aic");
  if (settings.largest < 1)
    throw Error(
        Cause::configuration,
        "combinations: largest is " + std::to_string(settings.largest) + "; one or more is wanted");
  if (standards.empty())
    throw Error(Cause::configuration, "combinations: no standards; name one or more");
  std::vector<LcfCombination> out;
  for (const auto& set : sets_of(standards.size(), static_cast<std::size_t>(settings.largest))) {
    std::vector<LcfStandard> members;
    for (const std::size_t j : set) members.push_back(standards[j]);
    out.push_back({fit_lcf(energy, norm, e0, members, settings, noise)});
  }
  rank(out, settings.criterion == "bic");
  return out;
}

}  // namespace twin::xas
