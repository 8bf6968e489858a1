// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sys/types.h>

#include "core/descriptor.h"
#include "process/child.h"

namespace twin::process {

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
