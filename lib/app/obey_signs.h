// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include <string>

namespace twin::app {

/// What whoever obeys looks for besides commands.

/// Whether a file is there; never where none is named. In doubt it is: a folder that may not be
/// read, or a disk that is gone, is no leave to order.
[[nodiscard]] bool is_there(const std::string& path);

/// The token in that file, a time in UTC as its first word, has not passed.
[[nodiscard]] bool token_holds(const std::string& path);

/// Whether the program that started this one is still there. Who wants it to go on without has it
/// ignore SIGHUP: nohup(1).
class Parent {
 public:
  Parent();
  [[nodiscard]] bool gone() const;

 private:
  pid_t first_;
};

}  // namespace twin::app
