// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include "process/child.h"

namespace twin::process {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool open() const { return number_ >= 0; }
  void close();
  int release();

 private:
  int number_ = -1;
};

/// Our side of a child that has begun. All descriptors are close-on-exec and never block.
struct Spawned {
  pid_t pid = -1;  ///< also the number of its process group
  Descriptor input, output, error, extra;
};

/// Forks and executes. Between the two only async-signal-safe calls are made, so that it may be
/// called beside other threads. In the child: a group of its own, SIGKILL when the thread that
/// called this ends, default SIGPIPE, an empty signal mask, no other descriptor of ours.
/// \throws Error{unavailable}  argv[0] is not found or can't be run, no more pipes or processes
[[nodiscard]] Spawned spawn(const Launch& launch);

}  // namespace twin::process
