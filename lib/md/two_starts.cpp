// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/two_starts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text.h"
#include "md/equilibrium.h"
#include "numeric/statistics.h"

namespace twin::md {

namespace {

/// Standard errors that one of n normal numbers is beyond as rarely as one is beyond 2.
double limit_of(std::size_t n) {
  return numeric::normal_two_sided_quantile(numeric::normal_two_sided(2.0) /
                                            static_cast<double>(n));
}

struct Compared {
  std::string name;
  numeric::Mean one, other;
  [[nodiscard]] double z() const {
    return std::abs(one.value - other.value) / std::hypot(one.sigma, other.sigma);
  }
};

}  // namespace

std::string starts_differ(const std::vector<Trajectory>& replicas) {
  std::array<std::vector<Trajectory>, 2> groups;
  for (std::size_t i = 0; i < replicas.size(); ++i) groups.at(i % 2).push_back(replicas[i]);
  if (groups[1].empty()) return "";
  std::vector<Compared> all;
  for (const Watched& observable : watched()) {
    Compared one{observable.name, mean_over(groups[0], observable.value),
                 mean_over(groups[1], observable.value)};
    constexpr double rounding = 1e-9;  // one that can't change, as the volume of a fixed cell
    const double size = std::max(std::abs(one.one.value), std::abs(one.other.value));
    if (std::hypot(one.one.sigma, one.other.sigma) > rounding * size) all.push_back(one);
  }
  std::string text;
  for (const Compared& one : all)
    if (one.z() > limit_of(all.size()))
      text += (text.empty() ? "" : "; ") + std::string("the two starts differ in ") + one.name +
              ": " + with_uncertainty(one.one.value, one.one.sigma) + " and " +
              with_uncertainty(one.other.value, one.other.sigma) + ", " + significant(one.z(), 2) +
              " standard errors";
  return text;
}

}  // namespace twin::md
