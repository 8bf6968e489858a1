// SPDX-License-Identifier: GPL-3.0-or-later
// twin-model(5), from the document.
#include <algorithm>

#include "core/text.h"
#include "core/units.h"
#include "stream/document.h"
#include "stream/documents.h"
#include "stream/model_free.h"
#include "stream/model_structure.h"
#include "stream/model_transitions.h"
#include "stream/model_units.h"
#include "stream/parts.h"

namespace twin::stream {

using namespace record;

namespace {

/// What would reach an engine as its own language: a line `shell rm` in it would run.
const std::vector<std::string> raw_input = {
    "script",  "shell",    "lammps",     "gromacs",    "engine", "command",  "commands", "input",
    "include", "run_file", "pair_style", "pair_coeff", "fix",    "variable", "python",   "plugin"};

void refuse_raw_input(const Fields& fields, const Value& value) {
  if (value.is_array())
    for (const Value& item : value.array()) refuse_raw_input(fields, item);
  if (!value.is_object()) return;
  for (const auto& [key, item] : value.object()) {
    if (std::ranges::find(raw_input, lower(key)) != raw_input.end())
      fields.fail(key, "raw engine input is not accepted; a model holds typed values only", &item);
    refuse_raw_input(fields, item);
  }
}

/// Without one the model is the engine's own affair, and what is said of atoms has no place.
void decode_structures(Fields& fields, const std::string& document, Model& out) {
  const bool of_atoms =
      fields.find("alternatives") || fields.find("phases") || fields.find("absorption");
  if (of_atoms) fields.need("structure");
  if (fields.find("structure"))
    out.structure = decode_structure(fields.inside("structure"), document);
  decode_alternatives(fields, document, out);
  decode_phases(fields, document, out);
}

/// A name alone, or {any_of: [...], use: NAME}.
void decode_potential(Fields& fields, Model& out) {
  if (out.structure.none() && !fields.find("potential")) {
    out.potentials = {out.name};
    return;
  }
  const Value& value = fields.need("potential");
  if (!value.is_object()) {
    out.potentials = {fields.identifier("potential")};
    return;
  }
  Fields inner = fields.inside("potential", value);
  inner.need("any_of");
  out.potentials = inner.identifiers("any_of");
  for (const std::string& name : out.potentials)
    if (name.find_first_of("/:@") != std::string::npos || name.starts_with('.'))
      inner.fail("any_of", "\"" + name + "\" is no name; letters, digits and _.+- are");
  if (out.potentials.empty()) inner.fail("any_of", "is empty");
  out.potential = inner.identifier("use");
  if (!out.potential.empty() &&
      std::ranges::find(out.potentials, out.potential) == out.potentials.end())
    inner.fail("use",
               out.potential + " is none of any_of" + perhaps(out.potential, out.potentials));
  inner.refuse_rest();
}

void decode_temperature(Fields& nvt, Model& out) {
  const Value& value = nvt.need("temperature");
  if (!value.is_object()) {
    out.temperature = nvt.measure("temperature", "K");
  } else {
    Fields fields = nvt.inside("temperature", value);
    const std::string from = choice(fields, "from", "model", {"model", "measurement"});
    out.temperature_from_measurement = from == "measurement";
    out.temperature = fields.measure("value", "K");
    out.temperature_sigma = fields.difference("sigma", "K").value_or(0);
    if (out.temperature_sigma < 0) fields.fail("sigma", "is negative");
    if (!out.temperature && !out.temperature_from_measurement) fields.fail("value", "is missing");
    fields.refuse_rest();
  }
  if (out.temperature) positive(nvt, "temperature", *out.temperature);
}

/// Constant volume, or constant pressure: one of them.
void decode_ensemble(Fields fields, Model& out) {
  const bool pressure = fields.find("npt") != nullptr;
  if (pressure && fields.find("nvt") != nullptr)
    fields.fail("npt", "stands beside nvt; expected one");
  Fields inner = fields.inside(pressure ? "npt" : "nvt");
  decode_temperature(inner, out);
  if (pressure) {
    out.pressure_bar = inner.measure("pressure", "bar").value_or(0);
    out.coupling = choice(inner, "coupling", out.coupling, {"iso", "aniso"});
  }
  inner.refuse_rest();
  out.zero_point = choice(fields, "zero_point", out.zero_point, {"none", "einstein"});
  fields.refuse_rest();
}

RunLength decode_run(Fields fields) {
  constexpr int many = 1'000'000'000;
  RunLength out;
  out.replicas = fields.whole("replicas", out.replicas, 1, 1000);
  out.equilibrate = fields.whole("equilibrate", out.equilibrate, 0, many);
  out.produce = fields.whole("produce", out.produce, 1, many);
  out.sample_every = fields.whole("sample_every", out.sample_every, 1, many);
  out.timestep_fs =
      positive(fields, "timestep", fields.measure("timestep", "fs").value_or(out.timestep_fs));
  out.friction_ps =
      positive(fields, "friction", fields.measure("friction", "ps").value_or(out.friction_ps));
  out.barostat_ps =
      positive(fields, "barostat", fields.measure("barostat", "ps").value_or(out.barostat_ps));
  out.starts = fields.whole("starts", out.starts, 1, 2);
  fields.refuse_rest();
  return out;
}

/// A text, or a list of them, none twice.
std::vector<std::string> one_or_more(Fields& fields, std::string_view key, const Value& value) {
  if (!value.is_array()) return {fields.need_text(key)};
  const std::vector<std::string> out = fields.texts(key);
  if (out.empty()) fields.fail(key, "is an empty list", &value);
  for (const std::string& text : out)
    if (text.empty() || std::ranges::count(out, text) > 1)
      fields.fail(key, text.empty() ? "one is empty" : text + " stands twice", &value);
  return out;
}

Absorption decode_absorption(Fields fields) {
  Absorption out;
  out.more_edges = one_or_more(fields, "edge", fields.need("edge"));
  out.edge = out.more_edges.front();
  out.more_edges.erase(out.more_edges.begin());
  out.rmax = positive(fields, "rmax", fields.measure("rmax", "Å", true).value_or(out.rmax));
  out.legs = fields.whole("legs", out.legs, 2, 6);
  out.kmax = positive(fields, "kmax", fields.measure("kmax", "1/Å", true).value_or(out.kmax));
  const auto short_name = fields.measure("reference", "Å");
  out.reference_a = fields.measure("reference_a", "Å").value_or(short_name.value_or(0));
  if (out.reference_a < 0) fields.fail("reference_a", "is negative");
  out.multiple_scattering = choice(fields, "multiple_scattering", out.multiple_scattering,
                                   {"ideal-lattice", "sampled-frames", "none"});
  fields.refuse_rest();
  return out;
}

Allowance decode_allowance(const Fields& fields, const std::string& name, const Value& value) {
  Allowance out;
  if (value.is_object()) {  // what no decimal percentage gives exactly
    Fields inner = fields.inside(name, value);
    out.value = inner.need_number("fraction");
    out.relative = true;
    inner.refuse_rest();
  } else if (value.is_number()) {
    out.unit = unit_of_quantity(name).value_or("");
    out.value = fields.measure_of(name, value, out.unit, false);
  } else {
    try {
      const Measure measure = parse_measure(value.string());
      out.relative = measure.unit == "%";
      out.unit = out.relative ? "" : unit_of_quantity(name).value_or(measure.unit);
      out.value = out.relative ? measure.value / 100
                               : convert(measure.value, measure.unit, out.unit) -
                                     convert(0, measure.unit, out.unit);
    } catch (const Error& error) {
      fields.fail(name, error.what(), &value);
    }
  }
  if (out.value < 0) fields.fail(name, "is negative", &value);
  return out;
}

std::map<std::string, Allowance> decode_allowances(Fields& fields, std::string_view key) {
  std::map<std::string, Allowance> out;
  const Value* found = fields.find(key);
  if (found == nullptr) return out;
  const Fields inner = fields.inside(key, *found);
  for (const auto& [name, value] : found->object())
    out.emplace(inner.check_identifier(name, Value(name)), decode_allowance(inner, name, value));
  return out;
}

Evaluation decode_evaluation(Fields fields) {
  Evaluation out;
  if (const Value* found = fields.find("alternative"))
    out.alternative = fields.check_identifier("alternative", *found);
  if (const Value* found = fields.find("parameters")) {
    const Fields inner = fields.inside("parameters", *found);
    for (const auto& [name, value] : found->object())
      out.parameters.emplace(name, inner.measure_of(name, value, "", true));
  }
  out.quantities = decode_quantities(fields, "quantities");
  out.covariance = decode_covariance(fields, "covariance");
  out.jacobian = decode_jacobian(fields, "jacobian");
  out.seed = fields.integer("seed").value_or(0);
  out.confirmation = fields.boolean("confirmation", false);
  out.at_bound = fields.boolean("at_bound", false);
  out.equilibrated = fields.boolean("equilibrated", true);
  out.ensemble = fields.text("ensemble");
  out.state = fields.text("state");
  fields.refuse_rest();
  return out;
}

void decode_history(Fields& fields, Model& out) {
  if (const Value* list = fields.find("history")) {
    if (!list->is_array()) fields.fail("history", "expected a list", list);
    for (const Value& item : list->array())
      out.history.push_back(decode_evaluation(fields.inside("history", item)));
  }
  out.written_by = fields.text("written_by");
}

}  // namespace

Model decode_model(const Value& document, const std::string& name) {
  const Place place{name, Cause::configuration};
  Fields fields(document, place);
  check_document(fields, "twin-model/1");
  refuse_raw_input(fields, document);
  Model out;
  fields.need("name");
  out.name = fields.identifier("name");
  decode_structures(fields, name, out);
  decode_transitions(fields, out);
  decode_potential(fields, out);
  if (!out.structure.none() || fields.find("ensemble"))
    decode_ensemble(fields.inside("ensemble"), out);
  if (const Value* found = fields.find("free"))
    out.free = decode_all_free(fields.inside("free", *found), out);
  if (const Value* found = fields.find("run")) out.run = decode_run(fields.inside("run", *found));
  if (const Value* found = fields.find("absorption"))
    out.absorption = decode_absorption(fields.inside("absorption", *found));
  if (!out.phases.empty() && out.absorption.edge.empty())
    fields.fail("phases", "are told apart by what they absorb; expected absorption too");
  out.fit_to = fields.identifiers("fit_to");
  out.hold_back = fields.identifiers("hold_back");
  for (const std::string& held : out.hold_back)
    if (std::ranges::find(out.fit_to, held) != out.fit_to.end())
      fields.fail("hold_back", held + " is in fit_to too");
  out.tolerance = decode_allowances(fields, "tolerance");
  out.discrepancy = decode_allowances(fields, "discrepancy");
  if (const Value* found = fields.find("measure_with"); found && !(*found == Value("")))
    for (const std::string& recipe : one_or_more(fields, "measure_with", *found))
      out.measure_with.push_back(beside(name, recipe));
  out.budget = fields.whole("budget", out.budget, 1, 1'000'000);
  out.seed = fields.integer("seed").value_or(out.seed);
  decode_history(fields, out);
  fields.refuse_rest();
  return out;
}

Model read_model(const std::string& path) { return decode_model(load_document(path), path); }

}  // namespace twin::stream
