// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include "stream/codec.h"
#include "stream/decode_parts.h"
#include "stream/documents.h"
#include "stream/parts.h"
#include "stream/trajectory_parts.h"

namespace twin::stream {

using namespace record;

namespace {

record::Origin decode_origin(Fields& fields) {
  return choose<record::Origin, 2>(
      fields, "origin", fields.need_text("origin"),
      {{{"physical", record::Origin::physical}, {"digital", record::Origin::digital}}});
}

Completeness decode_status(Fields& fields) {
  using enum Completeness;
  return choose<Completeness, 2>(fields, "status", fields.text("status", "final"),
                                 {{{"final", Completeness::final}, {"partial", partial}}});
}

Answer decode_answer(Fields& fields) {
  using enum Answer;
  return choose<Answer, 3>(
      fields, "answer", fields.need_text("answer"),
      {{{"match", match}, {"no match", no_match}, {"inconclusive", inconclusive}}});
}

Context decode_context(Fields& fields) {
  Context out;
  out.run = fields.text("run");
  out.scan = fields.text("scan");
  out.period = fields.text("period");
  out.setup = fields.text("setup");
  out.sample = fields.text("sample");
  out.environment = decode_quantities(fields, "environment");
  out.synthetic = fields.text("synthetic");
  return out;
}

constexpr int any_int = 2'000'000'000;

void get(Fields& fields, Start& r) {
  r.tool = fields.need_text("tool");
  r.version = fields.need_text("version");
  r.command = fields.texts("command");
  r.seed = fields.integer("seed");
  each(fields, "inputs", [&](Fields one) {
    r.inputs.push_back({one.need_text("name"), one.text("sha256")});
  });
}

/// What measurements and results have in common.
template <class Taken>
void get_common(Fields& fields, Taken& r) {
  r.origin = decode_origin(fields);
  r.technique = fields.need_text("technique");
  r.edge = fields.text("edge");
  r.context = decode_context(fields);
  r.status = decode_status(fields);
  r.revision = fields.whole("revision", 0, 0, any_int);
  r.warnings = fields.texts("warnings");
}

void get(Fields& fields, Measurement& r) {
  get_common(fields, r);
  r.source_file = fields.text("source_file");
  r.measured_from = fields.text("measured_from");
  r.measured_at = fields.text("measured_at");
  r.source_sha256 = fields.text("source_sha256");
  fields.need("arrays");
  r.arrays = decode_arrays(fields, "arrays");
  r.columns = fields.texts("columns");
  if (const Value* stored = fields.find("stored")) r.stored = *stored;
}

void get(Fields& fields, Result& r) {
  get_common(fields, r);
  r.recipe_sha256 = fields.text("recipe_sha256");
  r.recipe_name = fields.text("recipe_name");
  r.measured_at = fields.text("measured_at");
  fields.need("quantities");
  r.quantities = decode_quantities(fields, "quantities");
  r.covariance = decode_covariance(fields, "covariance");
  r.covariance_sys = decode_covariance(fields, "covariance_sys");
  r.jacobian = decode_jacobian(fields, "jacobian");
  r.arrays = decode_arrays(fields, "arrays");
  r.converged = fields.boolean("converged", true);
  if (const Value* parameters = fields.find("parameters")) r.parameters = *parameters;
}

void get(Fields& fields, ModelRecord& r) {
  try {
    r.model = decode_model(fields.need("model"), "model");
  } catch (const Error& error) {
    throw Error(Cause::data, error.what());
  }
}

void get(Fields& fields, State& r) {
  r.model = fields.text("model");
  r.potential = fields.text("potential");
  r.how = fields.text("how");
  r.start = fields.text("start");
  r.ensemble = fields.text("ensemble");
  fields.need("equilibrated");
  r.equilibrated = fields.boolean("equilibrated", false);
  r.missing = fields.text("missing");
  r.n_eff = fields.number("n_eff", 0);
  r.parameters = decode_quantities(fields, "parameters");
  r.quantities = decode_quantities(fields, "quantities");
  r.covariance = decode_covariance(fields, "covariance");
  r.jacobian = decode_jacobian(fields, "jacobian");
  r.arrays = decode_arrays(fields, "arrays");
  r.context = decode_context(fields);
  r.trajectories = decode_trajectories(fields);
  each(fields, "simulated", [&](const Fields& simulated) {
    if (const Value* kind = simulated.value().find("kind"); !kind || *kind != Value("measurement"))
      simulated.fail("kind", "expected measurement");
    r.simulated.push_back(std::get<Measurement>(decode(simulated.value())));
  });
  r.wall_seconds = fields.number("wall_seconds", 0);
  r.cpu_seconds = fields.number("cpu_seconds", 0);
  r.seed = fields.integer("seed");
  r.warnings = fields.texts("warnings");
}

Pair decode_pair(Fields fields) {
  Pair out;
  out.name = fields.need_text("name");
  out.unit = fields.text("unit");
  out.measured = fields.need_number("measured");
  out.sigma_measured = fields.number("sigma_measured", 0);
  out.simulated = fields.need_number("simulated");
  out.sigma_simulated = fields.number("sigma_simulated", 0);
  out.sigma_random = fields.number("sigma_random", 0);
  out.sigma_systematic = fields.number("sigma_systematic", 0);
  out.sigma_model = fields.number("sigma_model", 0);
  out.z = fields.need_number("z");
  out.tolerance = fields.number("tolerance");
  out.within_tolerance = fields.boolean("within_tolerance", true);
  out.fitted = fields.boolean("fitted", false);
  out.input = fields.boolean("input", false);
  return out;
}

Standing decode_standing(Fields fields) {
  Standing out;
  out.alternative = fields.need_text("alternative");
  out.answer = decode_answer(fields);
  out.chi2 = fields.number("chi2", 0);
  out.log_odds = fields.number("log_odds", 0);
  out.simulations = fields.whole("simulations", 0, 0, any_int);
  out.reason = fields.text("reason");
  out.parameters = decode_quantities(fields, "parameters");
  return out;
}

void get(Fields& fields, Verdict& r) {
  r.answer = decode_answer(fields);
  r.reason = fields.text("reason");
  r.model = fields.text("model");
  r.scan = fields.text("scan");
  r.alternative = fields.text("alternative");
  r.chi2 = fields.number("chi2", 0);
  r.dof = fields.whole("dof", 0, -any_int, any_int);
  r.p = fields.number("p");
  r.chi2_held_back = fields.number("chi2_held_back", 0);
  r.dof_held_back = fields.whole("dof_held_back", 0, -any_int, any_int);
  r.p_held_back = fields.number("p_held_back");
  each(fields, "pairs", [&](const Fields& pair) { r.pairs.push_back(decode_pair(pair)); });
  r.unpaired = fields.texts("unpaired");
  each(fields, "standings", [&](const Fields& f) { r.standings.push_back(decode_standing(f)); });
  r.parameters = decode_quantities(fields, "parameters");
  r.covariance = decode_covariance(fields, "covariance");
  r.run = fields.whole("run", 0, 0, any_int);
  r.budget = fields.whole("budget", 0, 0, any_int);
  r.unresolved = fields.texts("unresolved");
  r.unobservable = fields.texts("unobservable");
  r.confirmed = fields.boolean("confirmed", false);
  r.adequate = fields.boolean("adequate", true);
  r.next = fields.text("next");
  r.lag_seconds = fields.number("lag_seconds", 0);
}

void get(Fields& fields, Event& r) {
  r.what = fields.need_text("what");
  r.first = fields.text("first");
  r.second = fields.text("second");
  r.quantities = decode_quantities(fields, "quantities");
  r.significant = fields.texts("significant");
  r.p = fields.number("p", 1);
  r.text = fields.text("text");
}

void get(Fields& fields, Command& r) {
  fields.need("sequence");
  r.sequence = fields.integer("sequence").value_or(0);
  r.mode = fields.need_text("mode");
  r.ttl_seconds = fields.need_number("ttl_seconds");
  r.reason = fields.text("reason");
  if (const Value* details = fields.find("details")) r.details = *details;
}

void get(Fields& fields, Failure& r) {
  r.what = fields.need_text("what");
  r.source = fields.text("source");
  r.cause = fields.whole("cause", 70, 0, 255);
}

void get(Fields& fields, Gap& r) {
  r.reason = fields.text("reason");
  fields.need("count");
  r.count = fields.integer("count").value_or(0);
}

void get(Fields&, Heartbeat&) {}
void get(Fields&, Cancel&) {}

void get(Fields& fields, Progress& r) {
  r.stage = fields.text("stage");
  r.fraction = fields.number("fraction", 0);
  r.text = fields.text("text");
}

void get(Fields& fields, End& r) {
  r.count = fields.integer("count").value_or(0);
  r.failures = fields.integer("failures").value_or(0);
  fields.need("status");
  r.status = fields.whole("status", 0, 0, 255);
}

/// A record of the kind called \p name, all members at their defaults.
template <std::size_t Index = 0>
std::optional<Record> empty_of_kind(std::string_view name) {
  if constexpr (Index < std::variant_size_v<Record>) {
    Record candidate{std::in_place_index<Index>};
    if (kind_of(candidate) == name) return candidate;
    return empty_of_kind<Index + 1>(name);
  } else {
    return std::nullopt;
  }
}

void check_schema(Fields& fields) {
  const std::string schema = fields.need_text("schema");
  if (schema == "twin-stream/1" || schema.starts_with("twin-stream/1.")) return;
  fields.fail("schema",
              "\"" + printable(schema.substr(0, 60)) + "\"; this program reads twin-stream/1");
}

Header decode_header(Fields& fields) {
  Header out;
  out.id = fields.text("id");
  out.by = fields.text("by");
  out.from = fields.texts("from");
  out.time = fields.text("time");
  out.request = fields.text("request");
  return out;
}

}  // namespace

Record decode(const Value& document) {
  const Place place;
  Fields whole(document, place);
  check_schema(whole);
  const std::string kind = whole.need_text("kind");
  auto out = empty_of_kind(kind);
  if (!out) whole.fail("kind", "unknown kind \"" + printable(kind.substr(0, 60)) + "\"");
  Fields fields(document, place, kind);
  fields.find("schema");
  fields.find("kind");
  header_of(*out) = decode_header(fields);
  std::visit([&](auto& r) { get(fields, r); }, *out);
  header_of(*out).extra = fields.rest();
  return std::move(*out);
}

}  // namespace twin::stream
