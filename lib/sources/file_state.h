// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace twin::sources {

/// A file's state: another one when it was written to.
struct FileState {
  std::uint64_t inode = 0, size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970, by the clock of the machine that wrote it

  bool operator==(const FileState&) const = default;

  /// Of this state of this file, among all: see core/key_set.h.
  [[nodiscard]] std::uint64_t key(std::string_view path) const;
};

/// Nothing where there is no regular file.
[[nodiscard]] std::optional<FileState> state_of(const std::string& path);

/// Hidden, or of a name that programs give to what is not whole yet: `~ .part .tmp .swp .lock`.
[[nodiscard]] bool is_temporary(std::string_view name);

}  // namespace twin::sources
