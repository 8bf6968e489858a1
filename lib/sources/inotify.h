// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/descriptor.h"

namespace twin::sources {

/// What the kernel tells of a folder.
struct FolderEvent {
  enum class Kind {
    made,     ///< a file was made, and is open still, or a link was
    written,  ///< a file has been written to, and is open still
    closed,   ///< whoever wrote a file closed it, or one was renamed into the folder
    gone,     ///< the folder was removed, renamed or unmounted
    lost      ///< so much happened that events were dropped; of no folder
  } kind;
  int folder = -1;   ///< as add() called it
  std::string name;  ///< of the file in it
};

/// inotify(7): events of this machine's programs in folders. What other machines do on a network
/// file system is not seen.
class Inotify {
 public:
  /// \throws Error{unavailable}  the system has no more of them
  Inotify();

  /// \return a number for the folder, negative where it can't be watched; errno says why
  [[nodiscard]] int add(const std::string& folder);

  /// What has happened since, without waiting.
  [[nodiscard]] std::vector<FolderEvent> read();

  /// Readable when something has happened.
  [[nodiscard]] int descriptor() const { return file_.number(); }

 private:
  Descriptor file_;
};

}  // namespace twin::sources
