// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

namespace twin::store {

/// The first line of a journal. Each further line is
///
///     SEQUENCE CRC JSON
///
/// SEQUENCE from 1, rising; CRC the CRC-32C of `SEQUENCE JSON` in 8 hexadecimal digits.
inline constexpr std::string_view journal_header = "twinline-journal 1\n";

/// Longest record, bytes.
inline constexpr std::size_t longest_record = std::size_t{64} << 20;

/// Where a record's JSON lies in the file.
struct JournalEntry {
  std::int64_t sequence = 0;
  std::uint64_t offset = 0;
  std::size_t length = 0;
};

/// What a journal holds. A write that was cut short leaves a last line without its end: that, and
/// nothing else, is a torn tail and may be cut. A whole line whose checksum does not agree was
/// damaged later; it stays where it is, for people to look at, and is left out.
struct JournalScan {
  std::vector<JournalEntry> entries;
  std::uint64_t whole = 0;  ///< bytes up to the last line end: what is behind is a torn tail
  std::uint64_t size = 0;   ///< bytes in all
  std::vector<std::string> warnings;  ///< of whole lines that are wrong
};

/// Looks through \p in, which begins at byte \p from of the file and behind record \p sequence.
/// \p from 0 reads the header, too. Holds one line of at most `longest_record` bytes.
/// \throws Error{data}  it is no journal, or one of a later version
[[nodiscard]] JournalScan scan_journal(std::istream& in, const std::string& name,
                                       std::uint64_t from = 0, std::int64_t sequence = 0);

/// A record's line, line end included.
[[nodiscard]] std::string journal_line(std::int64_t sequence, std::string_view json);

/// The file, open. Opened for writing it is locked (flock) until it goes, and its tail repaired.
class Journal {
 public:
  enum class Mode { read, write };

  /// \throws Error{no_input} missing (read); Error{try_again} locked; Error{cannot_create};
  ///         Error{output}; Error{data} no journal
  Journal(std::string path, Mode mode);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// One write(). Whatever fails, the file ends with the last whole record again.
  /// \return  the record's sequence   \throws Error{output}, Error{data} too long
  std::int64_t append(std::string_view json);
  void sync();  ///< \throws Error{output}

  /// Opened for reading: takes in what was written since. Else nothing.
  void refresh();
  [[nodiscard]] std::string json(const JournalEntry& entry) const;

  [[nodiscard]] const std::vector<JournalEntry>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] std::size_t recovered_bytes() const { return recovered_; }
  [[nodiscard]] bool writable() const { return mode_ == Mode::write; }
  [[nodiscard]] std::int64_t last_sequence() const { return sequence_; }

 private:
  [[noreturn]] void fail(const std::string& what, int error);
  void lock();
  void recover();
  void take(JournalScan scan);

  std::string path_, name_;
  Mode mode_;
  int file_ = -1;
  bool broken_ = false;  ///< the file's state is not known: no more is written
  std::vector<JournalEntry> entries_;
  std::vector<std::string> warnings_;
  std::uint64_t end_ = 0;
  std::int64_t sequence_ = 0;
  std::size_t recovered_ = 0;
};

/// \p path's folder is synced: a file that was made or renamed in it stays after a power loss.
/// \throws Error{output}
void sync_folder_of(const std::string& path);

}  // namespace twin::store
