// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/outcome.h"

#include <Eigen/LU>

#include "atoms/crystal.h"
#include "core/text.h"
#include "md/einstein.h"
#include "md/equilibrium.h"

namespace twin::md {

namespace {

record::Quantity quantity(const numeric::Mean& mean, const std::string& unit,
                          const std::string& method) {
  record::Quantity result;
  result.value = mean.value;
  result.sigma = mean.sigma;
  result.unit = unit;
  result.method = method;
  return result;
}

/// Neighbours of the first shell: in a solid the number never changes, and its error is 0.
numeric::Mean coordination(const Production& production) {
  numeric::Mean all;
  for (const auto& series : production.neighbours) {
    const numeric::Mean mean = numeric::correlated_mean(series);
    all.value += mean.value;
    all.sigma += mean.sigma * mean.sigma;
  }
  const auto n = static_cast<double>(std::max<std::size_t>(1, production.neighbours.size()));
  return {all.value / n, std::sqrt(all.sigma) / n, 0};
}

void add_shell(const Plan& plan, const Production& production, Outcome& outcome) {
  const std::string tail = ":" + plan.structure.element + "-" + plan.structure.element + ".1";
  const auto ideal = atoms::shells(plan.structure, 2 * plan.structure.a).front();
  const Cumulants shell = cumulants(production.replicas, ideal.r);
  const numeric::Mean n = coordination(production);
  outcome.quantities["r" + tail] = quantity(shell.r, "Å", "md-moment");
  outcome.quantities["sigma2" + tail] = quantity(shell.sigma2, "Å²", "md-moment");
  outcome.quantities["c3" + tail] = quantity(shell.c3, "Å³", "md-moment");
  outcome.quantities["n" + tail] = quantity(n, "", "md-moment");
  if (std::abs(n.value - ideal.count) > 0.05)
    outcome.warnings.push_back("an atom has " + significant(n.value, 4) + " neighbours, its site " +
                               std::to_string(ideal.count) + ": atoms have left their sites");
}

void add_thermodynamics(const Plan& plan, const Production& production, Outcome& outcome) {
  const Eigen::Index atoms = plan.system.ideal.positions.rows();
  const double volume = std::abs(plan.system.ideal.cell.determinant());
  const auto add = [&](const std::string& name, const std::string& unit, auto&& value) {
    outcome.quantities[name] = quantity(mean_over(production.replicas, value), unit, "md");
  };
  add("rmsd", "Å", [](const FrameValues& f) { return f.rmsd; });
  add("pressure", "bar", [&](const FrameValues& f) { return pressure_bar(f, atoms, volume); });
  add("potential_energy", "eV",
      [&](const FrameValues& f) { return f.energy_eV / static_cast<double>(atoms); });
  add("temperature_md", "K", [](const FrameValues& f) { return f.temperature; });
  const auto exact = [](double value) { return numeric::Mean{value, 0, 0}; };
  outcome.quantities["density"] =
      quantity(exact(density(atoms, plan.system.potential.mass, volume)), "g/cm³", "md");
  outcome.quantities["a"] = quantity(exact(plan.structure.a), "Å", "md");
}

void add_temperatures(const Plan& plan, const numeric::Mean& theta, double thermostat,
                      Outcome& outcome) {
  outcome.temperature_md = thermostat;
  outcome.temperature = thermostat;
  outcome.quantities["einstein_temperature"] = quantity(theta, "K", "md");
  if (!plan.einstein) return;
  outcome.einstein_temperature = theta.value;
  outcome.temperature = quantum_temperature(thermostat, theta.value);
  outcome.d_md_d_temperature = classical_per_quantum(outcome.temperature, theta.value);
  if (outcome.temperature <= 0)
    outcome.warnings.push_back("less motion than zero-point motion at " +
                               significant(thermostat, 4) +
                               " K (half the Einstein temperature is " +
                               significant(theta.value / 2, 4) + " K): 0 K is reported");
}

}  // namespace

numeric::Mean einstein_of(const std::vector<Trajectory>& replicas, const Plan& plan,
                          double thermostat) {
  const numeric::Mean sigma2 = cumulants(replicas, 0).sigma2;
  const double reduced_mass = plan.system.potential.mass / 2;
  const double theta = einstein_temperature(thermostat, reduced_mass, sigma2.value);
  const double relative = sigma2.value > 0 ? sigma2.sigma / (2 * sigma2.value) : 0;
  return {theta, theta * relative, sigma2.n_eff};
}

Outcome conclude(const Plan& plan, const Production& production, double thermostat) {
  Outcome outcome;
  outcome.potential = plan.system.potential.name;
  outcome.atoms = static_cast<int>(plan.system.ideal.positions.rows());
  outcome.warnings = plan.warnings;
  const Check check = check_equilibrium(production.replicas);
  outcome.equilibrated = check.equilibrated;
  outcome.missing = check.missing;
  outcome.n_eff = check.n_eff;
  add_shell(plan, production, outcome);
  add_thermodynamics(plan, production, outcome);
  add_temperatures(plan, einstein_of(production.replicas, plan, thermostat), thermostat, outcome);
  return outcome;
}

}  // namespace twin::md
