// SPDX-License-Identifier: GPL-3.0-or-later
// twin-model(5), to the document.
#include <cmath>
#include <map>

#include "core/text.h"
#include "stream/documents.h"
#include "stream/model_units.h"
#include "stream/parts.h"

namespace twin::stream {

using namespace record;

std::string unit_of_parameter(const std::string& name) {
  return unit_of_quantity(name).value_or("");
}

std::optional<std::string> unit_of_quantity(const std::string& name) {
  static const std::map<std::string, std::string, std::less<>> units = {
      {"a", "Å"},   {"temperature", "K"}, {"r", "Å"}, {"sigma2", "Å²"}, {"c3", "Å³"},
      {"c4", "Å⁴"}, {"e0", "eV"},         {"n", ""},  {"s02", ""}};
  const auto found = units.find(std::string_view(name).substr(0, name.find(':')));
  if (found == units.end()) return std::nullopt;
  return found->second;
}

namespace {

Value measure(double value, const std::string& unit) {
  if (unit.empty()) return value;
  return shortest(value) + " " + unit;
}

Value encode_cell(const Structure& structure) {
  Value::Array cell;
  for (const auto& axis : structure.cell) {
    Value::Array lengths;
    for (const double length : axis) lengths.emplace_back(measure(length, "Å"));
    cell.emplace_back(std::move(lengths));
  }
  return cell;
}

Value encode_sites(const Structure& structure) {
  Value::Array sites;
  for (const CellSite& site : structure.sites) {
    Value::Array at;
    for (const double x : site.at) at.emplace_back(x);
    sites.push_back(Builder().put("element", site.element).put("at", std::move(at)).take());
  }
  return sites;
}

Value encode_complex(const Complex& complex) {
  Value::Array ligands;
  for (const Ligand& one : complex.ligands)
    ligands.push_back(Builder()
                          .put("element", one.element)
                          .put("count", one.count)
                          .put("at", measure(one.at, "Å"))
                          .take());
  return Builder()
      .put("centre", complex.centre)
      .put("ligands", std::move(ligands))
      .put("box", measure(complex.box, "Å"))
      .take();
}

Value encode_tilts(const Tilts& tilts) {
  Value::Array angles;
  for (const double angle : tilts.angles) angles.emplace_back(measure(angle, "rad"));
  return Builder().put("pattern", tilts.pattern).put("angles", std::move(angles)).take();
}

Value encode_vacancies(const std::vector<Vacancies>& all) {
  Builder out;
  for (const Vacancies& one : all)
    out.put(one.element, Builder().put("fraction", one.fraction).put("move", one.move).take());
  return out.take();
}

Value encode_substitutions(const std::vector<Substitution>& all) {
  Builder out;
  for (const Substitution& one : all)
    out.put(one.element, Builder().put("by", one.by).put("fraction", one.fraction).take());
  return out.take();
}

Builder encode_structure(const Structure& structure, Builder out = {}) {
  Value::Array supercell;
  for (const int cells : structure.supercell) supercell.emplace_back(cells);
  if (structure.sites.empty() && !structure.unread())
    out.put("lattice", structure.lattice).put("element", structure.element);
  out.text("cif", structure.cif).text("data", structure.data);
  if (!structure.complex.centre.empty()) out.put("complex", encode_complex(structure.complex));
  if (!structure.sites.empty())
    out.put("cell", encode_cell(structure)).put("sites", encode_sites(structure));
  if (structure.a > 0) out.put("a", measure(structure.a, "Å"));
  out.put("supercell", std::move(supercell));
  if (!structure.tilts.pattern.empty()) out.put("tilts", encode_tilts(structure.tilts));
  out.some("vacancies", encode_vacancies(structure.vacancies));
  out.some("substitutions", encode_substitutions(structure.substitutions));
  if (structure.arrangement != 1) out.put("arrangement", structure.arrangement);
  return out;
}

Value encode_alternatives(const std::vector<Alternative>& all) {
  Value::Array out;
  for (const Alternative& one : all)
    out.push_back(encode_structure(one.structure, Builder().put("name", one.name)).take());
  return out;
}

Value encode_phases(const std::vector<Phase>& all) {
  Value::Array out;
  for (const Phase& one : all)
    out.push_back(encode_structure(one.structure,
                                   Builder().put("name", one.name).put("fraction", one.fraction))
                      .take());
  return out;
}

Value encode_transitions(const std::vector<Transition>& all) {
  Value::Array out;
  for (const Transition& one : all) {
    const auto spread = [&](double mean, double sigma) {
      return Builder()
          .put("mean", measure(mean, one.unit))
          .put("sigma", measure(sigma, one.unit))
          .take();
    };
    out.push_back(Builder()
                      .put("from", one.from)
                      .put("to", one.to)
                      .put("in", one.in)
                      .put("when", one.rising ? "rising" : "falling")
                      .put("at", spread(one.at, one.at_sigma))
                      .put("width", spread(one.width, one.width_sigma))
                      .take());
  }
  return out;
}

Value encode_potential(const Model& model) {
  if (model.potentials.size() == 1 && model.potential.empty()) return model.potentials.front();
  return Builder()
      .put("any_of", encode_texts(model.potentials))
      .text("use", model.potential)
      .take();
}

Value encode_ensemble(const Model& model) {
  Builder temperature;
  if (model.temperature_from_measurement) temperature.put("from", "measurement");
  if (model.temperature) temperature.put("value", measure(*model.temperature, "K"));
  if (model.temperature_sigma != 0) temperature.put("sigma", measure(model.temperature_sigma, "K"));
  Builder inner;
  inner.put("temperature", temperature.take());
  if (model.pressure_bar)
    inner.put("pressure", measure(*model.pressure_bar, "bar")).put("coupling", model.coupling);
  return Builder()
      .put(model.pressure_bar ? "npt" : "nvt", inner.take())
      .put("zero_point", model.zero_point)
      .take();
}

Value encode_free(const Model& model) {
  Builder out;
  for (const FreeParameter& parameter : model.free) {
    const std::string unit =
        model.structure.none() ? parameter.unit : unit_of_parameter(parameter.name);
    Builder entry;
    entry.put("start", measure(parameter.value, unit));
    entry.put("bounds",
              Value::Array{measure(parameter.lower, unit), measure(parameter.upper, unit)});
    if (parameter.prior_mean && parameter.prior_sigma)
      entry.put("prior", Builder()
                             .put("mean", measure(*parameter.prior_mean, unit))
                             .put("sigma", measure(*parameter.prior_sigma, unit))
                             .take());
    entry.text("move", parameter.move);
    out.put(parameter.name, entry.take());
  }
  return out.take();
}

Value encode_run(const RunLength& run) {
  return Builder()
      .put("replicas", run.replicas)
      .put("equilibrate", run.equilibrate)
      .put("produce", run.produce)
      .put("sample_every", run.sample_every)
      .put("timestep", measure(run.timestep_fs, "fs"))
      .put("friction", measure(run.friction_ps, "ps"))
      .put("barostat", measure(run.barostat_ps, "ps"))
      .put("starts", run.starts)
      .take();
}

/// As one text where it is one.
Value one_or_more(const std::vector<std::string>& all) {
  return all.size() == 1 ? Value(all.front()) : encode_texts(all);
}

Value encode_absorption(const Absorption& absorption) {
  std::vector<std::string> edges = absorption.more_edges;
  edges.insert(edges.begin(), absorption.edge);
  Builder out;
  out.put("edge", one_or_more(edges)).put("rmax", measure(absorption.rmax, "Å"));
  out.put("legs", absorption.legs).put("kmax", measure(absorption.kmax, "1/Å"));
  if (absorption.reference_a != 0) out.put("reference_a", measure(absorption.reference_a, "Å"));
  return out.put("multiple_scattering", absorption.multiple_scattering).take();
}

/// In per cent where that reads back exactly, else as a fraction.
Value encode_relative(double fraction) {
  const double percent = fraction * 100;
  for (const double candidate : {std::round(percent * 1e6) / 1e6, percent,
                                 std::nextafter(percent, 0.0), std::nextafter(percent, 1e9)})
    if (candidate / 100 == fraction) return measure(candidate, "%");
  return Builder().put("fraction", fraction).take();
}

Value encode_allowances(const std::map<std::string, Allowance>& all) {
  Builder out;
  for (const auto& [name, allowance] : all)
    out.put(name, allowance.relative ? encode_relative(allowance.value)
                                     : measure(allowance.value, allowance.unit));
  return out.take();
}

Value encode_history(const std::vector<Evaluation>& history) {
  Value::Array out;
  for (const Evaluation& evaluation : history) {
    Builder parameters;
    for (const auto& [name, value] : evaluation.parameters) parameters.put(name, value);
    Builder entry;
    entry.text("alternative", evaluation.alternative).some("parameters", parameters.take());
    entry.some("quantities", encode_quantities(evaluation.quantities));
    entry.some("covariance", encode_covariance(evaluation.covariance));
    entry.some("jacobian", encode_jacobian(evaluation.jacobian)).put("seed", evaluation.seed);
    entry.put("confirmation", evaluation.confirmation).put("at_bound", evaluation.at_bound);
    entry.put("equilibrated", evaluation.equilibrated)
        .text("state", evaluation.state)
        .text("ensemble", evaluation.ensemble);
    out.push_back(entry.take());
  }
  return out;
}

}  // namespace

Value encode_model(const Model& model) {
  Builder out;
  out.put("format", "twin-model/1").put("name", model.name);
  const bool of_atoms = !model.structure.none();
  if (of_atoms) out.put("structure", encode_structure(model.structure).take());
  out.some("alternatives", encode_alternatives(model.alternatives));
  out.text("alternative", model.alternative);
  out.some("phases", encode_phases(model.phases));
  out.some("transitions", encode_transitions(model.transitions));
  out.put("potential", encode_potential(model));
  if (of_atoms || model.temperature || model.temperature_from_measurement)
    out.put("ensemble", encode_ensemble(model));
  out.some("free", encode_free(model)).put("run", encode_run(model.run));
  if (!model.absorption.edge.empty()) out.put("absorption", encode_absorption(model.absorption));
  out.some("fit_to", encode_texts(model.fit_to)).some("hold_back", encode_texts(model.hold_back));
  out.some("tolerance", encode_allowances(model.tolerance));
  out.some("discrepancy", encode_allowances(model.discrepancy));
  out.some("measure_with", one_or_more(model.measure_with));
  out.put("budget", model.budget).put("seed", model.seed);
  out.text("written_by", model.written_by);
  out.some("history", encode_history(model.history));
  return out.take();
}

}  // namespace twin::stream
