// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace twin::sources {

/// A file that came, or that has more in it than when it was last told of.
struct Change {
  std::string path;
  bool whole = false;  ///< nobody writes it any more, as far as can be seen: it was closed, renamed
                       ///< into the folder, or has been still. false: it grows
};

struct WatchSettings {
  enum class How { automatic, events, polling } how = How::automatic;
  double poll_seconds = 1;     ///< between looks: at files that grow; at all where there are no
                               ///< events
  double still_seconds = 2;    ///< a file of which no event tells is whole when it stays as it is
                               ///< for so long
  double settle_seconds = 0;   ///< so is one that was closed; more than 0 for programs that open,
                               ///< append a row and close
  double rescan_seconds = 30;  ///< between looks at all files in spite of events
  std::function<bool(const std::string& path)> ignore{};  ///< more than hidden and temporary names
};

/// Follows folders: files that are there, that come, and that grow, each told of once a state of
/// it. By inotify(7) where that sees all (automatic: local file systems), else by looking. In any
/// case the folder is looked at once the watch is set, again when the kernel dropped events, and
/// every half minute. Files that are there already come first, the oldest first. A file that is
/// still is not whole as long as a program of this machine has it open for writing, where the
/// system tells that.
///
/// Folders in a folder are not followed. Names that begin with a dot or end as temporary files do
/// (`~ .part .tmp .swp .lock`) are passed over. A folder that goes away is waited for.
///
/// Cost: some microseconds an event; a look at a folder of n files n stat() calls, in portions of
/// 500 between which events are seen; 10-13 bytes for each file ever told of.
class Watch {
 public:
  /// \throws Error{no_input}     a folder is not there
  /// \throws Error{unavailable}  events were asked for and can't be had
  Watch(const std::vector<std::string>& folders, WatchSettings settings);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// What has changed; waits for it at most \p patience s, less when a signal ends the program, or
  /// one of the descriptors \p also is readable.
  [[nodiscard]] std::vector<Change> wait(double patience, const std::vector<int>& also = {});

  /// Tells of \p path once more when it has been still: it could not be read as it was.
  void again(const std::string& path);

  /// True when all that is there was told of and nothing grows.
  [[nodiscard]] bool idle() const;

  /// What people should know since the last call: "/data/run42: on NFS: looked at every 1 s".
  [[nodiscard]] std::vector<std::string> notes();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twin::sources
