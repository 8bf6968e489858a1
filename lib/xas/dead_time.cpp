// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/dead_time.h"

#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "core/error.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

void check_rates(const char* what, const VectorXd& rates) {
  for (const double rate : rates)
    if (!(rate >= 0) || rate == INFINITY)
      throw Error(Cause::data, std::string("dead time: ") + what + " of " + shortest(rate) +
                                   "; numbers from 0 on are expected");
}

void check_sizes(Index expected, Index found, const char* what) {
  if (expected != found)
    throw Error(Cause::data, "dead time: " + std::to_string(expected) + " counts but " +
                                 std::to_string(found) + " " + what + "; one each is expected");
}

// u of seen τ = u exp(-u), 0 ≤ u ≤ 1. Near the maximum u = 1 - √(2 (1 - e y)) + ..., where Newton's
// steps converge from below; elsewhere u = y begins.
double branch(double y) {
  const double gap = 1 - std::numbers::e * y;
  if (gap <= 0) return 1;
  double u = gap < 0.3 ? 1 - std::sqrt(2 * gap) + 2 * gap / 3 : y;
  for (int i = 0; i < 40; ++i) {
    if (u >= 1) u = 1 - 1e-12;
    const double step = (u - y * std::exp(u)) / (1 - u);  // the derivative as at the root
    u -= step;
    if (std::abs(step) < 1e-15 * u) break;
  }
  return u;
}

}  // namespace

TrueRates undo_dead_time(const VectorXd& seen, double tau) {
  if (!(tau >= 0) || tau == INFINITY)
    throw Error(Cause::configuration,
                "dead time: tau " + shortest(tau) + "; seconds from 0 on are expected");
  check_rates("a rate", seen);
  TrueRates out{seen, VectorXd::Ones(seen.size()), {}};
  if (tau == 0) return out;
  for (Index i = 0; i < seen.size(); ++i) {
    const double y = seen[i] * tau;
    if (std::numbers::e * y >= 1) {
      out.saturated.push_back(i);
      out.rate[i] = 1 / tau;
      out.slope[i] = INFINITY;
    } else if (y > 0) {
      const double u = branch(y);
      out.rate[i] = u / tau;
      out.slope[i] = std::exp(u) / (1 - u);
    }
  }
  return out;
}

TrueRates undo_dead_time(const VectorXd& counts, double tau, const VectorXd& time) {
  check_sizes(counts.size(), time.size(), "times");
  check_rates("a time", time);
  if (time.size() > 0 && !(time.minCoeff() > 0))
    throw Error(Cause::data, "dead time: a counting time of 0 s; times above 0 are expected");
  TrueRates out = undo_dead_time(counts.cwiseQuotient(time), tau);
  out.rate = out.rate.cwiseProduct(time);
  return out;
}

TrueRates undo_dead_time_by_rates(const VectorXd& counts, const VectorXd& icr,
                                  const VectorXd& ocr) {
  check_sizes(counts.size(), icr.size(), "input rates");
  check_sizes(counts.size(), ocr.size(), "output rates");
  check_rates("counts", counts);
  check_rates("an input rate", icr);
  check_rates("an output rate", ocr);
  TrueRates out{counts, VectorXd::Ones(counts.size()), {}};
  for (Index i = 0; i < counts.size(); ++i) {
    if (icr[i] == 0 && ocr[i] == 0) continue;
    if (icr[i] == 0 || ocr[i] == 0)
      throw Error(Cause::data, "dead time: point " + std::to_string(i + 1) + " has input rate " +
                                   shortest(icr[i]) + " and output rate " + shortest(ocr[i]) +
                                   "; both or neither are expected to be 0");
    out.slope[i] = icr[i] / ocr[i];
    out.rate[i] *= out.slope[i];
    if (out.slope[i] > std::numbers::e) out.saturated.push_back(i);
  }
  return out;
}

}  // namespace twin::xas
