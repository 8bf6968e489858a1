// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus_tables.h"

namespace twin::store {

using hdf5::Handle;

void write_states(const Handle& process, const std::vector<record::State>& states) {
  if (states.empty()) return;
  const Handle group = hdf5::create_group(process, "states", "NXcollection");
  Names names;
  const auto rows = pointers(states);
  write_headers(group, names, rows);
  write_contexts(group, names, rows);
  write_column(group, names, "model", rows, [](const auto& r) { return r.model; });
  write_column(group, names, "potential", rows, [](const auto& r) { return r.potential; });
  write_column(group, names, "how", rows, [](const auto& r) { return r.how; });
  std::vector<std::int64_t> equilibrated;
  for (const auto& state : states) equilibrated.push_back(state.equilibrated ? 1 : 0);
  hdf5::write_integers(group, names.unique("equilibrated"), equilibrated);
  write_quantities(group, names,
                   quantities_of(
                       rows, [](const auto& r) -> auto& { return r.parameters; }));
  write_quantities(group, names,
                   quantities_of(
                       rows, [](const auto& r) -> auto& { return r.quantities; }));
}

void write_verdicts(const Handle& process, const std::vector<record::Verdict>& verdicts) {
  if (verdicts.empty()) return;
  const Handle group = hdf5::create_group(process, "verdicts", "NXcollection");
  Names names;
  const auto rows = pointers(verdicts);
  write_headers(group, names, rows);
  write_column(group, names, "answer", rows,
               [](const auto& r) { return std::string(name_of(r.answer)); });
  write_column(group, names, "scan", rows, [](const auto& r) { return r.scan; });
  write_column(group, names, "alternative", rows, [](const auto& r) { return r.alternative; });
  write_column(group, names, "reason", rows, [](const auto& r) { return r.reason; });
  std::vector<double> chi2;
  std::vector<std::int64_t> dof;
  for (const auto& verdict : verdicts) {
    chi2.push_back(verdict.chi2);
    dof.push_back(verdict.dof);
  }
  hdf5::write_numbers(group, names.unique("chi2"), chi2, {chi2.size()}, "");
  hdf5::write_integers(group, names.unique("dof"), dof);
  write_quantities(group, names,
                   quantities_of(
                       rows, [](const auto& r) -> auto& { return r.parameters; }));
}

void write_events(const Handle& process, const std::vector<record::Event>& events) {
  if (events.empty()) return;
  const Handle group = hdf5::create_group(process, "events", "NXcollection");
  Names names;
  const auto rows = pointers(events);
  write_headers(group, names, rows);
  write_column(group, names, "what", rows, [](const auto& r) { return r.what; });
  write_column(group, names, "first", rows, [](const auto& r) { return r.first; });
  write_column(group, names, "second", rows, [](const auto& r) { return r.second; });
  write_column(group, names, "text", rows, [](const auto& r) { return r.text; });
  write_quantities(group, names,
                   quantities_of(
                       rows, [](const auto& r) -> auto& { return r.quantities; }));
}

}  // namespace twin::store
