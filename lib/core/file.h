// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace twin {

/// The content of \p path.
/// \throws Error{no_input}  missing, a directory, unreadable
/// \throws Error{data}      larger than \p limit bytes
[[nodiscard]] std::string read_file(const std::string& path, std::size_t limit = 256u << 20);

/// The same of a small file that others write: a pipe, a device or a folder of that name is an
/// error, and nothing is waited for.
[[nodiscard]] std::string read_regular_file(const std::string& path, std::size_t limit);

/// Puts \p content into \p path so that a reader sees the old or the new, never half: written aside
/// in the same folder (O_EXCL), synced, renamed, the folder synced. When the content is what is
/// already there, nothing is touched and the time stamp stays.
/// \throws Error{cannot_create} the folder or file can't be made
/// \throws Error{output}        writing or syncing failed; nothing is left behind
void write_file_atomically(const std::string& path, std::string_view content);

/// Renames \p written, a file that is whole, to \p path in the same folder: synced before, the
/// folder after.  \throws Error{output}
void put_in_place(const std::string& written, const std::string& path);

/// Creates \p path with \p content, refusing when it exists. Synced.
/// \throws Error{cannot_create} it exists already, or can't be made; Error{output} writing failed
void create_file(const std::string& path, std::string_view content);

/// A folder of its own below $TMPDIR, removed with all that is in it when this goes.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view prefix);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Where shared files lie: $TWINLINE_SHARE, else ../share/twinline beside the program's folder,
/// else ../../../share of a build tree. \p relative is e.g. "schemas/result.json".
/// \throws Error{no_input}  not found in any of them
[[nodiscard]] std::string shared_file(const std::string& relative);

}  // namespace twin
