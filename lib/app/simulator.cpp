// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulator.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <optional>

#include "app/arrays.h"
#include "app/pair_distances.h"
#include "atoms/crystal.h"
#include "atoms/element.h"
#include "core/constants.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "feff/feff.h"
#include "md/einstein.h"
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
  if (model.structure.sites.empty() || model.absorption.edge.empty()) return 0;
  const auto species = atoms::elements(model.structure);
  const auto element = atoms::parse_edge(model.absorption.edge).element;
  const auto found = std::ranges::find(species, element);
  if (found == species.end())
    throw Error(Cause::configuration, "absorption: edge: the structure has no " + element +
                                          "; it has " + join(species, ", "));
  return static_cast<int>(found - species.begin());
}

double value_of(const Model& model, const std::string& name, double otherwise) {
  const auto at = std::ranges::find(model.free, name, &record::FreeParameter::name);
  return at == model.free.end() ? otherwise : at->value;
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

double strain_slope(const md::Sample& sample) {
  const double volume = std::abs(sample.frame.cell.determinant());
  return -3.0 * volume * sample.virial_bar * eV_per_bar_A3;
}

// At constant pressure the enthalpy takes the energy's place.
xas::FrameWeight weight_of(const Model& model, const md::Sample& sample) {
  const double volume = std::abs(sample.frame.cell.determinant());
  const double work = model.pressure_bar.value_or(0) * volume * eV_per_bar_A3;
  return {sample.energy_eV + work, strain_slope(sample), sample.weight};
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
    for (std::size_t s = 0; s < species.size(); ++s) {
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
    : engine_(md::EngineSettings{.reuse = settings.reuse}) {}
Simulator::~Simulator() = default;

namespace {

// θ is known only when the run is over, so the run was a little beside the classical temperature
// that the asked one stands for: how far, and how that temperature depends on the asked one.
struct Offset {
  double kelvin = 0.0;  // classical, still to go
  double slope = 1.0;   // ∂T_cl/∂T
};

Offset offset(const md::Outcome& outcome, double asked) {
  const double theta = outcome.einstein_temperature;
  if (theta <= 0) return {};
  return {md::classical_temperature(asked, theta) - outcome.temperature_md,
          md::classical_per_quantum(asked, theta)};
}

record::Measurement simulated_absorption(const Model& model, const md::Outcome& outcome,
                                         const xas::Ensemble& ensemble, const Eigen::VectorXd& k,
                                         double asked) {
  record::Measurement m;
  m.origin = record::Origin::digital;
  m.technique = "xas";
  m.edge = model.absorption.edge;
  m.arrays["k"] = inline_array(k, "1/Å");
  const auto [kelvin, slope] = offset(outcome, asked);
  const Eigen::VectorXd tangent = ensemble.temperature_tangent(outcome.temperature_md);
  m.arrays["chi"] = inline_array(ensemble.chi() + kelvin * tangent, "");
  Eigen::MatrixXd blocks = ensemble.chi_without_block();
  blocks.rowwise() += kelvin * tangent.transpose();
  m.arrays["chi_without_block"] = inline_matrix(blocks, "");
  const double a = value_of(model, "a", model.structure.a);
  if (!model.pressure_bar && !ensemble.has_molecules())
    m.arrays["chi@a"] = inline_array(ensemble.strain_tangent(outcome.temperature_md) / a, "1/Å");
  m.arrays["chi@temperature"] = inline_array(slope * tangent, "1/K");
  return m;
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

xas::Ensemble Simulator::ensemble_of(const Model& model, bool multiple) const {
  auto structure = model.structure;
  structure.a = value_of(model, "a", structure.a);
  xas::EnsembleSettings settings{.rmax = model.absorption.rmax, .blocks = 4 * model.run.replicas};
  if (!structure.sites.empty()) settings.room = 2.0;  // loose ions, as Cs in a perovskite
  settings.molecules = molecules_in(model, structure);
  return {tables_->scatterers, multiple ? tables_->multiple() : std::vector<xas::ScatteringPath>{},
          atoms::build_crystal(structure), settings};
}

State Simulator::simulate(const record::ModelRecord& record, const md::ProgressReport& report) {
  const Model& model = record.model;
  const double started = monotonic_seconds();
  if (model.structure.sites.empty() && !model.structure.cif.empty())
    throw Error(Cause::configuration,
                "structure: a model record has cell and sites; only a model's "
                "file may name a CIF");
  const bool shown = !model.absorption.edge.empty();
  const bool multiple = shown && model.structure.sites.empty() &&
                        model.absorption.multiple_scattering != "none" && model.absorption.legs > 2;
  std::optional<xas::Ensemble> ensemble;
  if (shown) {
    find_tables(model, report);
    ensemble.emplace(ensemble_of(model, multiple));
  }
  const auto outcome = engine_.run(
      model,
      [&](const md::Sample& s) {
        if (ensemble) ensemble->add(s.frame, s.block, weight_of(model, s));
      },
      report);

  State out;
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
  out.arrays = outcome.arrays;
  out.warnings = outcome.warnings;
  out.seed = model.seed;
  if (!model.pressure_bar)
    out.parameters["a"] =
        Quantity{value_of(model, "a", model.structure.a), {}, {}, "Å", "model", {}};
  const double asked =
      value_of(model, "temperature", model.temperature.value_or(outcome.temperature));
  out.parameters["temperature"] = Quantity{asked, {}, {}, "K", "model", {}};
  out.context.sample = model.name;
  out.context.scan = model.name + "-" + outcome.potential + "-" + std::to_string(model.seed);
  out.context.environment["temperature"] = Quantity{
      asked, {}, {}, "K", outcome.einstein_temperature > 0 ? "md, zero-point corrected" : "md", {}};
  if (ensemble) {
    auto m = simulated_absorption(model, outcome, *ensemble, tables_->k, asked);
    m.context = out.context;
    if (multiple)
      m.warnings.push_back(
          "multiple scattering: FEFF's ideal-lattice paths with the trajectory's path lengths");
    if (auto sentence = left_out(model, tables_->scatterers.absorber); !sentence.empty())
      m.warnings.push_back(std::move(sentence));
    out.simulated.push_back(std::move(m));
  }
  out.cpu_seconds = outcome.cpu_seconds;
  out.wall_seconds = monotonic_seconds() - started;
  return out;
}

}  // namespace twin::app
