// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/acquire_watch.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "app/followed.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "sources/contained.h"
#include "sources/file_state.h"
#include "sources/watch.h"

namespace twin::app {

namespace {

/// The run's own files are no measurements, wherever it lies.
bool is_of_run(const std::string& path, const std::string& into) {
  const std::filesystem::path file(path), run(into);
  const std::string name = file.filename().string(), own = run.filename().string();
  if (into.empty() || (name != own && name != own + ".journal")) return false;
  std::error_code ignored;
  return std::filesystem::weakly_canonical(file.parent_path() / own, ignored) ==
         std::filesystem::weakly_canonical(run, ignored);
}

sources::WatchSettings watch_settings(const AcquireSettings& settings) {
  using How = sources::WatchSettings::How;
  sources::WatchSettings out;
  out.how = settings.watch_by == "events"    ? How::events
            : settings.watch_by == "polling" ? How::polling
                                             : How::automatic;
  out.poll_seconds = settings.poll;
  out.settle_seconds = settings.settle;
  out.ignore = [into = settings.into, live = settings.live](const std::string& path) {
    return is_of_run(path, into) || is_of_run(path, live);
  };
  return out;
}

class Follower {
 public:
  Follower(const AcquireSettings& settings, AcquireSink& sink)
      : settings_(settings),
        sink_(sink),
        watch_(settings.watch, watch_settings(settings)),
        last_(monotonic_seconds()) {}

  void follow() {
    while (interrupted() == 0) {
      for (const auto& change : watch_.wait(0.5, followed_.descriptors())) take(change);
      take_followed();
      for (const auto& note : watch_.notes()) cli::note(note);
      look_at_devices();
      sink_.flush();
      if (!watch_.idle()) last_ = monotonic_seconds();
      const double silent = monotonic_seconds() - last_;
      if (settings_.until_idle > 0 && silent >= settings_.until_idle) return;
      rest(silent);
    }
  }

 private:
  void take(const sources::Change& change) {
    last_ = monotonic_seconds();
    published_ = false;
    std::vector<Error> refused;
    try {
      auto scans = change.whole ? measurements_from_file(change.path, &refused)
                                : measurements_from_growing(change.path);
      if (!change.whole) followed_.grown(change.path, notes_);
      const auto gave = change.whole ? followed_.closed(change.path) : std::set<std::string>();
      // Those of a file with several came before, most of them, and are no news.
      const bool quietly = !change.whole || scans.size() > 1;
      for (auto& m : scans)
        if (!gave.contains(known_as(m)))
          take_measurement(sink_, settings_, std::move(m), change.path, quietly);
    } catch (const Error& error) {
      if (error.cause() == Cause::try_again) return watch_.again(change.path);
      if (error.cause() != Cause::data && error.cause() != Cause::no_input) throw;
      refused.push_back(error);
    }
    if (!change.whole) return;
    if (refused.empty()) {
      bad_.erase(change.path);
    } else if (bad_.insert(change.path).second) {
      watch_.again(change.path);  // perhaps it was not whole
    } else {
      for (const auto& error : refused) sink_.failed(error, change.path);
      bad_.erase(change.path);
    }
  }

  /// Scans that are over in files that are not.
  void take_followed() {
    for (auto& [path, scan] : followed_.take(notes_)) {
      last_ = monotonic_seconds();
      published_ = false;
      take_measurement(sink_, settings_, std::move(scan), path, true);
    }
    for (const auto& note : std::exchange(notes_, {})) cli::note(note);
  }

  /// A component may be swapped while the run goes on.
  void look_at_devices() {
    if (settings_.devices.empty()) return;
    const auto state = sources::state_of(settings_.devices);
    if (!state || state == devices_) return;
    devices_ = state;
    try {
      take_devices(sink_, settings_.devices);
    } catch (const Error& error) {
      if (error.cause() != Cause::configuration && error.cause() != Cause::no_input) throw;
      sink_.failed(error, settings_.devices);
    }
  }

  /// What there is can be looked at when nothing comes for a while.
  void rest(double silent) {
    constexpr double idle = 2;  // s
    if (silent < idle || std::exchange(published_, true)) return;
    sink_.publish_behind();
  }

  const AcquireSettings& settings_;
  AcquireSink& sink_;
  sources::Watch watch_;
  FollowedFiles followed_;
  std::vector<std::string> notes_;
  std::optional<sources::FileState> devices_;
  double last_;                ///< monotonic, s: something came
  bool published_ = true;      ///< since then
  std::set<std::string> bad_;  ///< files that could not be read at first
};

}  // namespace

void acquire_watched(const AcquireSettings& settings, AcquireSink& sink) {
  sources::keep_hdf5_child_ready();
  Follower(settings, sink).follow();
}

}  // namespace twin::app
