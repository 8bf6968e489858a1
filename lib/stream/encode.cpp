// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/hash.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"
#include "stream/parts.h"
#include "stream/trajectory_parts.h"

namespace twin::stream {

using namespace record;

namespace {

Value encode_inputs(const std::vector<Input>& inputs) {
  Value::Array out;
  for (const Input& input : inputs)
    out.push_back(Builder().put("name", input.name).text("sha256", input.sha256).take());
  return out;
}

Value encode_pairs(const std::vector<Pair>& pairs) {
  Value::Array out;
  for (const Pair& pair : pairs) {
    Builder b;
    b.put("name", pair.name).text("unit", pair.unit);
    b.put("measured", pair.measured).put("sigma_measured", pair.sigma_measured);
    b.put("simulated", pair.simulated).put("sigma_simulated", pair.sigma_simulated);
    b.put("sigma_random", pair.sigma_random).put("sigma_systematic", pair.sigma_systematic);
    b.put("sigma_model", pair.sigma_model).put("z", pair.z).maybe("tolerance", pair.tolerance);
    b.put("within_tolerance", pair.within_tolerance).put("fitted", pair.fitted);
    if (pair.input) b.put("input", true);
    out.push_back(b.take());
  }
  return out;
}

Value encode_standings(const std::vector<Standing>& standings) {
  Value::Array out;
  for (const Standing& standing : standings) {
    Builder b;
    b.put("alternative", standing.alternative);
    b.put("answer", std::string(wire_name(standing.answer)));
    b.put("chi2", standing.chi2).put("log_odds", standing.log_odds);
    b.put("simulations", standing.simulations).text("reason", standing.reason);
    b.some("parameters", encode_quantities(standing.parameters));
    out.push_back(b.take());
  }
  return out;
}

void put_context(Builder& out, const Context& context) {
  out.text("run", context.run).text("scan", context.scan).text("period", context.period);
  out.text("setup", context.setup).text("sample", context.sample);
  out.some("environment", encode_quantities(context.environment));
  out.text("synthetic", context.synthetic);
}

void put_status(Builder& out, Completeness status, int revision) {
  out.put("status", status == Completeness::final ? "final" : "partial");
  if (revision != 0) out.put("revision", revision);
}

const char* name_of_origin(record::Origin origin) {
  return origin == record::Origin::physical ? "physical" : "digital";
}

void put(Builder& out, const Start& r) {
  out.put("tool", r.tool).put("version", r.version).some("command", encode_texts(r.command));
  out.maybe("seed", r.seed).some("inputs", encode_inputs(r.inputs));
}

void put(Builder& out, const Measurement& r) {
  out.put("origin", name_of_origin(r.origin)).put("technique", r.technique).text("edge", r.edge);
  put_context(out, r.context);
  out.text("source_file", r.source_file).text("source_sha256", r.source_sha256);
  out.text("measured_from", r.measured_from).text("measured_at", r.measured_at);
  out.put("arrays", encode_arrays(r.arrays));
  out.some("columns", encode_texts(r.columns)).some("stored", r.stored);
  put_status(out, r.status, r.revision);
  out.some("warnings", encode_texts(r.warnings));
}

void put(Builder& out, const Result& r) {
  out.put("origin", name_of_origin(r.origin)).put("technique", r.technique).text("edge", r.edge);
  out.text("recipe_name", r.recipe_name).text("recipe_sha256", r.recipe_sha256);
  put_context(out, r.context);
  out.text("measured_at", r.measured_at);
  out.put("quantities", encode_quantities(r.quantities));
  out.some("covariance", encode_covariance(r.covariance));
  out.some("covariance_sys", encode_covariance(r.covariance_sys));
  out.some("jacobian", encode_jacobian(r.jacobian)).some("arrays", encode_arrays(r.arrays));
  out.put("converged", r.converged).some("parameters", r.parameters);
  put_status(out, r.status, r.revision);
  out.some("warnings", encode_texts(r.warnings));
}

void put(Builder& out, const ModelRecord& r) { out.put("model", encode_model(r.model)); }

void put(Builder& out, const State& r) {
  out.text("model", r.model).text("potential", r.potential).text("how", r.how);
  out.text("start", r.start).text("ensemble", r.ensemble);
  out.put("equilibrated", r.equilibrated).text("missing", r.missing).put("n_eff", r.n_eff);
  out.some("parameters", encode_quantities(r.parameters));
  out.some("quantities", encode_quantities(r.quantities));
  out.some("covariance", encode_covariance(r.covariance));
  out.some("jacobian", encode_jacobian(r.jacobian));
  out.some("arrays", encode_arrays(r.arrays));
  put_context(out, r.context);
  out.some("trajectories", encode_trajectories(r.trajectories));
  Value::Array simulated;
  for (const Measurement& measurement : r.simulated) simulated.push_back(encode(measurement));
  out.some("simulated", std::move(simulated));
  out.put("wall_seconds", r.wall_seconds).put("cpu_seconds", r.cpu_seconds);
  out.maybe("seed", r.seed).some("warnings", encode_texts(r.warnings));
}

void put(Builder& out, const Verdict& r) {
  out.put("answer", std::string(wire_name(r.answer))).text("reason", r.reason);
  out.text("model", r.model).text("scan", r.scan).text("alternative", r.alternative);
  out.put("chi2", r.chi2).put("dof", r.dof).maybe("p", r.p);
  out.put("chi2_held_back", r.chi2_held_back).put("dof_held_back", r.dof_held_back);
  out.maybe("p_held_back", r.p_held_back).some("pairs", encode_pairs(r.pairs));
  out.some("unpaired", encode_texts(r.unpaired)).some("standings", encode_standings(r.standings));
  out.some("parameters", encode_quantities(r.parameters));
  out.some("covariance", encode_covariance(r.covariance));
  out.put("run", r.run).put("budget", r.budget);
  out.some("unresolved", encode_texts(r.unresolved));
  out.some("unobservable", encode_texts(r.unobservable));
  out.put("confirmed", r.confirmed).put("adequate", r.adequate).text("next", r.next);
  out.put("lag_seconds", r.lag_seconds);
}

void put(Builder& out, const Event& r) {
  out.put("what", r.what).text("first", r.first).text("second", r.second);
  out.some("quantities", encode_quantities(r.quantities));
  out.some("significant", encode_texts(r.significant)).put("p", r.p).text("text", r.text);
}

void put(Builder& out, const Command& r) {
  out.put("sequence", r.sequence).put("mode", r.mode).put("ttl_seconds", r.ttl_seconds);
  out.text("reason", r.reason).some("details", r.details);
}

void put(Builder& out, const Failure& r) {
  out.put("what", r.what).text("source", r.source).put("cause", r.cause);
}

void put(Builder& out, const Gap& r) { out.text("reason", r.reason).put("count", r.count); }

void put(Builder&, const Heartbeat&) {}

void put(Builder& out, const Progress& r) {
  out.text("stage", r.stage).put("fraction", r.fraction).text("text", r.text);
}

void put(Builder&, const Cancel&) {}

void put(Builder& out, const End& r) {
  out.put("count", r.count).put("failures", r.failures).put("status", r.status);
}

/// What the id does not depend on: who, when, how fast.
bool is_circumstance(std::string_view key) {
  return key == "id" || key == "by" || key == "time" || key == "request" || key == "lag_seconds" ||
         key == "wall_seconds" || key == "cpu_seconds" || key == "source_file" ||
         key == "measured_from" || key == "measured_at";
}

Value without_circumstances(const Value& document) {
  Value::Object out;
  for (const auto& [key, value] : document.object()) {
    if (is_circumstance(key)) continue;
    if (key == "simulated" && value.is_array()) {
      Value::Array inner;
      for (const Value& item : value.array())
        inner.push_back(item.is_object() ? without_circumstances(item) : item);
      out.emplace_back(key, std::move(inner));
    } else {
      out.emplace_back(key, value);
    }
  }
  return out;
}

}  // namespace

Value encode(const Record& record) {
  const Header& header = header_of(record);
  Builder out;
  out.put("schema", "twin-stream/1").put("kind", std::string(kind_of(record)));
  out.text("id", header.id).text("by", header.by).some("from", encode_texts(header.from));
  out.text("time", header.time).text("request", header.request);
  try {
    std::visit([&](const auto& r) { put(out, r); }, record);
  } catch (const Error& error) {
    throw error.at(kind_of(record));
  }
  if (header.extra.is_object())
    for (const auto& [key, value] : header.extra.object()) out.put(key, value);
  return out.take();
}

std::string content_id(const Value& document) {
  return sha256(canonical_json(without_circumstances(document))).substr(0, 32);
}

}  // namespace twin::stream
