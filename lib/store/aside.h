// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/descriptor.h"

namespace twin::store {

/// A file while it is not whole: `/data/.run.nxs.part` of `/data/run.nxs`. One program at a time
/// has it, others wait for it to go on. It begins empty, whatever one that was killed has left.
class Aside {
 public:
  /// \throws Error{cannot_create}, Error{permission}, Error{output}
  explicit Aside(std::string path);
  ~Aside();  ///< removed, unless it was kept
  Aside(const Aside&) = delete;
  Aside& operator=(const Aside&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] int file() const { return file_.number(); }

  /// Whole: synced, renamed to \p path, the folder synced.  \throws Error{output}
  void keep();

  [[nodiscard]] static std::string name_of(const std::string& path);

  /// Whether a program has it now.
  [[nodiscard]] static bool in_use(const std::string& path);

 private:
  bool lock();

  std::string path_, name_;
  Descriptor file_;
  bool kept_ = false;
};

/// What was opened is what now has the name \p path.
[[nodiscard]] bool is_still(int file, const std::string& path);

/// \p path's folder is synced: a file that was made, renamed or removed in it stays so after a
/// power loss.  \throws Error{output}
void sync_folder_of(const std::string& path);

}  // namespace twin::store
