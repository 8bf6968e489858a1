// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/observe_parts.h"

#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace twin::md {

std::string perhaps_supercell(const Plan& plan, const atoms::TrajectoryFrame& frame) {
  const Eigen::Index atoms = plan.system.ideal.positions.rows();
  double cells = 1, wanted = 1;
  std::string text;
  for (int axis = 0; axis < 3; ++axis) {
    const int count = plan.structure.supercell[static_cast<std::size_t>(axis)];
    const double length = plan.system.ideal.cell.row(axis).norm() / count;
    const double guess = std::round(frame.cell.row(axis).norm() / length);
    text += (axis ? ", " : "") + shortest(guess);
    cells *= count;
    wanted *= guess;
  }
  if (wanted * static_cast<double>(atoms) / cells != static_cast<double>(frame.positions.rows()))
    return "";
  return "; supercell: [" + text + "] would have as many";
}

void name_potential(Plan& plan, const std::string& told) {
  constexpr const char* fine = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+-";
  if (told.empty() || told.size() > 64 || told.find_first_not_of(fine) != std::string::npos ||
      told == plan.system.potential.name)
    return;
  plan.warnings.push_back("the trajectory is of potential " + told + ", the model says " +
                          plan.system.potential.name);
  plan.system.potential = {};
  plan.system.potential.name = told;
}

double temperature_of_run(Plan& plan, const Known& known, const atoms::TrajectoryOrigin& origin,
                          const std::vector<Trajectory>& frames) {
  const double asked = plan.temperature;
  if (const auto told = origin.thermostat; told && *told > 0) return *told;
  if (known.temperature) {
    const auto mean = mean_over(frames, [](const FrameValues& f) { return f.temperature; });
    const double off = std::abs(mean.value - asked);
    if (!plan.einstein && asked > 0 && off > 0.01 * asked && off > 3 * mean.sigma)
      plan.warnings.push_back("the trajectory ran at " + with_uncertainty(mean.value, mean.sigma) +
                              " K, the model says " + shortest(asked) + " K: the former is used");
    if (mean.value > 0) return mean.value;
  }
  if (plan.einstein)
    throw Error(Cause::configuration,
                "zero_point: einstein needs the temperature that the trajectory was run at, and "
                "the file does not tell it; none, and that temperature as the model's, are "
                "expected");
  if (!(asked > 0))
    throw Error(Cause::configuration,
                "temperature: neither the model nor the trajectory has it; one of them must");
  return asked;
}

std::optional<double> interval_ps(const std::vector<std::optional<double>>& times) {
  if (times.size() < 2 || !times.front() || !times.back()) return std::nullopt;
  const double mean = (*times.back() - *times.front()) / static_cast<double>(times.size() - 1);
  if (!(mean > 0)) return std::nullopt;
  for (std::size_t i = 1; i < times.size(); ++i)
    if (!times[i] || !times[i - 1] || std::abs(*times[i] - *times[i - 1] - mean) > 0.01 * mean)
      return std::nullopt;
  return mean;
}

}  // namespace twin::md
