// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "record/records.h"
#include "store/hdf5_file.h"
#include "store/stack.h"

namespace twin::store {

/// The content of /entry, collected from the records and then written. Layout: see nexus.h.
class NexusEntry {
 public:
  /// A record, as its JSON line.
  void add(std::int64_t sequence, const std::string& line);

  /// Writes the group `entry` into \p root.  \throws Error{output}
  void write(const hdf5::Handle& root, const std::string& title) const;

 private:
  /// A measurement without its arrays, which are in the stacks.
  struct Scan {
    std::int64_t sequence = 0;
    std::string json;  ///< the record without the arrays that it holds
    record::Measurement measurement;
  };
  /// What one program wrote.
  struct Process {
    std::string tool, version, time, command, seed;
    std::vector<std::string> lines;
    std::vector<record::Result> results;
    std::vector<record::State> states;
    std::vector<record::Verdict> verdicts;
    std::vector<record::Event> events;
    Stacks stacks;  ///< of the results' arrays
  };

  void add_measurement(std::int64_t sequence, record::Value document, record::Measurement scan);
  void add_other(const record::Record& record, const std::string& line);
  Process& process_of(const std::string& start);

  void write_scans(const hdf5::Handle& entry, const Stack& stack, const std::string& name) const;
  static void write_process(const hdf5::Handle& entry, const Process& process, std::size_t number);
  static void write_results(const hdf5::Handle& group, const Process& process);

  std::vector<Scan> scans_;
  Stacks stacks_;
  std::vector<Process> processes_;
  std::map<std::string, std::size_t> by_start_;  ///< number of the process by its start record's id
  std::string start_time_;
};

}  // namespace twin::store
