// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/error.h"
#include "record/records.h"
#include "stream/reader.h"
#include "stream/writer.h"

namespace twin::app {

/// What the body of a tool works with.
struct Session {
  const cli::Common& common;
  std::vector<std::string> inputs;  ///< files, or {"-"}
  stream::Writer& out;              ///< start has been written
  int status = 0;                   ///< the body sets it when the answer is no, or records failed

  /// Writes a failure record for \p error, tells people, and remembers status 2.
  void fail(const twin::Error& error, const std::string& source);
};

/// Seed and inputs that the start record shall name.
struct StartInfo {
  std::optional<std::int64_t> seed;
  std::vector<std::string> files;  ///< recipe, model, policy: hashed into the start record
};

/// Parses the command line, writes start, calls \p body, writes end, checks stdout, turns errors
/// into exit statuses. The only catch of the program. A closed pipe ends quietly (141).
int run(const cli::Command& command, int argc, char** argv,
        const std::function<StartInfo()>& info, const std::function<void(Session&)>& body);

}  // namespace twin::app
