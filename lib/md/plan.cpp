// SPDX-License-Identifier: GPL-3.0-or-later
#include "md/plan.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <utility>

#include "atoms/crystal.h"
#include "core/text.h"
#include "md/deep.h"
#include "md/substitutions.h"
#include "md/tilts.h"
#include "md/vacancies.h"

namespace twin::md {

namespace {

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(Cause::configuration, where + ": " + what);
}

void check(const std::string& name, double value, double lowest, double highest,
           const std::string& unit) {
  if (value >= lowest && value <= highest) return;
  const std::string tail = unit.empty() ? "" : " " + unit;
  fail(name, shortest(value) + tail + "; expected " + shortest(lowest) + " to " +
                 shortest(highest) + tail);
}

void check_run(const record::RunLength& run) {
  check("run: replicas", run.replicas, 1, 64, "");
  check("run: sample_every", run.sample_every, 1, 1e6, "steps");
  check("run: equilibrate", run.equilibrate, 1, 1e9, "steps");
  check("run: produce", run.produce, 1, 1e9, "steps");
  check("run: timestep", run.timestep_fs, 0.01, 10, "fs");
  check("run: friction", run.friction_ps, 0.001, 1000, "ps");
  if (run.starts == 2 && run.replicas < 2)
    fail("run: starts", "2 need 2 replicas or more; there is 1");
}

/// Up to the next multiple, so that every stage ends on a sample.
int rounded_up(int steps, int multiple) {
  return static_cast<int>((static_cast<std::int64_t>(steps) + multiple - 1) / multiple * multiple);
}

const std::string of_vacancies = "vacancy_";

bool is_free(const record::Model& model, const std::string& name) {
  return std::ranges::find(model.free, name, &record::FreeParameter::name) != model.free.end();
}

void put_vacancies_in(const record::FreeParameter& parameter, record::Structure& structure) {
  const std::string element = parameter.name.substr(of_vacancies.size());
  auto at = std::ranges::find(structure.vacancies, element, &record::Vacancies::element);
  if (at == structure.vacancies.end())
    at = structure.vacancies.insert(at, {element, 0.0, "remove"});
  at->fraction = parameter.value;
  at->move = parameter.move.empty() ? "remove" : parameter.move;
}

void put_temperature_in(const record::Model& model, Plan& plan) {
  const std::vector<std::string> known{"a", "strain", "temperature"};
  for (const record::FreeParameter& parameter : model.free) {
    if (parameter.name == "temperature") {
      plan.temperature = parameter.value;
    } else if (std::ranges::find(known, parameter.name) == known.end() &&
               !parameter.name.starts_with(of_vacancies) && !is_of_substitution(parameter.name) &&
               !record::is_factor(parameter.name)) {
      fail("free parameter '" + printable(parameter.name) + "'",
           "unknown; expected a, strain, vacancy_ or fraction_ with an element, temperature, or "
           "what a number of the potential is multiplied by, as A_Cs-I" +
               perhaps(parameter.name, known));
    }
  }
}

void put_ensemble_in(const record::Model& model, Plan& plan) {
  if (model.coupling != "iso" && model.coupling != "aniso")
    fail("npt: coupling", "'" + printable(model.coupling) + "'; expected iso or aniso");
  plan.system.pressure_bar = model.pressure_bar;
  plan.system.anisotropic = model.coupling == "aniso";
  if (!model.pressure_bar) return;
  if (plan.system.potential.restrains())
    fail("npt", "a complex by itself has no pressure; expected nvt");
  check("npt: pressure", *model.pressure_bar, -1e6, 1e6, "bar");
  check("run: barostat", model.run.barostat_ps, 0.01, 1000, "ps");
  for (const char* name : {"a", "strain"})
    if (is_free(model, name))
      fail("free parameter '" + std::string(name) + "'",
           "follows from the pressure; expected nvt, where it may be free, or the temperature free "
           "instead");
}

/// What a run and a trajectory have in common: structure and temperature.
Plan begin_plan(const record::Model& model, double no_temperature) {
  if (record::running(model).structure.none())
    fail("structure", "missing; a model without one is for an engine that knows what it means");
  Plan plan;
  plan.structure = structure_of(model);
  plan.temperature = model.temperature.value_or(no_temperature);
  put_temperature_in(model, plan);
  // A file or a complex has its box for a cell.
  const bool box = !plan.structure.data.empty() || !plan.structure.complex.centre.empty();
  check("structure: a", plan.structure.a, 1, box ? 1000 : 20, "Å");
  if (model.zero_point != "none" && model.zero_point != "einstein")
    fail("zero_point", "'" + printable(model.zero_point) + "'; expected none or einstein");
  plan.einstein = model.zero_point == "einstein";
  plan.seed = model.seed;
  return plan;
}

void build_crystal_of(Plan& plan) {
  plan.system.species = atoms::elements(plan.structure);
  double cells = 1;
  for (const int count : plan.structure.supercell) cells *= count;
  check("structure: cells in the supercell", cells, 1, 2.5e5, "");
  plan.system.ideal = atoms::upright(atoms::build_crystal(plan.structure));
  if (!plan.structure.tilts.pattern.empty())
    plan.system.begins = tilted(plan.system.ideal, plan.structure.tilts);
}

/// Gives sites other elements, before anything asks what an atom is.
void mix(Plan& plan) {
  System& system = plan.system;
  const auto& substitutions = plan.structure.substitutions;
  if (substitutions.empty()) return;
  Mixed mixed = make_substitutions({system.potential, system.species, system.ideal}, substitutions,
                                   plan.structure.arrangement);
  plan.made.merge(made_fractions(substitutions, mixed.fractions));
  system.sites = std::move(system.ideal.species);
  system.ideal.species = std::move(mixed.species);
  if (system.begins) system.begins->species = system.ideal.species;
}

/// The charge that pairs leave, shared out over all atoms: it would be a background otherwise,
/// which pulls at no atom either but has an energy of its own.
void share_charge(Plan& plan, const Emptied& left) {
  if (left.charge == 0) return;
  const double each = -left.charge / static_cast<double>(left.kept.size());
  for (auto& [type, charge] : plan.system.potential.charges) charge += each;
  plan.warnings.push_back("vacancies: what left does not cancel, " + significant(left.charge, 2) +
                          " e in " + std::to_string(left.moves) + " moves; every atom has " +
                          significant(each, 2) + " e more");
}

/// Takes atoms out; the topology is that of what is left.
void empty(Plan& plan) {
  System& system = plan.system;
  const auto& vacancies = plan.structure.vacancies;
  if (vacancies.empty()) return;
  const Emptied left =
      make_vacancies({system.potential, system.species, system.ideal, system.topology}, vacancies,
                     plan.structure.arrangement);
  for (std::size_t i = 0; i < vacancies.size(); ++i)
    plan.made[of_vacancies + vacancies[i].element] = left.fractions[i];
  if (!system.sites.empty())
    system.sites =
        part_of({system.ideal.cell, system.ideal.positions, system.sites}, left.kept).species;
  system.ideal = part_of(system.ideal, left.kept);
  if (system.begins) system.begins = part_of(*system.begins, left.kept);
  if (!system.topology.type.empty())
    system.topology = find_topology(system.potential, system.ideal, system.species);
  share_charge(plan, left);
}

/// After the topology is found: by the lengths of bonds as they are described.
void put_factors_in(const record::Model& model, Plan& plan) {
  Potential& potential = plan.system.potential;
  plan.described = potential;
  plan.factors = Factors(potential, plan.system.topology, plan.system.ideal, model);
  potential = plan.factors.applied_to(std::move(potential));
}

double cells_of(const record::Structure& structure) {
  const auto& count = structure.supercell;
  return static_cast<double>(count[0]) * count[1] * count[2];
}

/// Sites of the structure's cell, vacant ones too: a lattice by name has no list of them.
double sites_of_cell(const Plan& plan) {
  if (!plan.structure.sites.empty()) return static_cast<double>(plan.structure.sites.size());
  const auto atoms = static_cast<double>(plan.system.ideal.species.size());
  return std::ceil(atoms / cells_of(plan.structure) - 1e-9);
}

}  // namespace

void warn_outside_validity(Plan& plan) {
  const Potential& potential = plan.system.potential;
  if (!potential.caveat.empty()) plan.warnings.push_back(potential.name + ": " + potential.caveat);
  if (plan.temperature < potential.temperature_min)
    plan.warnings.push_back("temperature " + shortest(plan.temperature) + " K is below the " +
                            shortest(potential.temperature_min) + " K that " + potential.name +
                            " is believed from");
  const double whole = std::abs(plan.system.ideal.cell.determinant());
  if (const auto warning =
          outside_lattice(plan, plan.structure.a, whole / cells_of(plan.structure));
      !warning.empty())
    plan.warnings.push_back(warning);
  if (potential.timestep_fs > 0 && plan.system.run.timestep_fs > potential.timestep_fs)
    plan.warnings.push_back("timestep " + shortest(plan.system.run.timestep_fs) +
                            " fs is above the " + shortest(potential.timestep_fs) + " fs that " +
                            potential.name + " asks for");
  const double volume = whole / static_cast<double>(plan.system.ideal.species.size());
  for (auto& warning : deep_warnings(potential, plan.temperature, volume))
    plan.warnings.push_back(std::move(warning));
  if (plan.temperature > potential.temperature_max)
    plan.warnings.push_back("temperature " + shortest(plan.temperature) + " K is above the " +
                            shortest(potential.temperature_max) + " K that " + potential.name +
                            " is believed to");
}

record::Structure structure_of(const record::Model& model) {
  record::Structure structure = record::running(model).structure;
  if (is_free(model, "a") && is_free(model, "strain"))
    fail("free parameter 'strain'", "is the same as a, which is free too; expected one of them");
  if (is_free(model, "a") && !model.alternatives.empty())
    fail("free parameter 'a'", "is of one structure, there are alternatives; expected strain");
  for (const record::FreeParameter& parameter : model.free) {
    if (parameter.name == "a") structure.a = parameter.value;
    if (parameter.name == "strain") structure.a *= 1 + parameter.value;
    if (parameter.name.starts_with(of_vacancies)) put_vacancies_in(parameter, structure);
    if (is_of_substitution(parameter.name))
      put_fraction_in(parameter.name, parameter.value, structure);
  }
  return structure;
}

std::string potential_of(const record::Model& model) {
  if (!model.potential.empty()) return model.potential;
  return model.potentials.empty() ? "" : model.potentials.front();
}

std::string outside_lattice(const Plan& plan, double a, double volume) {
  const Potential& potential = plan.system.potential;
  if (potential.lattice_max == 0) return "";  // of a potential that is a name only
  const int atoms = potential.lattice_atoms;
  const double here = sites_of_cell(plan);
  const double edge = atoms == 0 ? a : std::cbrt(atoms * volume / here);
  if (edge >= potential.lattice_min - 1e-9 && edge <= potential.lattice_max + 1e-9) return "";
  const std::string of = atoms == 0 || here == atoms ? ""
                                                     : ", of a cube of " + std::to_string(atoms) +
                                                           " atoms as densely packed,";
  return "a = " + shortest(std::round(edge * 1e4) / 1e4) + " Å" + of + " is outside of what " +
         potential.name + " is believed for, " + shortest(potential.lattice_min) + " to " +
         shortest(potential.lattice_max) + " Å";
}

Plan make_plan(const record::Model& model) {
  constexpr double none = -1;
  Plan plan = begin_plan(model, none);
  if (plan.temperature == none)
    fail("temperature", "missing; the model or a free parameter has it");
  check("temperature", plan.temperature, plan.einstein ? 0 : 0.1, 1e4, "K");
  check_run(model.run);
  plan.system.potential = find_potential(potential_of(model));
  put_ensemble_in(model, plan);
  build_crystal_of(plan);
  mix(plan);
  plan.system.topology =
      find_topology(plan.system.potential, plan.system.ideal, plan.system.species);
  empty(plan);
  put_factors_in(model, plan);
  plan.system.run = model.run;
  plan.equilibrate = rounded_up(model.run.equilibrate, model.run.sample_every);
  plan.produce = rounded_up(model.run.produce, model.run.sample_every);
  warn_outside_validity(plan);
  return plan;
}

Plan make_trajectory_plan(const record::Model& model) {
  Plan plan = begin_plan(model, 0);
  build_crystal_of(plan);
  const std::string name = potential_of(model);
  const auto known = potential_names();
  if (std::ranges::find(known, name) != known.end()) plan.system.potential = find_potential(name);
  const auto& covered = plan.system.potential.elements;
  const bool covers = std::ranges::all_of(plan.system.species, [&](const std::string& element) {
    return std::ranges::find(covered, element) != covered.end();
  });
  if (!covers) plan.system.potential = {};
  plan.system.potential.name = name;
  mix(plan);
  if (covers)
    plan.system.topology =
        find_topology(plan.system.potential, plan.system.ideal, plan.system.species);
  empty(plan);
  if (covers) put_factors_in(model, plan);
  for (const record::FreeParameter& parameter : model.free)
    if (!covers && record::is_factor(parameter.name))
      plan.warnings.push_back(parameter.name + ": nothing is known of potential " + name +
                              ": no tangents by it");
  return plan;
}

}  // namespace twin::md
