// SPDX-License-Identifier: GPL-3.0-or-later
#include "xas/complete.h"

#include <algorithm>
#include <cmath>

#include "core/constants.h"
#include "core/text.h"

namespace twin::xas {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

std::string row(Index i) { return "row " + std::to_string(i + 1); }

// What is wrong with row i of rows that are sound so far; "" if nothing. rises: most of the scan
// does, so that a row that falls back is a damaged one.
std::string fault(const VectorXd& energy, const VectorXd& mu, Index i, double widest) {
  if (!std::isfinite(energy[i]) || !std::isfinite(mu[i])) return row(i) + " is not a number";
  if (energy[i] <= 0) return row(i) + " has energy " + shortest(energy[i]) + " eV";
  if (i == 0) return {};
  const double step = energy[i] - energy[i - 1];
  if (step < 0) return row(i) + " goes back to " + significant(energy[i], 6) + " eV";
  if (i > 10 && step > 20 * widest) return row(i) + " jumps by " + significant(step, 4) + " eV";
  return {};
}

// Distance of point i from the line through the two before it.
double off_line(const VectorXd& energy, const VectorXd& mu, Index i) {
  const double run = energy[i - 1] - energy[i - 2];
  if (!(run > 0)) return 0;
  const double slope = (mu[i - 1] - mu[i - 2]) / run;
  return std::abs(mu[i] - mu[i - 1] - slope * (energy[i] - energy[i - 1]));
}

bool last_is_off(const VectorXd& energy, const VectorXd& mu, Index n) {
  constexpr Index before = 10;
  if (n < before + 3) return false;
  double most = 0;
  for (Index i = n - 1 - before; i < n - 1; ++i) most = std::max(most, off_line(energy, mu, i));
  const double range = mu.head(n).maxCoeff() - mu.head(n).minCoeff();
  return off_line(energy, mu, n - 1) > std::max(10 * most, 1e-9 * range);
}

// Points around the end are as far apart as this; half of it is no shortfall.
double last_step(const VectorXd& energy, Index n) {
  return n > 1 ? energy[n - 1] - energy[n - 2] : 0;
}

void compare(Completeness& out, const char* what, double reached, double needed, double slack,
             const char* unit) {
  if (reached >= needed - slack) return;
  out.partial = true;
  out.reasons.push_back(std::string("ends at ") + what + significant(reached, 4) + unit +
                        "; the recipe needs " + significant(needed, 4) + unit);
}

}  // namespace

Needed needed_by(const record::Recipe& recipe) {
  Needed out;
  out.norm2 = recipe.reduce.norm2;
  out.kmax = recipe.autobk.kmax;
  if (!recipe.paths.empty()) out.kmax = std::max(out.kmax.value_or(0), recipe.fit.kmax);
  return out;
}

Completeness completeness(const VectorXd& energy, const VectorXd& mu, std::optional<double> e0,
                          const Needed& needed) {
  Completeness out;
  const Index n = std::min(energy.size(), mu.size());
  double widest = 0;
  while (out.sound < n) {
    const std::string wrong = fault(energy, mu, out.sound, widest);
    if (!wrong.empty()) {
      out.reasons.push_back(wrong + "; " + std::to_string(out.sound) + " rows are sound");
      break;
    }
    if (out.sound > 0) widest = std::max(widest, energy[out.sound] - energy[out.sound - 1]);
    ++out.sound;
  }
  if (last_is_off(energy, mu, out.sound)) {
    out.reasons.push_back("the last µ, " + significant(mu[out.sound - 1], 4) +
                          ", is off the line of those before it");
    --out.sound;
  }
  out.partial = !out.reasons.empty();
  if (out.sound == 0) {
    out.partial = true;
    if (out.reasons.empty()) out.reasons.emplace_back("no rows");
    return out;
  }
  const double last = energy[out.sound - 1], slack = last_step(energy, out.sound) / 2;
  if (needed.last) compare(out, "", last, *needed.last, slack, " eV");
  if (e0 && needed.norm2) compare(out, "", last - *e0, *needed.norm2, slack, " eV above e0");
  if (e0 && needed.kmax) {
    const double reached = std::sqrt(etok * std::max(0.0, last - *e0));
    compare(out, "k ", reached, *needed.kmax, 0.025, " 1/Å");  // half a step of the grid in k
  }
  return out;
}

}  // namespace twin::xas
