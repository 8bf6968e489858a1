// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulator.h"

#include <Eigen/LU>
#include <algorithm>
#include <cmath>

#include "app/arrays.h"
#include "atoms/crystal.h"
#include "atoms/element.h"
#include "core/constants.h"
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

constexpr double eV_per_bar_A3 = 6.241509074e-7;  // 1 bar Å³ in eV, CODATA 2018
constexpr double node_step = 0.3;                 // Å, between FEFF's distances

feff::Request feff_request(const Model& model) {
  auto crystal = model.structure;
  if (model.absorption.reference_a > 0) crystal.a = model.absorption.reference_a;
  crystal.supercell = {1, 1, 1};
  const auto& asked = model.absorption;
  return {crystal, asked.edge.empty() ? "K" : atoms::parse_edge(asked.edge).level, asked.rmax,
          asked.legs};
}

// From well inside the first shell to beyond rmax.
std::vector<double> node_distances(const feff::Request& request) {
  const double first = atoms::shells(request.crystal, request.rmax + 1).front().r;
  std::vector<double> out;
  for (double r = first - 2.5 * node_step; r < request.rmax + 2 * node_step; r += node_step)
    out.push_back(r);
  return out;
}

double value_of(const Model& model, const std::string& name, double otherwise) {
  const auto at = std::ranges::find(model.free, name, &record::FreeParameter::name);
  return at == model.free.end() ? otherwise : at->value;
}

double strain_slope(const md::Sample& sample) {
  const double volume = std::abs(sample.frame.cell.determinant());
  return -3.0 * volume * sample.virial_bar * eV_per_bar_A3;
}

}  // namespace

// FEFF's answers for one request.
struct Simulator::Tables {
  std::string key;
  Eigen::VectorXd k;
  feff::Paths nodes, ideal;

  static std::unique_ptr<Tables> of(const feff::Request& request, double kmax) {
    auto out = std::make_unique<Tables>();
    out->k = xas::k_grid(std::lround(kmax / xas::kstep) + 1);
    out->nodes = feff::pair_nodes(request, node_distances(request));
    out->ideal = feff::ideal_paths(request);
    return out;
  }

  [[nodiscard]] std::vector<xas::ScatteringPath> multiple() const {
    std::vector<xas::ScatteringPath> out;
    std::ranges::copy_if(ideal.paths, std::back_inserter(out), [](auto& p) { return p.legs > 2; });
    return out;
  }
};

Simulator::Simulator() = default;
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
  m.arrays["chi@a"] = inline_array(ensemble.strain_tangent(outcome.temperature_md) / a, "1/Å");
  m.arrays["chi@temperature"] = inline_array(slope * tangent, "1/K");
  return m;
}

}  // namespace

State Simulator::simulate(const record::ModelRecord& record, const md::ProgressReport& report) {
  const Model& model = record.model;
  const double started = monotonic_seconds();
  const auto request = feff_request(model);
  const std::string key = request.crystal.lattice + request.crystal.element +
                          shortest(request.crystal.a) + request.edge + shortest(request.rmax) +
                          std::to_string(request.legs) + shortest(model.absorption.kmax);
  if (!tables_ || tables_->key != key) {
    report("feff", 0.0);
    tables_ = Tables::of(request, model.absorption.kmax);
    tables_->key = key;
  }
  auto structure = model.structure;
  structure.a = value_of(model, "a", structure.a);
  const bool multiple = model.absorption.multiple_scattering != "none" && model.absorption.legs > 2;
  xas::Ensemble ensemble(xas::PairTable(tables_->nodes.paths, tables_->k),
                         multiple ? tables_->multiple() : std::vector<xas::ScatteringPath>{},
                         atoms::build_crystal(structure),
                         {.rmax = model.absorption.rmax, .blocks = 4 * model.run.replicas});
  const auto outcome = engine_.run(
      model,
      [&](const md::Sample& s) {
        ensemble.add(s.frame, s.block, {s.energy_eV, strain_slope(s)});
      },
      report);

  State out;
  out.header.from = {record.header.id};
  out.model = record.header.id;
  out.potential = outcome.potential;
  out.how = "run";
  out.equilibrated = outcome.equilibrated;
  out.missing = outcome.missing;
  out.n_eff = outcome.n_eff;
  out.quantities = outcome.quantities;
  out.warnings = outcome.warnings;
  out.seed = model.seed;
  out.parameters["a"] = Quantity{structure.a, {}, {}, "Å", "model", {}};
  const double asked =
      value_of(model, "temperature", model.temperature.value_or(outcome.temperature));
  out.parameters["temperature"] = Quantity{asked, {}, {}, "K", "model", {}};
  out.context.sample = model.name;
  out.context.scan = model.name + "-" + outcome.potential + "-" + std::to_string(model.seed);
  out.context.environment["temperature"] = Quantity{
      asked, {}, {}, "K", outcome.einstein_temperature > 0 ? "md, zero-point corrected" : "md", {}};
  if (!model.absorption.edge.empty()) {
    auto m = simulated_absorption(model, outcome, ensemble, tables_->k, asked);
    m.context = out.context;
    if (multiple)
      m.warnings.push_back(
          "multiple scattering: FEFF's ideal-lattice paths with the trajectory's path lengths");
    out.simulated.push_back(std::move(m));
  }
  out.cpu_seconds = outcome.cpu_seconds;
  out.wall_seconds = monotonic_seconds() - started;
  return out;
}

}  // namespace twin::app
