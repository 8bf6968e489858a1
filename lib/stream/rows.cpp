// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/rows.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"

namespace twin::stream {

using namespace record;

namespace {

Cell number(double value) {
  Cell out;
  out.quantity.emplace();
  out.quantity->value = value;
  return out;
}

Cell number(const std::optional<double>& value) { return value ? number(*value) : Cell{}; }

Cell from(const Quantities& quantities, const std::string& name) {
  const auto found = quantities.find(name);
  return found == quantities.end() ? Cell{} : Cell{{}, found->second};
}

Cell context_cell(const Context& context, const std::string& name) {
  if (name == "run") return {context.run, {}};
  if (name == "scan") return {context.scan, {}};
  if (name == "period") return {context.period, {}};
  if (name == "setup") return {context.setup, {}};
  if (name == "sample") return {context.sample, {}};
  if (name == "synthetic") return {context.synthetic, {}};
  return from(context.environment, name);
}

Cell own_cell(const Result& r, const std::string& name) {
  if (name == "origin") return {r.origin == record::Origin::physical ? "physical" : "digital", {}};
  if (name == "edge") return {r.edge, {}};
  if (name == "status") return {r.status == Completeness::final ? "final" : "partial", {}};
  if (name == "converged") return {r.converged ? "yes" : "no", {}};
  Cell out = from(r.quantities, name);
  return filled(out) ? out : context_cell(r.context, name);
}

Cell own_cell(const Verdict& r, const std::string& name) {
  if (name == "verdict") return {std::string(name_of(r.answer)), {}};
  if (name == "reason") return {r.reason, {}};
  if (name == "scan") return {r.scan, {}};
  if (name == "alternative") return {r.alternative, {}};
  if (name == "chi2") return number(r.chi2);
  if (name == "dof") return number(r.dof);
  if (name == "p") return number(r.p);
  if (name == "chi2_held_back") return number(r.chi2_held_back);
  if (name == "p_held_back") return number(r.p_held_back);
  if (name == "run") return number(r.run);
  if (name == "lag") return number(r.lag_seconds);
  if (Cell out = from(r.parameters, name); filled(out)) return out;
  const auto pair = std::ranges::find(r.pairs, name, &Pair::name);
  if (pair == r.pairs.end()) return {};
  Cell out = number(pair->measured);
  out.quantity->sigma = pair->sigma_measured;
  return out;
}

Cell own_cell(const Event& r, const std::string& name) {
  if (name == "what") return {r.what, {}};
  if (name == "first") return {r.first, {}};
  if (name == "second") return {r.second, {}};
  if (name == "text") return {r.text, {}};
  if (name == "p") return number(r.p);
  if (name == "significant") return {join(r.significant, " "), {}};
  return from(r.quantities, name);
}

Cell own_cell(const Command& r, const std::string& name) {
  if (name == "mode") return {r.mode, {}};
  if (name == "reason") return {r.reason, {}};
  if (name == "sequence") return number(static_cast<double>(r.sequence));
  if (name == "ttl") return number(r.ttl_seconds);
  return {};
}

template <class Kind>
Cell own_cell(const Kind&, const std::string&) {
  return {};
}

void append_names(std::vector<std::string>& out, const Quantities& quantities) {
  for (const auto& [name, quantity] : quantities) out.push_back(name);
}

}  // namespace

bool filled(const Cell& cell) { return cell.quantity.has_value() || !cell.text.empty(); }

bool makes_row(const Record& record) {
  return std::holds_alternative<Result>(record) || std::holds_alternative<Verdict>(record) ||
         std::holds_alternative<Event>(record) || std::holds_alternative<record::Command>(record);
}

Cell cell(const Record& record, const std::string& name) {
  if (name == "time") return {header_of(record).time, {}};
  if (name == "id") return {header_of(record).id, {}};
  if (name == "kind") return {std::string(kind_of(record)), {}};
  return std::visit([&](const auto& r) { return own_cell(r, name); }, record);
}

std::vector<std::string> default_columns(const Record& record) {
  std::vector<std::string> out{"time"};
  if (const auto* result = std::get_if<Result>(&record)) {
    out.emplace_back("scan");
    append_names(out, result->quantities);
  } else if (const auto* verdict = std::get_if<Verdict>(&record)) {
    out.insert(out.end(), {"scan", "verdict", "chi2", "p"});
    append_names(out, verdict->parameters);
  } else if (const auto* event = std::get_if<Event>(&record)) {
    out.insert(out.end(), {"what", "first", "second", "p"});
    append_names(out, event->quantities);
  } else {
    out.insert(out.end(), {"sequence", "mode", "ttl", "reason"});
  }
  return out;
}

bool names_quantity(const std::string& column) {
  static const std::set<std::string> fields = {
      "time",    "id",        "kind",           "run",         "scan",     "period",
      "setup",   "sample",    "synthetic",      "origin",      "edge",     "status",
      "verdict", "reason",    "alternative",    "chi2",        "dof",      "p",
      "lag",     "converged", "chi2_held_back", "p_held_back", "what",     "first",
      "second",  "text",      "significant",    "mode",        "sequence", "ttl"};
  return !fields.contains(column);
}

}  // namespace twin::stream
