// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/descriptor.h"

namespace twin::store {

/// A file that is there twice, or is of no use.
struct Removable {
  std::string file;
  std::uint64_t bytes = 0;
  std::string why;  ///< for people
};

struct Pruning {
  std::vector<Removable> files;
  std::string kept;  ///< why the journal stays; "" where it may go, or is not there
};

/// What of the run \p path can go: its journal when the published file holds all of it, which is
/// found out by making the journal's lines from that file and comparing their SHA-256; and what
/// programs that were killed have left. Nothing else: neither earlier revisions nor records that
/// are alike.
///
/// \param remove  take it away; the published file is synced first, and the run locked
/// \throws Error{try_again} another program writes the run; Error{no_input} there is no such run;
///         Error{data} the journal is none; Error{output}
Pruning prune(const std::string& path, bool remove);

/// A published file whose journal has gone, as far as it says so.
[[nodiscard]] bool is_pruned(const std::string& path);

/// Makes the journal of such a file again, byte for byte what it was: aside, synced, renamed.
/// \throws Error{data} the file is not as it was published; Error{output}, Error{cannot_create}
void restore_journal(const std::string& path);

/// The same without a name, to be read.
[[nodiscard]] Descriptor restored_journal(const std::string& path);

}  // namespace twin::store
