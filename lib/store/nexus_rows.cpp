// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus_rows.h"

namespace twin::store {

namespace {

void add_context(Row& row, const record::Context& context) {
  row.cells.insert(row.cells.end(), {{"scan_names", context.scan},
                                     {"run", context.run},
                                     {"period", context.period},
                                     {"setup", context.setup},
                                     {"sample", context.sample},
                                     {"synthetic", context.synthetic}});
}

void add_header(Row& row, const record::Header& header) {
  row.cells.insert(row.cells.end(), {{"id", header.id}, {"time", header.time}});
}

}  // namespace

const char* word_of(record::Origin origin) {
  return origin == record::Origin::physical ? "physical" : "digital";
}

Row row_of(const record::Measurement& scan, std::int64_t sequence, const std::string& json) {
  Row row;
  row.cells.emplace_back("sequence", sequence);
  add_context(row, scan.context);
  add_header(row, scan.header);
  row.cells.insert(row.cells.end(), {{"source_file", scan.source_file},
                                     {"measured_from", scan.measured_from},
                                     {"measured_at", scan.measured_at},
                                     {"source_sha256", scan.source_sha256},
                                     {"record", json}});
  row.quantities = {&scan.context.environment};
  return row;
}

Row row_of(const record::Result& result, std::int64_t sequence, bool quantities) {
  Row row;
  row.cells.emplace_back("sequence", sequence);
  add_header(row, result.header);
  add_context(row, result.context);
  if (quantities) row.quantities = {&result.quantities};
  return row;
}

Row row_of(const record::State& state) {
  Row row;
  add_header(row, state.header);
  add_context(row, state.context);
  row.cells.insert(row.cells.end(), {{"model", state.model},
                                     {"potential", state.potential},
                                     {"how", state.how},
                                     {"equilibrated", std::int64_t{state.equilibrated ? 1 : 0}}});
  row.quantities = {&state.parameters, &state.quantities};
  return row;
}

Row row_of(const record::Verdict& verdict) {
  Row row;
  add_header(row, verdict.header);
  row.cells.insert(row.cells.end(), {{"answer", std::string(name_of(verdict.answer))},
                                     {"scan", verdict.scan},
                                     {"alternative", verdict.alternative},
                                     {"reason", verdict.reason},
                                     {"chi2", verdict.chi2},
                                     {"dof", std::int64_t{verdict.dof}}});
  row.quantities = {&verdict.parameters};
  return row;
}

Row row_of(const record::Event& event) {
  Row row;
  add_header(row, event.header);
  row.cells.insert(row.cells.end(), {{"what", event.what},
                                     {"first", event.first},
                                     {"second", event.second},
                                     {"text", event.text}});
  row.quantities = {&event.quantities};
  return row;
}

Row row_of(std::int64_t sequence, const std::string& line) {
  Row row;
  row.cells = {{"sequence_index", sequence}, {"data", line}};
  return row;
}

}  // namespace twin::store
