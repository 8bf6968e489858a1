// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/scan_file.h"

namespace twin::sources {

/// Documents of Bluesky, and so of Mamba, as JSON lines: `["start", {...}]` or
/// `{"name": "start", "doc": {...}}`. A stream of a run (primary, baseline ...) with two events or
/// more is a scan, when its run stops; one with one event gives its values to the metadata of the
/// others.
///
/// Columns: the data keys of numbers, those that the run's hints name as its dimensions first, then
/// `time` (s since 1970). Arrays, texts and what is kept in files (resource and datum,
/// stream_resource and stream_datum) are left out, with a warning. `metadata`: "bluesky.uid",
/// "bluesky.scan_id", "bluesky.plan", "sample.name", "STREAM.KEY" of streams with one event.
///
/// A scan is `truncated` when its run was aborted or failed, its documents end before the stop, or
/// events are missing by their seq_num or by the number that the stop tells: publishers over a
/// network drop what is too much for them.
///
/// Source: event-model 1.24, the schemas of the Bluesky documents.
class Bluesky {
 public:
  /// \param name  of the file, for messages
  explicit Bluesky(std::string name);
  ~Bluesky();
  Bluesky(const Bluesky&) = delete;
  Bluesky& operator=(const Bluesky&) = delete;

  /// A line, and the scans that are over by it.
  /// \throws Error{data}  `name:line: ...`: no document, or one that belongs to none before; call
  ///                      again to go on
  [[nodiscard]] std::vector<formats::ScanFile> take(std::string_view line, std::size_t number);

  /// The documents have ended: scans of runs that did not stop.
  [[nodiscard]] std::vector<formats::ScanFile> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Whether a line is a document of Bluesky, as far as its beginning shows.
[[nodiscard]] bool is_bluesky(std::string_view line);

}  // namespace twin::sources
