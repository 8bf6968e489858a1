// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/nexus_entry.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/text.h"
#include "store/nexus_rows.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::store {

using hdf5::Handle;

namespace {

constexpr std::size_t most_waiting = std::size_t{64} << 20;  // bytes, of all tables together

/// What records of one stack have in common besides their grid.
template <class Kind>
std::string group_of(const Kind& record) {
  return record.technique + '\n' + record.edge + '\n' + word_of(record.origin);
}

/// A stack's data sets and attributes: signal, axes, and that rows are to be drawn as curves.
void create_stack(const Handle& entry, const std::string& path, const Handle& group, Names& names,
                  const Stack& stack, Table& table, std::size_t chunk) {
  const std::string axis = stack.axis.empty() ? "" : names.unique(stack.axis);
  if (!axis.empty())
    hdf5::write_numbers(group, axis, stack.grid.data, {stack.grid.data.size()}, stack.grid.unit,
                        stack.axis);
  table.create(entry, path, names, chunk);
  const std::string plotted = stack.plotted();
  for (const auto& signal : stack.signals) {
    if (signal.name != plotted) continue;
    const std::string written = table.name_of(signal.name);
    hdf5::set_text(hdf5::open_set(group, written), "interpretation", "spectrum");
    hdf5::set_text(group, "signal", written);
    std::vector<std::string> axes(1 + signal.shape.size(), ".");
    axes.front() = "sequence";
    if (!axis.empty()) axes.back() = axis;
    hdf5::set_texts(group, "axes", axes);
    hdf5::set_integer(group, "sequence_indices", 0);
    if (!axis.empty())
      hdf5::set_integer(group, axis + "_indices", static_cast<std::int64_t>(signal.shape.size()));
  }
}

void add_arrays(Row& row, const Stack& stack, const record::Arrays& arrays) {
  for (const auto& signal : stack.signals)
    row.arrays.emplace_back(signal.name, &arrays.at(signal.name).data);
}

}  // namespace

std::vector<std::size_t> NexusEntry::Stacked::of(const std::string& group,
                                                 const record::Arrays& arrays) {
  auto out = stacks.of(group, arrays);
  for (std::size_t i = tables.size(); i < stacks.all().size(); ++i) {
    Table& table = tables.emplace_back();
    for (const auto& signal : stacks.all()[i].signals)
      table.add_array(signal.name, signal.unit, signal.shape);
  }
  return out;
}

NexusEntry::Process& NexusEntry::process_of(const std::string& start) {
  const auto [at, fresh] = by_start_.try_emplace(start, processes_.size());
  if (fresh) processes_.push_back({.name = "process_" + std::to_string(processes_.size() + 1)});
  return processes_[at->second];
}

template <class Use>
void NexusEntry::rows_of(std::int64_t sequence, const std::string& line, const Use& use) {
  record::Value document = stream::parse_json(line, "journal");
  const record::Record record = stream::decode(document);
  const std::string& time = record::header_of(record).time;
  if (!time.empty() && (start_time_.empty() || time < start_time_)) start_time_ = time;
  if (const auto* scan = std::get_if<record::Measurement>(&record))
    rows_of(sequence, std::move(document), *scan, use);
  else
    rows_of(sequence, record, line, use);
}

template <class Use>
void NexusEntry::rows_of(std::int64_t sequence, record::Value document,
                         const record::Measurement& scan, const Use& use) {
  if (record::Value* arrays = document.find("arrays"); arrays && arrays->is_object())
    std::erase_if(arrays->object(), [&](const auto& member) {
      const auto at = scan.arrays.find(member.first);
      return at != scan.arrays.end() && !at->second.data.empty();
    });
  const std::string json = stream::dump_json(document);
  const auto stacks = scans_.of(group_of(scan), scan.arrays);
  for (const std::size_t i : stacks) {
    Row row = row_of(scan, sequence, json);
    add_arrays(row, scans_.stacks.all()[i], scan.arrays);
    use(scans_.tables[i], row);
  }
  // All of its arrays are elsewhere: it is kept with what its program wrote.
  if (stacks.empty()) use(process_of(scan.header.by).lines, row_of(sequence, json));
}

template <class Use>
void NexusEntry::rows_of(std::int64_t sequence, const record::Record& record,
                         const std::string& line, const Use& use) {
  const auto& header = record::header_of(record);
  const auto* start = std::get_if<record::Start>(&record);
  Process& process = process_of(start ? header.id : header.by);
  use(process.lines, row_of(sequence, line));
  if (start) {
    process.tool = start->tool;
    process.version = start->version;
    process.time = header.time;
    process.command = join(start->command, " ");
    if (start->seed) process.seed = std::to_string(*start->seed);
  } else if (const auto* result = std::get_if<record::Result>(&record)) {
    use(process.results, row_of(*result, sequence, true));
    for (const std::size_t i : process.arrays.of(group_of(*result), result->arrays)) {
      Row row = row_of(*result, sequence, false);
      add_arrays(row, process.arrays.stacks.all()[i], result->arrays);
      use(process.arrays.tables[i], row);
    }
  } else if (const auto* state = std::get_if<record::State>(&record)) {
    use(process.states, row_of(*state));
  } else if (const auto* verdict = std::get_if<record::Verdict>(&record)) {
    use(process.verdicts, row_of(*verdict));
  } else if (const auto* event = std::get_if<record::Event>(&record)) {
    use(process.events, row_of(*event));
  }
}

void NexusEntry::count(std::int64_t sequence, const std::string& line) {
  rows_of(sequence, line, [](Table& table, const Row& row) { table.count(row); });
}

void NexusEntry::put(std::int64_t sequence, const std::string& line) {
  rows_of(sequence, line, [this](Table& table, const Row& row) { table.put(entry_, row); });
}

/// Bytes of a chunk: a MiB, or less where there are very many tables.
std::size_t NexusEntry::chunk() const {
  std::size_t sets = 0;
  const auto add = [&](const Stacked& stacked) {
    for (const Table& table : stacked.tables) sets += 2 + table.arrays();
  };
  add(scans_);
  for (const Process& process : processes_) {
    add(process.arrays);
    sets += 10;
  }
  return std::clamp<std::size_t>(most_waiting / std::max<std::size_t>(sets, 1), 512,
                                 std::size_t{1} << 20);
}

void NexusEntry::create(const Handle& root, const std::string& title) {
  entry_ = hdf5::create_group(root, "entry", "NXentry");
  hdf5::write_text(entry_, "title", title);
  if (!start_time_.empty()) hdf5::write_text(entry_, "start_time", start_time_);
  const std::size_t bytes = chunk();
  std::string plot;
  for (std::size_t i = 0; i < scans_.tables.size(); ++i) {
    const Stack& stack = scans_.stacks.all()[i];
    const std::string name = "scans_" + std::to_string(i + 1);
    const Handle group = hdf5::create_group(entry_, name, "NXdata");
    const auto words = split(stack.group, '\n');  // technique, edge, origin
    hdf5::write_text(
        group, "title",
        std::string(words[0]).append(" ").append(words[1]).append(", ").append(words[2]));
    Names names;
    (void)names.unique("title");
    create_stack(entry_, name, group, names, stack, scans_.tables[i], bytes);
    if (plot.empty()) plot = name;
  }
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    const std::string shown = create_process(entry_, processes_[i], i + 1, bytes);
    if (plot.empty() && !shown.empty()) plot = processes_[i].name;
  }
  if (!plot.empty()) hdf5::set_text(entry_, "default", plot);
}

/// \return  the name of what is to be plotted first; "" = nothing
std::string NexusEntry::create_process(const Handle& entry, Process& process, std::size_t number,
                                       std::size_t chunk) {
  const Handle group = hdf5::create_group(entry, process.name, "NXprocess");
  hdf5::write_text(group, "program", process.tool.empty() ? "unknown" : process.tool);
  hdf5::write_text(group, "version", process.version.empty() ? "unknown" : process.version);
  if (!process.time.empty()) hdf5::write_text(group, "date", process.time);
  if (!process.command.empty() || !process.seed.empty()) {
    const Handle parameters = hdf5::create_group(group, "parameters", "NXparameters");
    if (!process.command.empty()) hdf5::write_text(parameters, "command", process.command);
    if (!process.seed.empty()) hdf5::write_text(parameters, "seed", process.seed);
  }
  const std::vector<std::int64_t> index{static_cast<std::int64_t>(number)};
  hdf5::write_integers(group, "sequence_index", index);
  const Handle note = hdf5::create_group(group, "records", "NXnote");
  hdf5::write_text(note, "type",
                   process.lines.rows() == 1 ? "application/json" : "application/x-ndjson");
  const auto create = [&](const std::string& name, Table& table) {
    Names names;
    table.create(entry, process.name + "/" + name, names, chunk);
  };
  create("records", process.lines);
  for (const auto& [name, table] : {std::pair{"results", &process.results},
                                    {"states", &process.states},
                                    {"verdicts", &process.verdicts},
                                    {"events", &process.events}}) {
    if (table->rows() == 0) continue;
    (void)hdf5::create_group(group, name, "NXcollection");
    create(name, *table);
  }
  for (std::size_t i = 0; i < process.arrays.tables.size(); ++i) {
    const std::string name = "results_" + std::to_string(i + 1);
    const Handle data = hdf5::create_group(group, name, "NXdata");
    Names names;
    create_stack(entry, process.name + "/" + name, data, names, process.arrays.stacks.all()[i],
                 process.arrays.tables[i], chunk);
    if (i == 0) hdf5::set_text(group, "default", name);
  }
  return process.arrays.tables.empty() ? "" : "results_1";
}

}  // namespace twin::store
