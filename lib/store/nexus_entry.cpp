// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus_entry.h"

#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "store/nexus_tables.h"
#include "store/quantity_table.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::store {

using hdf5::Handle;

namespace {

const char* word_of(record::Origin origin) {
  return origin == record::Origin::physical ? "physical" : "digital";
}

/// What records of one stack have in common besides their grid.
template <class Kind>
std::string group_of(const Kind& record) {
  return record.technique + '\n' + record.edge + '\n' + word_of(record.origin);
}

/// A stack's arrays and its attributes: signal, axes, and that rows are to be drawn as curves.
void write_stack(const Handle& group, Names& names, const Stack& stack) {
  const std::string axis = stack.axis.empty() ? "" : names.unique(stack.axis);
  if (!axis.empty())
    hdf5::write_numbers(group, axis, stack.grid.data, {stack.grid.data.size()}, stack.grid.unit,
                        stack.axis);
  const std::string plotted = stack.plotted();
  for (const auto& [name, signal] : stack.signals) {
    std::vector<std::size_t> shape{stack.members.size()};
    shape.insert(shape.end(), signal.shape.begin(), signal.shape.end());
    const std::string written = names.unique(name);
    const Handle set = hdf5::write_numbers(group, written, signal.data, shape, signal.unit, name);
    if (name != plotted) continue;
    hdf5::set_text(set, "interpretation", "spectrum");
    hdf5::set_text(group, "signal", written);
    std::vector<std::string> axes(shape.size(), ".");
    if (!axis.empty()) axes.back() = axis;
    hdf5::set_texts(group, "axes", axes);
    if (!axis.empty())
      hdf5::set_integer(group, axis + "_indices", static_cast<std::int64_t>(shape.size()) - 1);
  }
}

template <class Rows>
std::vector<const record::Quantities*> environments(const Rows& rows) {
  std::vector<const record::Quantities*> out;
  for (const auto& row : rows) out.push_back(&row->context.environment);
  return out;
}

}  // namespace

void NexusEntry::add(std::int64_t sequence, const std::string& line) {
  record::Value document = stream::parse_json(line, "journal");
  record::Record record = stream::decode(document);
  const std::string& time = record::header_of(record).time;
  if (!time.empty() && (start_time_.empty() || time < start_time_)) start_time_ = time;
  if (auto* scan = std::get_if<record::Measurement>(&record))
    add_measurement(sequence, std::move(document), std::move(*scan));
  else
    add_other(record, line);
}

void NexusEntry::add_measurement(std::int64_t sequence, record::Value document,
                                 record::Measurement scan) {
  if (record::Value* arrays = document.find("arrays"); arrays && arrays->is_object())
    std::erase_if(arrays->object(), [&](const auto& member) {
      const auto at = scan.arrays.find(member.first);
      return at != scan.arrays.end() && !at->second.data.empty();
    });
  stacks_.add(scans_.size(), group_of(scan), scan.arrays);
  scan.arrays.clear();
  scans_.push_back({sequence, stream::dump_json(document), std::move(scan)});
}

NexusEntry::Process& NexusEntry::process_of(const std::string& start) {
  const auto [at, fresh] = by_start_.try_emplace(start, processes_.size());
  if (fresh) processes_.emplace_back();
  return processes_[at->second];
}

void NexusEntry::add_other(const record::Record& record, const std::string& line) {
  const auto& header = record::header_of(record);
  const auto* start = std::get_if<record::Start>(&record);
  Process& process = process_of(start ? header.id : header.by);
  process.lines.push_back(line);
  if (start) {
    process.tool = start->tool;
    process.version = start->version;
    process.time = header.time;
    process.command = join(start->command, " ");
    if (start->seed) process.seed = std::to_string(*start->seed);
  } else if (const auto* result = std::get_if<record::Result>(&record)) {
    process.stacks.add(process.results.size(), group_of(*result), result->arrays);
    process.results.push_back(*result);
    process.results.back().arrays.clear();
  } else if (const auto* state = std::get_if<record::State>(&record)) {
    process.states.push_back(*state);
    process.states.back().simulated.clear();
  } else if (const auto* verdict = std::get_if<record::Verdict>(&record)) {
    process.verdicts.push_back(*verdict);
  } else if (const auto* event = std::get_if<record::Event>(&record)) {
    process.events.push_back(*event);
  }
}

void NexusEntry::write(const Handle& root, const std::string& title) const {
  const Handle entry = hdf5::create_group(root, "entry", "NXentry");
  hdf5::write_text(entry, "title", title);
  if (!start_time_.empty()) hdf5::write_text(entry, "start_time", start_time_);
  std::string plot;
  for (std::size_t i = 0; i < stacks_.all().size(); ++i) {
    const std::string name = "scans_" + std::to_string(i + 1);
    write_scans(entry, stacks_.all()[i], name);
    if (plot.empty()) plot = name;
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    write_process(entry, processes_[i], i + 1);
    if (plot.empty() && !processes_[i].stacks.all().empty())
      plot = "process_" + std::to_string(i + 1);
  }
  if (!plot.empty()) hdf5::set_text(entry, "default", plot);
}

void NexusEntry::write_scans(const Handle& entry, const Stack& stack,
                             const std::string& name) const {
  const Handle group = hdf5::create_group(entry, name, "NXdata");
  Names names;
  write_stack(group, names, stack);
  std::vector<const record::Measurement*> rows;
  std::vector<std::int64_t> sequences;
  std::vector<std::string> lines;
  for (const std::size_t member : stack.members) {
    rows.push_back(&scans_[member].measurement);
    sequences.push_back(scans_[member].sequence);
    lines.push_back(scans_[member].json);
  }
  const auto& first = *rows.front();
  hdf5::write_text(group, names.unique("title"),
                   first.technique + " " + first.edge + ", " + word_of(first.origin));
  hdf5::write_integers(group, names.unique("sequence"), sequences);
  write_contexts(group, names, rows);
  write_headers(group, names, rows);
  write_column(group, names, "source_file", rows, [](const auto& r) { return r.source_file; });
  write_column(group, names, "measured_at", rows, [](const auto& r) { return r.measured_at; });
  write_column(group, names, "source_sha256", rows, [](const auto& r) { return r.source_sha256; });
  write_quantities(group, names, environments(rows));
  hdf5::write_texts(group, names.unique("record"), lines);
}

void NexusEntry::write_process(const Handle& entry, const Process& process, std::size_t number) {
  const Handle group = hdf5::create_group(entry, "process_" + std::to_string(number), "NXprocess");
  hdf5::write_text(group, "program", process.tool.empty() ? "unknown" : process.tool);
  hdf5::write_text(group, "version", process.version.empty() ? "unknown" : process.version);
  if (!process.time.empty()) hdf5::write_text(group, "date", process.time);
  if (!process.command.empty()) hdf5::write_text(group, "command", process.command);
  if (!process.seed.empty()) hdf5::write_text(group, "seed", process.seed);
  const std::vector<std::int64_t> index{static_cast<std::int64_t>(number)};
  hdf5::write_integers(group, "sequence_index", index);
  const Handle note = hdf5::create_group(group, "records", "NXnote");
  hdf5::write_text(note, "type",
                   process.lines.size() == 1 ? "application/json" : "application/x-ndjson");
  hdf5::write_text(note, "data", join(process.lines, "\n"));
  write_results(group, process);
  write_states(group, process.states);
  write_verdicts(group, process.verdicts);
  write_events(group, process.events);
}

void NexusEntry::write_results(const Handle& group, const Process& process) {
  if (process.results.empty()) return;
  const auto all = pointers(process.results);
  const Handle table = hdf5::create_group(group, "results", "NXcollection");
  Names names;
  write_headers(table, names, all);
  write_contexts(table, names, all);
  write_quantities(table, names,
                   quantities_of(
                       all, [](const auto& r) -> auto& { return r.quantities; }));
  for (std::size_t i = 0; i < process.stacks.all().size(); ++i) {
    const Stack& stack = process.stacks.all()[i];
    const std::string name = "results_" + std::to_string(i + 1);
    const Handle data = hdf5::create_group(group, name, "NXdata");
    Names inside;
    write_stack(data, inside, stack);
    std::vector<const record::Result*> rows;
    for (const std::size_t member : stack.members) rows.push_back(all[member]);
    write_contexts(data, inside, rows);
    write_headers(data, inside, rows);
    if (i == 0) hdf5::set_text(group, "default", name);
  }
}

}  // namespace twin::store
