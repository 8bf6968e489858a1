// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/simulated_edge.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/arrays.h"
#include "app/pair_distances.h"
#include "app/simulated_absorption.h"
#include "atoms/crystal.h"
#include "atoms/element.h"
#include "core/error.h"
#include "core/text.h"
#include "feff/feff.h"
#include "xas/transform.h"

namespace twin::app {

using record::Model;

struct EdgeTables {
  std::string key;
  Eigen::VectorXd k;
  xas::Scatterers scatterers;
  feff::Paths ideal;

  [[nodiscard]] std::vector<xas::ScatteringPath> multiple() const {
    std::vector<xas::ScatteringPath> out;
    std::ranges::copy_if(ideal.paths, std::back_inserter(out), [](auto& p) { return p.legs > 2; });
    return out;
  }
};

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

EdgeTables made_tables(const feff::Request& request, const Model& model) {
  EdgeTables made;
  made.k = xas::k_grid(std::lround(model.absorption.kmax / xas::kstep) + 1);
  made.scatterers.absorber = absorber_of(model);
  const auto species = atoms::elements(model.structure);
  const auto distances = table_distances(model, made.scatterers.absorber, request.rmax);
  for (std::size_t each = 0; each < species.size(); ++each) {
    // A complex has one centre: FEFF can't say how another would scatter, and nothing asks.
    const bool alone = !model.structure.complex.centre.empty() &&
                       static_cast<int>(each) == made.scatterers.absorber;
    const std::size_t s = alone ? (each == 0 ? 1 : 0) : each;
    const auto nodes = feff::pair_nodes(request, distances[s], species[s]);
    made.scatterers.tables.emplace_back(nodes.paths, made.k);
  }
  if (!request.structure) made.ideal = feff::ideal_paths(request);
  return made;
}

std::optional<SampledScattering> sampled_scattering(const Model& model, const Eigen::VectorXd& k,
                                                    int replicas) {
  const auto& asked = model.absorption;
  if (asked.multiple_scattering != "sampled-frames" || asked.legs < 3) return {};
  feff::Request request = feff_request(model);
  request.legs = asked.legs;
  return SampledScattering(request, atoms::elements(model.structure), k, 4 * replicas);
}

void add_multiple(const SampledScattering::Chi& multiple, record::Measurement& m) {
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

xas::Ensemble ensemble_of(const Model& model, const EdgeTables& tables, const md::Plan& plan,
                          int replicas) {
  const int absorber = tables.scatterers.absorber;
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
  return {tables.scatterers,
          has_multiple(model) ? tables.multiple() : std::vector<xas::ScatteringPath>{},
          plan.system.ideal, settings};
}

}  // namespace

std::vector<Model> by_edge(const Model& model) {
  std::vector<Model> out;
  if (model.absorption.edge.empty()) return out;
  out.push_back(model);
  out.front().absorption.more_edges.clear();
  for (const auto& edge : model.absorption.more_edges) {
    out.push_back(out.front());
    out.back().absorption.edge = edge;
  }
  return out;
}

std::shared_ptr<const EdgeTables> tables_of(const Model& model,
                                            std::shared_ptr<const EdgeTables> known,
                                            const md::ProgressReport& report) {
  const auto request = feff_request(model);
  const std::string key = key_of(request, model);
  if (known && known->key == key) return known;
  report("feff", 0.0);
  auto made = made_tables(request, model);
  made.key = key;
  return std::make_shared<const EdgeTables>(std::move(made));
}

SimulatedEdge::SimulatedEdge(Model model, std::shared_ptr<const EdgeTables> tables,
                             const md::Plan& plan, int replicas)
    : model_(std::move(model)),
      tables_(std::move(tables)),
      ensemble_(ensemble_of(model_, *tables_, plan, replicas)),
      sampled_(sampled_scattering(model_, tables_->k, replicas)) {}

void SimulatedEdge::add(const md::Sample& sample) {
  ensemble_.add(sample.frame, sample.block, weight_of(model_, sample));
  if (sampled_) sampled_->add(sample);
}

record::Measurement SimulatedEdge::measurement(const md::Outcome& outcome, const md::Plan& plan,
                                               double temperature,
                                               const md::ProgressReport& report) const {
  auto m = simulated_absorption(model_, outcome, ensemble_, plan.factors, tables_->k, temperature);
  if (has_multiple(model_))
    m.warnings.push_back(
        "multiple scattering: FEFF's ideal-lattice paths with the trajectory's path lengths");
  else if (wants_multiple(model_))
    m.warnings.push_back("multiple scattering is left out: " + no_multiple(model_));
  if (sampled_)
    add_multiple(sampled_->chi([&](double share) { report("multiple scattering", share); }), m);
  if (auto sentence = left_out(model_, tables_->scatterers.absorber); !sentence.empty())
    m.warnings.push_back(std::move(sentence));
  return m;
}

}  // namespace twin::app
