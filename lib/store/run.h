// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "record/records.h"

namespace twin::store {

/// What became of a measurement that was handed in.
struct Accepted {
  std::int64_t sequence = 0;  ///< its place in the run, from 1
  std::string id;
  bool duplicate = false;  ///< the same source name and bytes are in the run already
};

/// An earlier state of a scan.
struct Earlier {
  std::string id;
  int revision = 0;
};

/// A line of `--list`.
struct Listing {
  std::int64_t sequence = 0;
  std::string id, kind, scan, period, time;
  std::size_t points = 0;
};

/// A run on disk: `run.nxs` (published NeXus) and beside it `run.nxs.journal`, the truth:
/// append-only, one record a line with its CRC-32C, synced in batches. See journal.h and nexus.h.
///
/// Cost of an append: encoding, one hash, one write(); of sync() an fdatasync; of publish() and
/// list() all records once. HDF5 keeps one thread at a time: publish() and resolve() wait for one
/// another.
class Run {
 public:
  /// Opens for writing; one writer at a time. Recovers: a torn tail is cut, what is whole stays.
  /// \throws Error{try_again} another program writes it; Error{cannot_create} no such folder, or
  ///         \p path is a file without a journal; Error{data} the journal is not one; Error{output}
  static Run open(const std::string& path);

  /// Opens for reading only: no lock, no repair, stops before a torn tail.
  /// \throws Error{no_input}
  static Run read(const std::string& path);

  ~Run();
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;

  /// Appends a record. It is durable only after sync(). A measurement whose run, scan, source bytes
  /// and synthetic label are here already is not stored again; equal bytes of another scan are.
  /// \throws Error{output} the disk is full: the journal is as it was before; Error{data} too long
  Accepted append(const record::Record& record);

  /// The newest state of a scan of a file that has been appended; nothing where there is none, or
  /// the measurement does not say which file it is from.
  [[nodiscard]] std::optional<Earlier> earlier(const record::Measurement& measurement);

  /// All that was appended is on the disk when this returns (fdatasync).
  /// \throws Error{output}
  void sync();

  /// Calls \p visit for each record with sequence > \p since, in order, as the JSON line that was
  /// stored. Of a run opened for reading, also what was written since.
  void replay(std::int64_t since,
              const std::function<void(std::int64_t, const std::string& line)>& visit) const;

  /// The same of records up to \p last.
  void replay(std::int64_t since, std::int64_t last,
              const std::function<void(std::int64_t, const std::string& line)>& visit) const;

  [[nodiscard]] std::vector<Listing> list() const;

  /// Writes the NeXus file anew: aside, synced, renamed. Cheap to call: does nothing unless the
  /// run has grown since.  \throws Error{output} writing failed: the old file stays
  void publish();

  /// The same for a run that another program is writing, of what its journal has by now. One at a
  /// time.
  static void publish_beside(const std::string& path);

  /// Another program has published this run: how far, is looked up anew.
  void was_published();

  /// True when publish() is due: grown by a tenth since the last one.
  [[nodiscard]] bool publish_due() const;

  /// Bytes that were cut from a torn tail at opening; 0 = none.
  [[nodiscard]] std::size_t recovered_bytes() const;

  /// What is wrong within the journal, for people: lines whose checksum does not agree. They are
  /// left where they are and left out of all else.
  [[nodiscard]] const std::vector<std::string>& warnings() const;

  /// The sequence of the last record; 0 = none.
  [[nodiscard]] std::int64_t last_sequence() const;

 private:
  struct State;
  explicit Run(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Fills in the arrays of \p record that are references `FILE::/path[i]`, FILE relative to \p base
/// and inside it; symbolic links, external links and `..` are refused; the SHA-256 is checked.
/// \throws Error{data} a reference is wrong; Error{no_input} the file is missing
void resolve(record::Record& record, const std::string& base);

}  // namespace twin::store
