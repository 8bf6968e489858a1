// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <dirent.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/key_set.h"
#include "core/text.h"
#include "sources/file_state.h"
#include "sources/inotify.h"
#include "sources/watch.h"

namespace twin::sources {

/// A file that may not be whole yet.
struct Moving {
  FileState last;
  double since = 0;    ///< monotonic, s: it has been like this
  double still = 0;    ///< s that it must stay so; infinite while a program of this machine has it
  bool told = false;   ///< that it is like this
  bool again = false;  ///< it is told of though it was before
};

struct Folder {
  std::string path;
  int watch = -1;       ///< of inotify; < 0: looked at
  bool gone = false;    ///< waited for
  double due = 0;       ///< monotonic, s: when all files are looked at again
  DIR* look = nullptr;  ///< under way
  std::vector<std::pair<std::string, FileState>> found{};  ///< by it: old files

  explicit Folder(std::string where) : path(std::move(where)) {}
  ~Folder() { end_look(); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void end_look() {
    if (look != nullptr) ::closedir(std::exchange(look, nullptr));
  }
};

/// What a Watch knows; shared by the files that it is made of.
struct Watch::State {
  WatchSettings settings;
  std::optional<Inotify> inotify;
  std::deque<Folder> folders;
  std::map<std::string, Moving> moving;
  KeySet told;  ///< states of files that were told of as whole
  double look_due = 0;
  std::vector<Change> changes;
  std::vector<std::string> notes;

  void note(const Folder& folder, const std::string& what) {
    notes.push_back(printable(folder.path) + ": " + what);
  }
  [[nodiscard]] bool ignored(const std::string& path, std::string_view name) const {
    return is_temporary(name) || (settings.ignore && settings.ignore(path));
  }

  /// s that a file must stay as it is of which no event tells.
  [[nodiscard]] double longest_still() const {
    return std::max(settings.still_seconds, settings.settle_seconds);
  }

  void set_watch(Folder& folder);
  void whole(const std::string& path, const FileState& state, bool again = false);
  void closed(const std::string& path);
  void written(const std::string& path, double still);
  void take_events();
  void look_anew();
  void look_at_moving();
  void begin_look(Folder& folder);
  void go_on_looking(Folder& folder);
  void look_at(Folder& folder, const char* name);
  void lost(Folder& folder);
  [[nodiscard]] double next_due() const;
};

}  // namespace twin::sources
