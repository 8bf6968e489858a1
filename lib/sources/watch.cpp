// SPDX-License-Identifier: GPL-3.0-or-later
#include "sources/watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/file_system.h"
#include "core/interrupt.h"
#include "core/time.h"
#include "sources/watch_state.h"

namespace twin::sources {

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

void Watch::State::written(const std::string& path, double still) {
  const auto state = state_of(path);
  if (!state) return;
  Moving& file = moving[path];
  if (file.last != *state) file = {*state, monotonic_seconds()};
  file.still = still;
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
    else  // of a link no more is heard
      written(path, event.kind == FolderEvent::Kind::made ? longest_still() : INFINITY);
  }
}

double Watch::State::next_due() const {
  double due = moving.empty() ? INFINITY : look_due;
  for (const Folder& folder : folders) due = std::min(due, folder.look ? 0 : folder.due);
  return due;
}

Watch::Watch(const std::vector<std::string>& folders, WatchSettings settings)
    : state_(std::make_unique<State>()) {
  ::signal(SIGIO, SIG_IGN);  // see process::writer_of()
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
