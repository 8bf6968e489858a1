// SPDX-License-Identifier: GPL-3.0-or-later
#include "match/answer.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "core/text.h"
#include "match/judge.h"
#include "match/text.h"
#include "numeric/statistics.h"

namespace twin::match {

namespace {

using record::Answer;
using record::Pair;
using record::Verdict;
using Reason = std::optional<std::string>;

constexpr double doubt = 0.05, beyond_doubt = 0.01, largest_z = 3.0;

Reason unfit(const Verdict& verdict, const Fitness& fitness) {
  if (!fitness.equilibrated) return "the simulation was not at equilibrium";
  if (!fitness.extracted) return "the extraction of the measurement did not converge";
  if (fitness.at_bound) return "run at a bound, to bound an interval";
  if (worst_of(verdict)) return std::nullopt;
  return "nothing could be compared: " + (verdict.unpaired.empty()
                                              ? "no quantity is fitted to or held back"
                                              : printable(verdict.unpaired.front()));
}

std::string named(const Verdict& verdict) {
  return verdict.alternative.empty() ? "the model" : printable(verdict.alternative);
}

std::string p_text(double p) { return p < 1e-3 ? "p < 0.001" : "p " + significant(p, 2); }

Reason excluded(const Verdict& verdict) {
  const auto compared = std::ranges::count(verdict.pairs, false, &Pair::input);
  const double limit =
      numeric::normal_two_sided_quantile(beyond_doubt / static_cast<double>(compared));
  const Pair& worst = *worst_of(verdict);
  std::string p;
  if (verdict.p && *verdict.p < beyond_doubt) p = "; fitted data " + p_text(*verdict.p);
  if (verdict.p_held_back && *verdict.p_held_back < beyond_doubt)
    p += "; held-back data " + p_text(*verdict.p_held_back);
  if (p.empty() && std::abs(worst.z) <= limit) return std::nullopt;
  return named(verdict) + ": " + describe(worst) + p;
}

Reason unresolved(const Verdict& verdict, const record::Model& model) {
  if (verdict.unresolved.empty()) return std::nullopt;
  const std::string& name = verdict.unresolved.front();
  const auto parameter = std::ranges::find(model.free, name, &record::FreeParameter::name);
  record::Quantity bound;
  bound.value = parameter->lower;
  bound.unit = parameter->unit;
  return named(verdict) + ": " + printable(name) + " " +
         quantity_text(verdict.parameters.at(name)) + ", 95 % interval reaches " +
         quantity_text(bound) + ": not resolved";
}

Reason left_its_condition(const Verdict& verdict) {
  for (const auto& pair : verdict.pairs) {
    if (!pair.input || !pair.tolerance) continue;
    if (std::abs(pair.simulated - pair.measured) <= *pair.tolerance) continue;
    const bool free = verdict.parameters.contains(pair.name);
    return named(verdict) + (free ? " needs " : " ran at ") + printable(pair.name) + " " +
           with_uncertainty(pair.simulated, pair.sigma_simulated) + " " + printable(pair.unit) +
           ", measured " + with_uncertainty(pair.measured, pair.sigma_measured) + " " +
           printable(pair.unit);
  }
  return std::nullopt;
}

Reason doubtful(const Verdict& verdict) {
  if (verdict.p && *verdict.p < doubt) return "fitted data: " + p_text(*verdict.p);
  if (verdict.p_held_back && *verdict.p_held_back < doubt)
    return "held-back data: " + p_text(*verdict.p_held_back);
  if (const Pair& worst = *worst_of(verdict); std::abs(worst.z) > largest_z) return describe(worst);
  return std::nullopt;
}

/// How many times as long a side must take for its error to leave the rest of \p room; nothing
/// where not even an endless one would do.
std::optional<double> times_as_long(double sigma, double others, double room) {
  const double left = room - others;
  if (left <= 0 || sigma <= 0) return std::nullopt;
  return sigma * sigma / left;
}

std::string long_by(double times) {
  return times < 1.05 ? "a little longer" : significant(times, 2) + " times as long";
}

/// What the errors of a pair may be: |difference| + 1.645 √V is to be within the tolerance.
/// Squares.
struct Room {
  explicit Room(const Pair& pair)
      : all(std::pow(
            std::max(0.0, *pair.tolerance - std::abs(pair.simulated - pair.measured)) / 1.645, 2)),
        random(std::pow(pair.sigma_random, 2)),
        simulated(std::pow(pair.sigma_simulated, 2)),
        fixed(std::pow(pair.sigma_model, 2) + std::pow(pair.sigma_systematic, 2)),
        simulation(times_as_long(pair.sigma_simulated, random + fixed, all)),
        measurement(times_as_long(pair.sigma_random, simulated + fixed, all)) {}

  [[nodiscard]] bool for_simulation() const {
    return simulation && (!measurement || *simulation <= *measurement);
  }

  double all, random, simulated, fixed;
  std::optional<double> simulation, measurement;  ///< what each alone would mend, times as long
};

/// Which side would have to become more precise, and by how much.
std::string coarser_side(const Pair& pair) {
  const Room room(pair);
  if (room.all <= 0) return "the difference itself is larger, though no more than the errors allow";
  if (room.all <= room.fixed)
    return pair.sigma_model > pair.sigma_systematic
               ? "the model's declared discrepancy alone leaves no room"
               : "the measurement's systematic error alone leaves no room";
  if (room.for_simulation()) return "the simulation must run " + long_by(*room.simulation);
  if (room.measurement) return "the measurement must take " + long_by(*room.measurement);
  // Neither alone: both, by the same factor.
  return "measurement and simulation must each take " +
         long_by((room.random + room.simulated) / (room.all - room.fixed));
}

Reason outside_tolerance(const Verdict& verdict) {
  for (const auto& pair : verdict.pairs)
    if (!pair.tolerance) return "no tolerance stated for " + printable(pair.name);
  for (const auto& pair : verdict.pairs)
    if (!pair.within_tolerance)
      return describe(pair) + " is not sure to be within " + significant(*pair.tolerance, 2) +
             "; " + coarser_side(pair);
  return std::nullopt;
}

Reason short_of_a_match(const Verdict& verdict) {
  if (!verdict.unpaired.empty())
    return "not all that was asked for was compared: " + printable(verdict.unpaired.front());
  if (const auto reason = outside_tolerance(verdict)) return reason;
  const bool tested =
      verdict.p || verdict.p_held_back || std::ranges::any_of(verdict.pairs, &Pair::input);
  if (!tested) return "as many free parameters as fitted data: nothing is left to test";
  if (!verdict.confirmed) return "agrees; to be confirmed by a run with a new seed";
  return std::nullopt;
}

/// Of fractions of phases that may be nothing or all: between what.
std::string intervals(const Verdict& verdict, const record::Model& model) {
  std::string out;
  for (const auto& parameter : model.free) {
    const auto at = verdict.parameters.find(parameter.name);
    if (!record::is_phase_fraction(parameter.name) || at == verdict.parameters.end()) continue;
    const double value = at->second.value.value_or(0), wide = 1.96 * at->second.sigma.value_or(0);
    if (value - wide > parameter.lower && value + wide < parameter.upper) continue;
    out += "; " + printable(parameter.name) + " is between " +
           significant(std::max(value - wide, parameter.lower), 2) + " and " +
           significant(std::min(value + wide, parameter.upper), 2) + " with 95 %";
  }
  return out;
}

std::string agreement(const Verdict& verdict, const record::Model& model) {
  const auto held_back = std::ranges::count_if(
      verdict.pairs, [](const Pair& pair) { return !pair.input && !pair.fitted; });
  std::string text = "all of " + std::to_string(verdict.pairs.size()) +
                     " agree within errors and tolerances, " + std::to_string(held_back) +
                     " of them held back" + intervals(verdict, model);
  for (const auto& name : verdict.unobservable)
    text += "; of " + printable(name) + " the data say nothing";
  if (verdict.dof <= 0) text += "; the fitted data carry no evidence of their own";
  return text;
}

}  // namespace

bool is_excluded(const Verdict& verdict) { return worst_of(verdict) && excluded(verdict); }

bool is_doubtful(const Verdict& verdict) { return worst_of(verdict) && doubtful(verdict); }

std::optional<double> simulation_times_as_long(const Verdict& verdict) {
  if (!verdict.unpaired.empty()) return std::nullopt;
  std::optional<double> out;
  for (const auto& pair : verdict.pairs) {
    if (pair.tolerance && pair.within_tolerance) continue;
    if (!pair.tolerance) return std::nullopt;
    const Room room(pair);
    const bool hopeless = room.all > 0 && room.all <= room.fixed;
    // The difference is of the same errors: it may be smaller when they are.
    const bool its_own = room.simulated > room.random + room.fixed;
    if (hopeless || !(room.for_simulation() || its_own)) return std::nullopt;
    constexpr double both = 4;
    out = std::max(out.value_or(1), room.for_simulation() ? *room.simulation : both);
  }
  return out;
}

void answer(Verdict& verdict, const Fitness& fitness, const record::Model& model) {
  const auto say = [&](Answer what, std::string why) {
    verdict.answer = what;
    verdict.reason = std::move(why);
  };
  if (const auto why = unfit(verdict, fitness)) return say(Answer::inconclusive, *why);
  if (const auto why = excluded(verdict)) return say(Answer::no_match, *why);
  if (const auto why = unresolved(verdict, model)) return say(Answer::inconclusive, *why);
  if (const auto why = left_its_condition(verdict)) return say(Answer::no_match, *why);
  if (const auto why = doubtful(verdict)) return say(Answer::inconclusive, *why);
  if (const auto why = short_of_a_match(verdict)) return say(Answer::inconclusive, *why);
  say(Answer::match, agreement(verdict, model));
}

}  // namespace twin::match
