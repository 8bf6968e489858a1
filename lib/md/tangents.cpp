// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/tangents.h"

#include <cmath>
#include <functional>
#include <utility>

#include "core/constants.h"

namespace twin::md {

namespace {

using record::Quantities;

// The root mean square of the weights' logarithms: far above rounding, and what is of third order
// in it is a ten-thousandth.
constexpr double small = 0.01;

void stretch(Moments& moments, double ideal, double scale) {
  const double shift = (scale - 1) * ideal;
  const Moments old = moments;
  moments.d1 = scale * old.d1 + shift;
  moments.d2 = scale * scale * old.d2 + 2 * scale * shift * old.d1 + shift * shift;
  moments.d3 = std::pow(scale, 3) * old.d3 + 3 * scale * scale * shift * old.d2 +
               3 * scale * shift * shift * old.d1 + std::pow(shift, 3);
}

/// What a parameter does: its conjugate in a frame, by which the logarithm of the weight falls, and
/// what else it changes there.
struct Direction {
  std::string name;
  std::function<double(const FrameValues&)> conjugate;  ///< -∂(ln weight)/∂λ
  std::function<void(FrameValues&, double)> move;       ///< by so much of λ
};

Direction temperature_of(const Plan& plan, double thermostat) {
  const double per = boltzmann_eV * thermostat * thermostat;
  const double bar = plan.system.pressure_bar.value_or(0) * eV_per_bar_A3;
  return {"temperature",
          [=](const FrameValues& f) { return -(f.energy_eV + bar * f.volume) / per; },
          [](FrameValues&, double) {}};
}

Direction length_of(const Plan& plan, const Shells& shells, double thermostat) {
  const double a = plan.structure.a, per = boltzmann_eV * thermostat * a;
  const auto slope = [](const FrameValues& f) { return strain_slope_eV(f.volume, f.virial_bar); };
  return {"a", [=](const FrameValues& f) { return slope(f) / per; },
          [=, &shells](FrameValues& f, double by) {
            const double scale = 1 + by / a;
            for (std::size_t i = 0; i < f.shells.size(); ++i)
              stretch(f.shells[i], shells.all()[i].r, scale);
            f.energy_eV += slope(f) * by / a;
            f.rmsd *= scale;
            f.axes *= scale;
            f.volume *= std::pow(scale, 3);
          }};
}

/// What a number of the potential is multiplied by: the frames stay as they are.
Direction factor_of(const Plan& plan, std::size_t index, double thermostat) {
  const double per = boltzmann_eV * thermostat;
  return {plan.factors.name(index), [=](const FrameValues& f) { return f.slopes_eV[index] / per; },
          [=](FrameValues& f, double by) { f.energy_eV += f.slopes_eV[index] * by; }};
}

/// Means and spread of the conjugate over all frames, by their weights.
struct Spread {
  double mean = 0.0, deviation = 0.0;
};

Spread spread_of(const std::vector<Trajectory>& replicas, const Direction& direction) {
  double sum = 0, first = 0, second = 0;
  for (const Trajectory& replica : replicas)
    for (const FrameValues& frame : replica) {
      const double x = direction.conjugate(frame);
      sum += frame.weight;
      first += frame.weight * x;
      second += frame.weight * x * x;
    }
  if (!(sum > 0)) return {};
  const double mean = first / sum;
  return {mean, std::sqrt(std::max(0.0, second / sum - mean * mean))};
}

/// The frames alone: what is gathered over whole runs has no part in the observables' means.
Production moved(const Production& run, const Direction& direction, const Spread& spread,
                 double by) {
  Production production;
  production.replicas = run.replicas;
  production.neighbours = run.neighbours;
  production.known = run.known;
  for (std::size_t r = 0; r < production.replicas.size(); ++r) {
    Trajectory& frames = production.replicas[r];
    for (FrameValues& frame : frames) {
      frame.weight *= std::exp(-by * (direction.conjugate(frame) - spread.mean));
      direction.move(frame, by);
    }
    auto& counted = production.neighbours[r];
    for (std::size_t i = 0; i < counted.size(); ++i)
      counted[i].weight = frames[i * counted_every].weight;
  }
  return production;
}

bool has_tangent(const std::string& name, bool fixed_cell) {
  if (name == "temperature_md" || name == "pressure") return false;
  const bool of_cell =
      name == "a" || name == "b" || name == "c" || name == "volume" || name == "density";
  return !(fixed_cell && of_cell);
}

}  // namespace

record::Jacobian tangents(const Plan& plan, const Shells& shells, const Production& production,
                          double thermostat) {
  if (!production.known.energy) return {};
  std::vector<Direction> directions{temperature_of(plan, thermostat)};
  const bool fixed_cell = !plan.system.pressure_bar;
  if (fixed_cell && production.known.virial && plan.system.topology.molecules.empty())
    directions.push_back(length_of(plan, shells, thermostat));
  for (std::size_t i = 0; i < plan.factors.values().size(); ++i)
    directions.push_back(factor_of(plan, i, thermostat));
  record::Jacobian out;
  std::vector<std::pair<Quantities, Quantities>> ends;
  std::vector<double> steps;
  for (const Direction& direction : directions) {
    const Spread spread = spread_of(production.replicas, direction);
    const bool flat = !(spread.deviation > 0);
    if (flat && !record::is_factor(direction.name)) return {};  // frames that tell nothing
    const double step = flat ? 1 : small / spread.deviation;
    out.columns.push_back(direction.name);
    steps.push_back(step);
    ends.emplace_back(measured(plan, shells, moved(production, direction, spread, -step)),
                      measured(plan, shells, moved(production, direction, spread, step)));
  }
  for (const auto& [name, quantity] : ends.front().first) {
    if (!has_tangent(name, fixed_cell)) continue;
    out.rows.push_back(name);
    for (std::size_t i = 0; i < ends.size(); ++i)
      out.matrix.push_back((*ends[i].second.at(name).value - *ends[i].first.at(name).value) /
                           (2 * steps[i]));
  }
  return out;
}

}  // namespace twin::md
