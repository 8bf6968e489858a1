// SPDX-License-Identifier: GPL-3.0-or-later
// How a Watch looks at files of which no event tells.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <tuple>

#include "core/descriptor.h"
#include "core/time.h"
#include "process/confine.h"
#include "sources/watch_state.h"

namespace twin::sources {

namespace {

/// Still as it is, a file may have somebody who measures slowly.
bool has_writer(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  return file.open() && process::writer_of(file.number()) == process::Writer::some;
}

}  // namespace

/// Events were dropped.
void Watch::State::look_anew() {
  for (Folder& folder : folders) {
    note(folder, "events were dropped: all files are looked at");
    folder.due = 0;
  }
  for (auto& [path, file] : moving) file.still = std::min(file.still, settings.still_seconds);
}

void Watch::State::look_at_moving() {
  const double now = monotonic_seconds();
  if (now < look_due) return;
  look_due = now + settings.poll_seconds;
  std::vector<std::pair<std::string, Moving>> done;
  for (auto file = moving.begin(); file != moving.end();) {
    auto& [path, state] = *file;
    const auto is = state_of(path);
    if (!is) {
      file = moving.erase(file);
      continue;
    }
    if (*is != state.last) {
      state.last = *is;
      state.since = now;
      state.told = false;
    }
    if (now - state.since >= state.still && has_writer(path))
      state.since = now;
    else if (now - state.since >= state.still)
      done.emplace_back(path, state);
    else if (!std::exchange(state.told, true))
      changes.push_back({path, false});
    ++file;
  }
  for (const auto& [path, state] : done) whole(path, state.last, state.again);
}

void Watch::State::begin_look(Folder& folder) {
  folder.end_look();
  folder.look = ::opendir(folder.path.c_str());
  if (folder.look == nullptr) return lost(folder);
  if (!std::exchange(folder.gone, false)) return;
  set_watch(folder);
  note(folder, "it is there again");
}

/// A portion, so that events are seen between two.
void Watch::State::go_on_looking(Folder& folder) {
  for (int portion = 0; portion < 500; ++portion) {
    errno = 0;
    const dirent* entry = ::readdir(folder.look);
    if (entry != nullptr) {
      look_at(folder, entry->d_name);
      continue;
    }
    if (errno != 0) note(folder, std::strerror(errno));
    folder.end_look();
    folder.due =
        monotonic_seconds() + (folder.watch >= 0 ? settings.rescan_seconds : settings.poll_seconds);
    std::ranges::sort(folder.found, {}, [](const auto& one) {
      return std::tuple(one.second.modified_ns, one.first);
    });
    for (const auto& [path, state] : std::exchange(folder.found, {}))
      if (has_writer(path))
        moving[path] = {state, monotonic_seconds(), longest_still()};
      else
        whole(path, state);
    return;
  }
}

void Watch::State::look_at(Folder& folder, const char* name) {
  const std::string path = folder.path + "/" + name;
  if (ignored(path, name) || moving.contains(path)) return;
  const auto state = state_of(path);
  if (!state || told.contains(state->key(path))) return;
  // By the clock of the machine that wrote it, so a file that seems young may be old as well.
  const double age =
      static_cast<double>(std::time(nullptr)) - 1e-9 * static_cast<double>(state->modified_ns);
  if (age > settings.still_seconds + 1)
    folder.found.emplace_back(path, *state);
  else
    moving[path] = {*state, monotonic_seconds(), longest_still()};
}

void Watch::State::lost(Folder& folder) {
  folder.end_look();
  folder.watch = -1;
  folder.due = monotonic_seconds() + settings.poll_seconds;
  if (!std::exchange(folder.gone, true)) note(folder, "the folder has gone; it is waited for");
}

}  // namespace twin::sources
