// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "record/records.h"
#include "stream/reader.h"
#include "stream/writer.h"

namespace twin::app {

/// What the body of a tool works with.
struct Session {
  const cli::Common& common;
  std::vector<std::string> inputs;  ///< files, or {"-"}
  stream::Writer& out;              ///< start has been written
  std::string start_id{};           ///< id of our start record
  record::Start start{};            ///< that record
  int status = 0;                   ///< the body sets it when the answer is no, or records failed
  bool closed_is_fine = false;      ///< the body did its work without its reader: no 141

  /// Writes a failure record for \p error, tells people, and remembers status 2 (a status that the
  /// body has set already stays). An error of our own output is thrown on: nothing can be written.
  void fail(const twin::Error& error, const std::string& source);
};

/// Long loops poll it and leave: the signal that asked to end, or 0. run() makes 130 or 143 of it.
using twin::interrupted;

/// Seed and inputs that the start record shall name.
struct StartInfo {
  std::optional<std::int64_t> seed{};
  std::vector<std::string> files{};    ///< recipe, model, policy: hashed into the start record
  std::vector<record::Input> read{};   ///< files whose bytes were read and hashed before
  std::vector<std::string> columns{};  ///< of tables, where nobody asks for others
  bool records = true;                 ///< false: the body prints something else; no start, no end
};

/// Parses the command line, writes start, calls \p body, writes end, checks stdout, turns errors
/// into exit statuses. The only catch of the program. A closed pipe ends quietly (141).
///
/// \param info  may read files and refuse settings: it is called once, before start is written.
///              Error{usage} of it leaves stdout empty; after any other error the stream is a start
///              without inputs and an end with the status, so that whoever reads it knows.
///
/// Called as sources::is_hdf5_child() or is_epics_child() says, the program is that child, and
/// nothing of this.
/// \return      the exit status: what the body set, the cause of the error that it threw, 130 or
///              143 after a signal, 74 when stdout did not take everything. Closes stdout.
int run(const cli::Command& command, int argc, char** argv, const std::function<StartInfo()>& info,
        const std::function<void(Session&)>& body);

}  // namespace twin::app
