// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

/// What a child gives up for itself that works on bytes of strangers.
namespace twin::process {

/// Of this process from now on: at most so much address space and CPU time (beyond it SIGXCPU, a
/// second later SIGKILL), no core, no file written, nothing that makes it privileged.
void confine(std::size_t memory_bytes, double cpu_seconds);

/// Of this process and its threads, those to come too: no file can be opened for writing, made,
/// renamed, cut or removed any more, no program run, no other process signalled or looked into:
/// EPERM. What is open stays so, and sockets can be had. By seccomp(2), where the kernel has it.
///
/// For what loads a library of strangers that has threads and speaks to hosts. To call before it
/// has threads.
void change_no_files();

/// Nothing can be opened any more, made, run, connected or signalled: what is open can be read and
/// written, memory had, and time waited for. Anything else fails with EPERM, or EMFILE.
///
/// By seccomp(2) where the kernel has it, in any case by RLIMIT_NOFILE, so that poll(2) fails too.
void open_nothing_more();

/// Whether a sanitizer is built in: it needs more memory, files and calls than would be left, so
/// that none is held back.
[[nodiscard]] bool is_sanitized();

/// Whether any process has the file open for writing, by the kernel's own count.
enum class Writer { none, some, unknown };

/// \p file  open for reading alone. unknown: of another user, or on a file system that can't tell
///
/// By asking for a lease, see fcntl(2), which is given back at once. SIGIO has to be ignored.
[[nodiscard]] Writer writer_of(int file);

}  // namespace twin::process
