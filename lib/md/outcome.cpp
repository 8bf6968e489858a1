// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/outcome.h"

#include <Eigen/LU>
#include <algorithm>

#include "core/text.h"
#include "md/deep.h"
#include "md/einstein.h"
#include "md/equilibrium.h"
#include "md/tangents.h"
#include "md/two_starts.h"

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

/// Neighbours of a shell: in a solid the number never changes, and its error is 0.
numeric::Mean coordination(const Production& production, Eigen::Index shell) {
  std::vector<Weighted> all;
  for (const auto& frames : production.neighbours) {
    Weighted series;
    for (const auto& counted : frames) {
      series.values.push_back(counted.shells[shell]);
      series.weights.push_back(counted.weight);
    }
    all.push_back(std::move(series));
  }
  const numeric::Mean mean = weighted_mean(all);
  return {mean.value, mean.sigma, 0};
}

/// "Pb-I.1": the centre, its neighbour.
std::string name_of(const Plan& plan, const atoms::PairShell& shell, bool reversed) {
  const auto& species = plan.system.species;
  const std::string one = species[static_cast<std::size_t>(shell.centre)];
  const std::string other = species[static_cast<std::size_t>(shell.neighbour)];
  return (reversed ? other + "-" + one : one + "-" + other) + ".1";
}

void add_shell(const Plan& plan, const Shells& shells, std::size_t index,
               const Production& production, Outcome& outcome) {
  const atoms::PairShell& ideal = shells.all()[index];
  const auto& all = shells.ideal().species;
  const auto centres = static_cast<double>(std::ranges::count(all, ideal.centre));
  const auto others = static_cast<double>(std::ranges::count(all, ideal.neighbour));
  const Cumulants shell = cumulants(production.replicas, ideal.r, index);
  const numeric::Mean n = coordination(production, static_cast<Eigen::Index>(index));
  // Each element of the pair is the centre of a name: an absorber of either finds its own.
  for (const bool reversed : {false, true}) {
    if (reversed && ideal.centre == ideal.neighbour) break;
    const std::string tail = ":" + name_of(plan, ideal, reversed);
    const double per = reversed ? centres / others : 1.0;
    outcome.quantities["r" + tail] = quantity(shell.r, "Å", "md-moment");
    outcome.quantities["sigma2" + tail] = quantity(shell.sigma2, "Å²", "md-moment");
    outcome.quantities["c3" + tail] = quantity(shell.c3, "Å³", "md-moment");
    outcome.quantities["n" + tail] =
        quantity({n.value * per, n.sigma * per, n.n_eff}, "", "md-moment");
  }
  if (index == 0 && std::abs(n.value - ideal.count) > 0.05)
    outcome.warnings.push_back("an atom has " + significant(n.value, 4) + " neighbours, its site " +
                               significant(ideal.count, 4) + ": atoms have left their sites");
}

numeric::Mean exact(double value) { return {value, 0, 0}; }

/// Lengths of the crystal cell's axes and what follows from them.
void add_cell(const Plan& plan, const Production& production, Outcome& outcome) {
  const auto& count = plan.structure.supercell;
  const double cells = static_cast<double>(count[0]) * count[1] * count[2];
  double mass = 0;
  for (const int species : plan.system.ideal.species)
    mass += plan.system.potential.mass_of(plan.system.species[static_cast<std::size_t>(species)]);
  if (!plan.system.pressure_bar) {
    const double volume = std::abs(plan.system.ideal.cell.determinant());
    outcome.quantities["a"] = quantity(exact(plan.structure.a), "Å", "md");
    if (plan.system.potential.restrains()) return;  // most of the cell is empty
    outcome.quantities["volume"] = quantity(exact(volume / cells), "Å³", "md");
    outcome.quantities["density"] = quantity(exact(density(mass, volume)), "g/cm³", "md");
    return;
  }
  const auto add = [&](const std::string& name, const std::string& unit, auto&& value) {
    outcome.quantities[name] = quantity(mean_over(production.replicas, value), unit, "md");
  };
  add("a", "Å", [&](const FrameValues& f) { return f.axes[0] / count[0]; });
  add("b", "Å", [&](const FrameValues& f) { return f.axes[1] / count[1]; });
  add("c", "Å", [&](const FrameValues& f) { return f.axes[2] / count[2]; });
  add("volume", "Å³", [&](const FrameValues& f) { return f.volume / cells; });
  add("density", "g/cm³", [&](const FrameValues& f) { return density(mass, f.volume); });
  const double atoms = static_cast<double>(plan.system.ideal.species.size()) / cells;
  for (const auto& warning :
       {outside_lattice(plan, *outcome.quantities.at("a").value,
                        *outcome.quantities.at("volume").value),
        outside_volume(plan.system.potential, *outcome.quantities.at("volume").value / atoms)})
    if (!warning.empty() && std::ranges::find(outcome.warnings, warning) == outcome.warnings.end())
      outcome.warnings.push_back(warning);
}

void add_thermodynamics(const Plan& plan, const Production& production, Outcome& outcome) {
  const Eigen::Index atoms = plan.system.ideal.positions.rows();
  const auto add = [&](const std::string& name, const std::string& unit, auto&& value) {
    outcome.quantities[name] = quantity(mean_over(production.replicas, value), unit, "md");
  };
  add("rmsd", "Å", [](const FrameValues& f) { return f.rmsd; });
  const Known& known = production.known;
  const int constraints = plan.system.topology.constraints;
  if (known.virial && known.temperature)
    add("pressure", "bar",
        [&](const FrameValues& f) { return pressure_bar(f, atoms, constraints); });
  if (known.energy)
    add("potential_energy", "eV",
        [&](const FrameValues& f) { return f.energy_eV / static_cast<double>(atoms); });
  if (known.temperature)
    add("temperature_md", "K", [](const FrameValues& f) { return f.temperature; });
}

/// Of a deep potential with more than one model: their disagreement, mean and largest.
void add_deviation(const Production& production, Outcome& outcome) {
  double largest = -1;
  for (const Trajectory& replica : production.replicas)
    for (const FrameValues& frame : replica) {
      if (!frame.force_deviation) return;
      largest = std::max(largest, *frame.force_deviation);
    }
  if (largest < 0) return;
  const auto mean =
      mean_over(production.replicas, [](const FrameValues& f) { return *f.force_deviation; });
  outcome.quantities["force_deviation"] = quantity(mean, "eV/Å", "md");
  outcome.quantities["force_deviation_max"] = quantity({largest, 0, 0}, "eV/Å", "md");
  outcome.quantities["force_deviation_max"].sigma.reset();
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

void add_means(const Plan& plan, const Shells& shells, const Production& production,
               Outcome& outcome) {
  for (std::size_t i = 0; i < shells.all().size(); ++i)
    add_shell(plan, shells, i, production, outcome);
  add_thermodynamics(plan, production, outcome);
  add_cell(plan, production, outcome);
  add_octahedra(plan, shells.octahedra(), production.replicas, outcome);
}

}  // namespace

void Production::take(std::size_t replica, const Shells& shells, const Sample& sample) {
  make_room(replica, 1);
  put(replica, replicas.at(replica).size() - 1, shells, sample);
  if (distributions) distributions->follow(sample);
}

void Production::make_room(std::size_t replica, std::size_t frames) {
  Trajectory& trajectory = replicas.at(replica);
  trajectory.resize(trajectory.size() + frames);
  neighbours.at(replica).resize((trajectory.size() + counted_every - 1) / counted_every);
}

void Production::put(std::size_t replica, std::size_t index, const Shells& shells,
                     const Sample& sample) {
  if (index % counted_every == 0)
    neighbours.at(replica).at(index / counted_every) = {shells.neighbours(sample.frame),
                                                        sample.weight};
  if (distributions) distributions->count(sample, index);
  replicas.at(replica).at(index) = measure(shells, sample);
}

Production empty_production(const Plan& plan, std::size_t replicas) {
  Production production;
  production.replicas.resize(replicas);
  production.neighbours.resize(replicas);
  production.distributions.emplace(plan);
  return production;
}

FrameValues measure(const Shells& shells, const Sample& sample) {
  FrameValues values = shells.of(sample.frame);
  values.temperature = sample.temperature;
  values.energy_eV = sample.energy_eV;
  values.virial_bar = sample.virial_bar;
  values.force_deviation = sample.force_deviation;
  values.weight = sample.weight;
  values.slopes_eV = sample.slopes_eV;
  return values;
}

numeric::Mean einstein_of(const std::vector<Trajectory>& replicas, const Plan& plan,
                          const Shells& shells, double thermostat) {
  const numeric::Mean sigma2 = cumulants(replicas, 0).sigma2;
  const auto mass = [&](int species) {
    return plan.system.potential.mass_of(plan.system.species[static_cast<std::size_t>(species)]);
  };
  const atoms::PairShell& bond = shells.all().front();
  const double reduced_mass = 1 / (1 / mass(bond.centre) + 1 / mass(bond.neighbour));
  const double theta = einstein_temperature(thermostat, reduced_mass, sigma2.value);
  const double relative = sigma2.value > 0 ? sigma2.sigma / (2 * sigma2.value) : 0;
  return {theta, theta * relative, sigma2.n_eff};
}

record::Quantities measured(const Plan& plan, const Shells& shells, const Production& production) {
  Outcome outcome;
  add_means(plan, shells, production, outcome);
  return outcome.quantities;
}

Outcome conclude(const Plan& plan, const Shells& shells, const Production& production,
                 double thermostat) {
  Outcome outcome;
  outcome.potential = plan.system.potential.name;
  outcome.atoms = static_cast<int>(plan.system.ideal.positions.rows());
  outcome.warnings = plan.warnings;
  outcome.known = production.known;
  outcome.fixed_cell = !plan.system.pressure_bar;
  const Check check = check_equilibrium(production.replicas, production.before);
  outcome.equilibrated = check.equilibrated;
  outcome.missing = check.missing;
  outcome.n_eff = check.n_eff;
  if (plan.system.run.starts == 2) {
    if (const auto differ = starts_differ(production.replicas); !differ.empty()) {
      outcome.equilibrated = false;
      outcome.missing += (outcome.missing.empty() ? "" : "; ") + differ;
    }
  }
  add_means(plan, shells, production, outcome);
  add_deviation(production, outcome);
  outcome.jacobian = tangents(plan, shells, production, thermostat);
  if (production.distributions) production.distributions->put_in(outcome);
  add_temperatures(plan, einstein_of(production.replicas, plan, shells, thermostat), thermostat,
                   outcome);
  return outcome;
}

}  // namespace twin::md
