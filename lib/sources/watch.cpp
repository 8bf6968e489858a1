// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/watch.h"

#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/key_set.h"
#include "core/text.h"
#include "core/time.h"
#include "sources/file_state.h"
#include "sources/inotify.h"

namespace twin::sources {

namespace {

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

}  // namespace

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

  void set_watch(Folder& folder);
  void whole(const std::string& path, const FileState& state, bool again = false);
  void closed(const std::string& path);
  void written(const std::string& path);
  void take_events();
  void look_anew();
  void look_at_moving();
  void begin_look(Folder& folder);
  void go_on_looking(Folder& folder);
  void look_at(Folder& folder, const char* name);
  void lost(Folder& folder);
  [[nodiscard]] double next_due() const;
};

void Watch::State::set_watch(Folder& folder) {
  folder.watch = -1;
  if (settings.how == WatchSettings::How::polling) return;
  const std::string remote = network_file_system(folder.path);
  if (settings.how == WatchSettings::How::automatic && !remote.empty())
    return note(folder, "on " + remote +
                            ", where events of other machines do not arrive: looked "
                            "at every " +
                            shortest(settings.poll_seconds) + " s");
  if (!inotify) inotify.emplace();
  folder.watch = inotify->add(folder.path);
  if (folder.watch >= 0) return;
  const std::string why = std::strerror(errno);
  if (settings.how == WatchSettings::How::events)
    throw Error(Cause::unavailable, printable(folder.path) + ": no events of it: " + why);
  note(folder,
       "no events of it (" + why + "): looked at every " + shortest(settings.poll_seconds) + " s");
}

void Watch::State::whole(const std::string& path, const FileState& state, bool again) {
  moving.erase(path);
  if (told.insert(state.key(path)) || again) changes.push_back({path, true});
}

void Watch::State::closed(const std::string& path) {
  const auto state = state_of(path);
  if (!state) return;
  const auto at = moving.find(path);
  const bool again =
      at != moving.end() && at->second.again;  // also where nothing was written since
  if (settings.settle_seconds <= 0) return whole(path, *state, again);
  moving[path] = {*state, monotonic_seconds(), settings.settle_seconds, true, again};
}

void Watch::State::written(const std::string& path) {
  const auto state = state_of(path);
  if (!state) return;
  Moving& file = moving[path];
  if (file.last != *state) file = {*state, monotonic_seconds()};
  file.still = INFINITY;
}

void Watch::State::take_events() {
  if (!inotify) return;
  for (const FolderEvent& event : inotify->read()) {
    if (event.kind == FolderEvent::Kind::lost) {
      look_anew();
      continue;
    }
    const auto folder = std::ranges::find(folders, event.folder, &Folder::watch);
    if (folder == folders.end()) continue;
    if (event.kind == FolderEvent::Kind::gone) {
      lost(*folder);
      continue;
    }
    const std::string path = folder->path + "/" + event.name;
    if (ignored(path, event.name)) continue;
    if (event.kind == FolderEvent::Kind::closed)
      closed(path);
    else
      written(path);
  }
}

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
    if (now - state.since >= state.still)
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
    for (const auto& [path, state] : std::exchange(folder.found, {})) whole(path, state);
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
    moving[path] = {*state, monotonic_seconds(),
                    std::max(settings.still_seconds, settings.settle_seconds)};
}

void Watch::State::lost(Folder& folder) {
  folder.end_look();
  folder.watch = -1;
  folder.due = monotonic_seconds() + settings.poll_seconds;
  if (!std::exchange(folder.gone, true)) note(folder, "the folder has gone; it is waited for");
}

double Watch::State::next_due() const {
  double due = moving.empty() ? INFINITY : look_due;
  for (const Folder& folder : folders) due = std::min(due, folder.look ? 0 : folder.due);
  return due;
}

Watch::Watch(const std::vector<std::string>& folders, WatchSettings settings)
    : state_(std::make_unique<State>()) {
  state_->settings = std::move(settings);
  for (std::string path : folders) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
      throw Error(Cause::no_input, printable(path) + ": no such folder; one to watch is expected");
    state_->folders.emplace_back(path);
    state_->set_watch(state_->folders.back());
  }
}

Watch::~Watch() = default;

std::vector<Change> Watch::wait(double patience, const std::vector<int>& also) {
  State& state = *state_;
  std::vector<pollfd> polled{{-1, POLLIN, 0}};
  for (const int descriptor : also) polled.push_back({descriptor, POLLIN, 0});
  const double end = monotonic_seconds() + patience;
  for (bool other = false;;) {
    state.take_events();
    state.look_at_moving();
    const double now = monotonic_seconds();
    for (Folder& folder : state.folders) {
      if (folder.look == nullptr && now >= folder.due) state.begin_look(folder);
      if (folder.look != nullptr) state.go_on_looking(folder);
    }
    if (!state.changes.empty() || other || now >= end || interrupted() != 0)
      return std::exchange(state.changes, {});
    const double left = std::min(end, state.next_due()) - monotonic_seconds();
    if (state.inotify) polled[0].fd = state.inotify->descriptor();
    const int ms = static_cast<int>(std::ceil(1000 * std::clamp(left, 0.0, 60.0)));
    const bool any = ::poll(polled.data(), polled.size(), ms) > 0;
    other = any && std::any_of(polled.begin() + 1, polled.end(),
                               [](const pollfd& one) { return one.revents != 0; });
  }
}

void Watch::again(const std::string& path) {
  if (const auto state = state_of(path))
    state_->moving[path] = {*state, monotonic_seconds(), state_->settings.still_seconds, true,
                            true};
}

bool Watch::idle() const {
  return state_->moving.empty() && state_->changes.empty() &&
         std::ranges::all_of(state_->folders,
                             [](const Folder& one) { return one.look == nullptr && one.due > 0; });
}

std::vector<std::string> Watch::notes() { return std::exchange(state_->notes, {}); }

}  // namespace twin::sources
