// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "core/descriptor.h"

namespace twin::store {

/// The first line of a journal. Each further line is
///
///     SEQUENCE CRC JSON
///
/// SEQUENCE from 1, rising; CRC the CRC-32C of `SEQUENCE JSON` in 8 hexadecimal digits.
inline constexpr std::string_view journal_header = "twinline-journal 1\n";

/// Longest record, bytes.
inline constexpr std::size_t longest_record = std::size_t{64} << 20;

/// A record, and where its line lies in the file.
struct JournalEntry {
  std::int64_t sequence = 0;
  std::uint64_t begin = 0, end = 0;  ///< bytes; the line end is the last
};

/// What a journal holds. A write that was cut short leaves a last line without its end: that, and
/// nothing else, is a torn tail and may be cut. A whole line whose checksum does not agree was
/// damaged later; it stays where it is, for people to look at, and is left out.
struct JournalScan {
  std::uint64_t whole = 0;  ///< bytes up to the last line end: what is behind is a torn tail
  std::uint64_t size = 0;   ///< bytes in all
  std::vector<std::string> warnings;  ///< of whole lines that are wrong
};

/// What is done with a record that is found; false: look no further.
using JournalVisit = std::function<bool(const JournalEntry& entry, std::string_view json)>;

/// Looks through \p in, which begins at byte \p from of the file and behind record \p sequence.
/// \p from 0 reads the header, too. Holds one line of at most `longest_record` bytes.
/// \throws Error{data}  it is no journal, or one of a later version
[[nodiscard]] JournalScan scan_journal(std::istream& in, const std::string& name,
                                       std::uint64_t from, std::int64_t sequence,
                                       const JournalVisit& visit);

/// A record's line, line end included.
[[nodiscard]] std::string journal_line(std::int64_t sequence, std::string_view json);

/// The file, open. Opened for writing it is locked (flock) until it goes, and its tail repaired.
///
/// Of where the records are it remembers a place each 64 kB: memory hardly grows with the journal,
/// and one record is found by reading as much.
class Journal {
 public:
  enum class Mode { read, write };

  /// \throws Error{no_input} missing (read); Error{try_again} locked; Error{cannot_create};
  ///         Error{output}; Error{data} no journal
  Journal(std::string path, Mode mode);
  /// One that is open already, to be read. \param name  for messages
  Journal(Descriptor file, std::string name);
  ~Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// One write(). Whatever fails, the file ends with the last whole record again.
  /// \return  the record's sequence   \throws Error{output}, Error{data} too long
  std::int64_t append(std::string_view json);
  void sync();  ///< \throws Error{output}

  /// Opened for reading: takes in what was written since. Else nothing.
  void refresh();

  /// Calls \p visit for each record behind \p since, in order, until it returns false; also for
  /// those that it appends.  \throws Error{no_input}  the file can't be read any more
  void visit(std::int64_t since,
             const std::function<bool(std::int64_t, const std::string& json)>& visit) const;

  /// \throws Error{no_input}  there is no such record, or it can't be read any more
  [[nodiscard]] std::string json(std::int64_t sequence) const;

  [[nodiscard]] std::size_t size() const { return size_; }  ///< records
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] std::size_t recovered_bytes() const { return recovered_; }
  [[nodiscard]] bool writable() const { return mode_ == Mode::write; }
  [[nodiscard]] std::int64_t last_sequence() const { return sequence_; }

 private:
  [[noreturn]] void fail(const std::string& what, int error);
  bool lock();
  void open();
  void recover();
  std::uint64_t take_in();  ///< what is behind `end_`; returns the bytes of a torn tail
  void note(const JournalEntry& entry);

  std::string path_, name_;
  Mode mode_;
  Descriptor file_;
  bool broken_ = false;  ///< the file's state is not known: no more is written
  /// Behind record `sequence` the line at `offset` begins.
  struct Mark {
    std::int64_t sequence;
    std::uint64_t offset;
  };
  std::vector<Mark> marks_;
  std::size_t size_ = 0;
  std::vector<std::string> warnings_;
  std::uint64_t end_ = 0;
  std::int64_t sequence_ = 0;
  std::size_t recovered_ = 0;
};

}  // namespace twin::store
