// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "record/records.h"
#include "store/hdf5_file.h"
#include "store/stack.h"
#include "store/table.h"

namespace twin::store {

/// The content of /entry. Layout: see nexus.h. All records are seen twice, in the same order: first
/// counted, then put; what is held of them meanwhile does not grow with their number, but with that
/// of grids and programs.
class NexusEntry {
 public:
  /// A record, as its JSON line.
  void count(std::int64_t sequence, const std::string& line);

  /// Makes the group `entry` in \p root, when all were counted.  \throws Error{output}
  void create(const hdf5::Handle& root, const std::string& title);

  void put(std::int64_t sequence, const std::string& line);

  /// Lets go of the file.
  void close() { entry_ = {}; }

 private:
  /// Records that have their arrays over one grid each.
  struct Stacked {
    Stacks stacks;
    std::vector<Table> tables;  ///< one a stack

    /// The stacks of a record's arrays; those that are new get a table.
    std::vector<std::size_t> of(const std::string& group, const record::Arrays& arrays);
  };
  /// What one program wrote.
  struct Process {
    std::string name;  ///< in the file
    std::string tool{}, version{}, time{}, command{}, seed{};
    Table lines{}, results{}, states{}, verdicts{}, events{};
    Stacked arrays{};  ///< of the results
  };
  /// Calls \p use(table, row) with each row that a record is.
  template <class Use>
  void rows_of(std::int64_t sequence, const std::string& line, const Use& use);
  template <class Use>
  void rows_of(std::int64_t sequence, record::Value document, const record::Measurement& scan,
               const Use& use);
  template <class Use>
  void rows_of(std::int64_t sequence, const record::Record& record, const std::string& line,
               const Use& use);
  Process& process_of(const std::string& start);
  [[nodiscard]] std::size_t chunk() const;
  std::string create_process(const hdf5::Handle& entry, Process& process, std::size_t number,
                             std::size_t chunk);

  Stacked scans_;
  std::vector<Process> processes_;
  std::map<std::string, std::size_t> by_start_;  ///< number of the process by its start record's id
  std::string start_time_;
  hdf5::Handle entry_;
};

}  // namespace twin::store
