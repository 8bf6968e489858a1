// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/file_state.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "core/key_set.h"

namespace twin::sources {

std::uint64_t FileState::key(std::string_view path) const {
  const std::string text =
      std::to_string(inode) + " " + std::to_string(size) + " " + std::to_string(modified_ns) + " ";
  return key_of_text(path, key_of_text(text));
}

std::optional<FileState> state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileState{status.st_ino, static_cast<std::uint64_t>(status.st_size),
                   std::int64_t{1000000000} * status.st_mtim.tv_sec + status.st_mtim.tv_nsec};
}

bool is_temporary(std::string_view name) {
  constexpr std::array<std::string_view, 5> endings{"~", ".part", ".tmp", ".swp", ".lock"};
  return name.empty() || name.front() == '.' ||
         std::ranges::any_of(endings, [&](auto ending) { return name.ends_with(ending); });
}

}  // namespace twin::sources
