// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulator.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <optional>

#include "app/arrays.h"
#include "app/pair_distances.h"
#include "app/sampled_scattering.h"
#include "app/simulated_absorption.h"
#include "atoms/crystal.h"
#include "atoms/element.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "feff/feff.h"
#include "md/plan.h"
#include "xas/ensemble.h"
#include "xas/transform.h"

namespace twin::app {

using record::Model;
using record::Quantity;
using record::State;

namespace {

// An ideal lattice has multiple-scattering paths too; any other structure has pairs.
feff::Request feff_request(const Model& model) {
  const record::Structure crystal = reference_crystal(model);
  const auto& asked = model.absorption;
  feff::Request out{crystal, "K", asked.rmax, asked.legs};
  if (asked.edge.empty()) return out;
  const atoms::Edge edge = atoms::parse_edge(asked.edge);
  out.edge = edge.level;
  if (crystal.sites.empty()) return out;
  out.structure = atoms::cell_of(crystal);
  out.absorber = edge.element;
  out.legs = 2;
  return out;
}

// The absorber's species, an error where the structure has none.
int absorber_of(const Model& model) {
  if (model.absorption.edge.empty()) return 0;
  const auto species = atoms::elements(model.structure);
  const auto element = atoms::parse_edge(model.absorption.edge).element;
  const auto found = std::ranges::find(species, element);
  if (found == species.end())
    throw Error(Cause::configuration, "absorption: edge: the structure has no " + element +
                                          "; it has " + join(species, ", "));
  return static_cast<int>(found - species.begin());
}

// All that FEFF's tables depend on.
std::string key_of(const feff::Request& request, const Model& model) {
  const auto& crystal = request.crystal;
  std::string key = crystal.lattice + crystal.element + shortest(crystal.a) + request.edge +
                    request.absorber + shortest(request.rmax) + std::to_string(request.legs) +
                    shortest(model.absorption.kmax);
  for (const auto& site : crystal.sites) {
    key += site.element;
    for (const double x : site.at) key += " " + shortest(x);
  }
  for (const auto& axis : crystal.cell)
    for (const double x : axis) key += " " + shortest(x);
  for (const auto& species : table_distances(model, absorber_of(model), request.rmax))
    key += " " + shortest(species.front()) + " " + shortest(species.back());
  return key;
}

}  // namespace

// FEFF's answers for one request.
struct Simulator::Tables {
  std::string key;
  Eigen::VectorXd k;
  xas::Scatterers scatterers;
  feff::Paths ideal;

  static std::unique_ptr<Tables> of(const feff::Request& request, const Model& model) {
    auto out = std::make_unique<Tables>();
    out->k = xas::k_grid(std::lround(model.absorption.kmax / xas::kstep) + 1);
    out->scatterers.absorber = absorber_of(model);
    const auto species = atoms::elements(model.structure);
    const auto distances = table_distances(model, out->scatterers.absorber, request.rmax);
    for (std::size_t each = 0; each < species.size(); ++each) {
      // A complex has one centre: FEFF can't say how another would scatter, and nothing asks.
      const bool alone = !model.structure.complex.centre.empty() &&
                         static_cast<int>(each) == out->scatterers.absorber;
      const std::size_t s = alone ? (each == 0 ? 1 : 0) : each;
      const auto nodes = feff::pair_nodes(request, distances[s], species[s]);
      out->scatterers.tables.emplace_back(nodes.paths, out->k);
    }
    if (!request.structure) out->ideal = feff::ideal_paths(request);
    return out;
  }

  [[nodiscard]] std::vector<xas::ScatteringPath> multiple() const {
    std::vector<xas::ScatteringPath> out;
    std::ranges::copy_if(ideal.paths, std::back_inserter(out), [](auto& p) { return p.legs > 2; });
    return out;
  }
};

Simulator::Simulator(const SimulatorSettings& settings)
    : settings_(settings),
      engine_(md::EngineSettings{.ranks = settings.ranks, .reuse = settings.reuse}) {}
Simulator::~Simulator() = default;

namespace {

// The state and its measurement are of one scan.
void name_scan(State& state, const std::string& what) {
  state.context.scan = state.context.sample + "-" + state.potential + "-" + what;
  for (auto& measurement : state.simulated) measurement.context = state.context;
}

std::optional<SampledScattering> sampled_scattering(const Model& model, const Eigen::VectorXd& k,
                                                    int replicas) {
  const auto& asked = model.absorption;
  if (asked.multiple_scattering != "sampled-frames" || asked.legs < 3) return {};
  feff::Request request = feff_request(model);
  request.legs = asked.legs;
  return SampledScattering(request, atoms::elements(model.structure), k, 4 * replicas);
}

void add(const SampledScattering::Chi& multiple, record::Measurement& m) {
  m.arrays["chi"] = inline_array(column(m, "chi") + multiple.mean, "");
  m.arrays["chi_without_block"] =
      inline_matrix(matrix(m, "chi_without_block") + multiple.without_block, "");
  m.warnings.push_back("multiple scattering: FEFF on " + std::to_string(multiple.absorbers) +
                       " absorbers of as many frames; its noise is in the blocks, and the tangents "
                       "are without it");
}

// χ(k) of the crystal has FEFF's multiple-scattering paths too.
bool has_multiple(const Model& model) {
  return wants_multiple(model) && no_multiple(model).empty();
}

}  // namespace

void Simulator::find_tables(const Model& model, const md::ProgressReport& report) {
  const auto request = feff_request(model);
  const std::string key = key_of(request, model);
  if (tables_ && tables_->key == key) return;
  report("feff", 0.0);
  tables_ = Tables::of(request, model);
  tables_->key = key;
}

xas::Ensemble Simulator::ensemble_of(const Model& model, const md::Plan& plan, int replicas) const {
  const int absorber = tables_->scatterers.absorber;
  if (std::ranges::find(plan.system.ideal.species, absorber) == plan.system.ideal.species.end())
    throw Error(Cause::configuration,
                "absorption: edge: no " + plan.system.species[static_cast<std::size_t>(absorber)] +
                    " is left in the crystal, all are substituted; expected an edge of another "
                    "element");
  xas::EnsembleSettings settings{.rmax = model.absorption.rmax, .blocks = 4 * replicas};
  if (!model.structure.sites.empty()) settings.room = 2.0;  // loose ions, as Cs in a perovskite
  settings.molecules = plan.system.topology.molecules;
  settings.sites = plan.system.sites;
  settings.parameters = static_cast<int>(plan.factors.values().size());
  return {tables_->scatterers,
          has_multiple(model) ? tables_->multiple() : std::vector<xas::ScatteringPath>{},
          plan.system.ideal, settings};
}

State Simulator::state_of(const record::ModelRecord& record, int replicas, const Produce& produce,
                          const md::ProgressReport& report) {
  const Model model = record::running(record.model);
  const double started = monotonic_seconds();
  if (model.structure.unread())
    throw Error(Cause::configuration,
                "structure: a model record has cell and sites; only a model's "
                "file may name a CIF or other source of them");
  const md::Plan plan = md::make_trajectory_plan(model);
  std::optional<xas::Ensemble> ensemble;
  std::optional<SampledScattering> sampled;
  if (!model.absorption.edge.empty()) {
    find_tables(model, report);
    ensemble.emplace(ensemble_of(model, plan, replicas));
    sampled = sampled_scattering(model, tables_->k, replicas);
  }
  auto outcome = produce([&](const md::Sample& s) {
    if (ensemble) ensemble->add(s.frame, s.block, weight_of(model, s));
    if (sampled) sampled->add(s);
  });

  State out;
  const double temperature = temperature_of(model, outcome);
  out.header.from = {record.header.id};
  out.model = record.header.id;
  out.potential = outcome.potential;
  out.how = outcome.how;
  out.start = outcome.start;
  out.ensemble = outcome.ensemble;
  out.equilibrated = outcome.equilibrated;
  out.missing = outcome.missing;
  out.n_eff = outcome.n_eff;
  out.quantities = outcome.quantities;
  out.jacobian = by_parameters(outcome, model);
  out.arrays = outcome.arrays;
  out.warnings = outcome.warnings;
  if (outcome.fixed_cell)
    out.parameters["a"] = Quantity{outcome.quantities.at("a").value, {}, {}, "Å", "model", {}};
  for (std::size_t i = 0; i < plan.factors.values().size(); ++i)
    out.parameters[plan.factors.name(i)] =
        Quantity{plan.factors.values()[i], {}, {}, "", "model", {}};
  for (const auto& [name, value] : plan.made)
    out.parameters[name] = Quantity{value, {}, {}, "", "model", {}};
  out.parameters["temperature"] = Quantity{temperature, {}, {}, "K", "model", {}};
  out.context.sample = model.name;
  out.context.environment["temperature"] =
      Quantity{temperature,
               {},
               {},
               "K",
               outcome.einstein_temperature > 0 ? "md, zero-point corrected" : "md",
               {}};
  if (ensemble) {
    auto m = simulated_absorption(model, outcome, *ensemble, plan.factors, tables_->k, temperature);
    if (has_multiple(model))
      m.warnings.push_back(
          "multiple scattering: FEFF's ideal-lattice paths with the trajectory's path lengths");
    else if (wants_multiple(model))
      m.warnings.push_back("multiple scattering is left out: " + no_multiple(model));
    if (sampled) add(sampled->chi([&](double share) { report("multiple scattering", share); }), m);
    if (auto sentence = left_out(model, tables_->scatterers.absorber); !sentence.empty())
      m.warnings.push_back(std::move(sentence));
    out.simulated.push_back(std::move(m));
  }
  if (const auto missing = left_out(outcome.known, ensemble.has_value()); !missing.empty())
    out.warnings.push_back(missing);
  out.cpu_seconds = outcome.cpu_seconds;
  out.wall_seconds = monotonic_seconds() - started;
  return out;
}

State Simulator::simulate(const record::ModelRecord& record, const md::ProgressReport& report,
                          const md::Observer& also) {
  const Model& model = record.model;
  if (also) refuse_phases(record, "neither trajectory nor checkpoint is of several structures");
  if (!model.phases.empty()) return simulate_phases(record, report);
  State out = state_of(
      record, model.run.replicas,
      [&](const md::Observer& observer) {
        const auto both = [&](const md::Sample& sample) {
          observer(sample);
          also(sample);
        };
        return engine_.run(model, also ? md::Observer(both) : observer, report);
      },
      report);
  out.seed = model.seed;
  name_scan(out, std::to_string(model.seed));
  return out;
}

State Simulator::observe(const record::ModelRecord& record, const Trajectories& trajectories,
                         const md::ProgressReport& report) {
  refuse_phases(record, "a trajectory is of one structure");
  md::Observed observed;
  State out = state_of(
      record, static_cast<int>(trajectories.sources.size()),
      [&](const md::Observer& observer) {
        observed =
            md::observe(record.model, trajectories.sources, trajectories.skip, observer, report);
        return observed.outcome;
      },
      report);
  out.seed = observed.seed;
  if (out.ensemble.empty()) out.ensemble = trajectories.ensemble;
  for (std::size_t i = 0; i < observed.sources.size(); ++i) {
    const auto& [frames, skipped, reordered, first_ps, last_ps] = observed.sources[i];
    const std::string& name = trajectories.sources[i].name;
    out.trajectories.push_back({name, static_cast<std::int64_t>(frames),
                                static_cast<std::int64_t>(skipped), first_ps, last_ps});
    if (reordered)
      out.warnings.push_back(name +
                             ": its atoms are not in the model's order; they were put on "
                             "the sites by their positions");
  }
  const std::string file = trajectories.sources.front().name;
  const auto name = file.substr(0, file.find("::"));
  name_scan(out, name.substr(name.rfind('/') + 1));
  return out;
}

}  // namespace twin::app
