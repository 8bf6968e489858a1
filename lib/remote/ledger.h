// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace twin::remote {

/// What this machine submitted where. Only a reminder: all that counts is in the folders of the
/// jobs, so that whoever loses it loses nothing.
struct Entry {
  std::string place;  ///< HOST:DIR
  std::string job;
  std::string model;  ///< name
  std::string id;     ///< of the queue
};

/// $XDG_STATE_HOME/twinline/submitted.jsonl, else below ~/.local/state.
[[nodiscard]] std::string ledger_file();

/// Appends, whole lines whoever else writes; synced.  \throws Error{output}, Error{cannot_create}
void remember(const std::vector<Entry>& entries);

/// All entries, the oldest first. Lines that are none are passed over.
[[nodiscard]] std::vector<Entry> remembered();

}  // namespace twin::remote
