// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <filesystem>
#include <new>

#include "cli/log.h"
#include "core/hash.h"
#include "sources/epics_child.h"
#include "sources/hdf5_child.h"

namespace twin::app {

namespace {

int status_of(Cause cause) { return static_cast<int>(cause); }

/// A descriptor that is closed would be taken by the next file that is opened, and records would be
/// written into it. /dev/null the wrong way round makes every use an error instead.
void occupy_standard_descriptors() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF)
      (void)!open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);  // takes the lowest number
}

/// Calls \p work and says what became of it: 0, or the status of its error, which people are told.
int guarded(const std::function<void()>& work) {
  try {
    work();
    return 0;
  } catch (const Error& error) {
    const bool silent = error.cause() == Cause::closed_pipe || interrupted();
    if (!silent) cli::error(error.what());
    return status_of(error.cause());
  } catch (const std::bad_alloc&) {
    cli::error("out of memory");
  } catch (const std::exception& error) {
    cli::error(std::string("internal: ") + error.what() + "; this is a bug of Twinline");
  } catch (...) {
    cli::error("internal: an exception of unknown kind; this is a bug of Twinline");
  }
  return status_of(Cause::internal);
}

stream::Format format_of(const std::string& name) {
  if (name == "yaml") return stream::Format::yaml;
  if (name == "table") return stream::Format::table;
  return name == "tsv" ? stream::Format::tsv : stream::Format::jsonl;
}

cli::Level level_of(const cli::Common& common) {
  if (common.quiet) return cli::Level::quiet;
  return common.verbose ? cli::Level::verbose : cli::Level::normal;
}

/// Regular files with their hashes. What can be read only once (a pipe of the shell) is left alone.
std::vector<record::Input> hashed(const std::vector<std::string>& files) {
  std::vector<record::Input> inputs;
  for (const auto& file : files) {
    std::error_code ignored;
    const auto kind = std::filesystem::status(file, ignored).type();
    if (kind == std::filesystem::file_type::regular ||
        kind == std::filesystem::file_type::not_found)
      inputs.push_back({file, sha256_file(file)});
  }
  return inputs;
}

record::Start start_record(const cli::Command& command, const cli::Parsed& parsed) {
  record::Start start;
  start.tool = command.name;
  start.version = TWINLINE_VERSION;
  start.command = parsed.recorded;
  return start;
}

/// True when stdout took everything and is worth writing an end to.
bool output_works(int status) {
  return status != status_of(Cause::closed_pipe) && status != status_of(Cause::output);
}

/// The status of the run as a whole. A signal explains whatever else went wrong.
int final_status(int failed, int answered) {
  if (!output_works(failed)) return failed;
  if (const int number = interrupted()) return 128 + number;
  return failed ? failed : answered;
}

int close_output() {
  if (close(STDOUT_FILENO) == 0 || errno == EINTR) return 0;
  cli::error("stdout: can't be written to its end");
  return status_of(Cause::output);
}

/// From start to end, with the command line understood.
int stream_of_records(const cli::Parsed& parsed, record::Start start,
                      const std::function<StartInfo()>& info,
                      const std::function<void(Session&)>& body) {
  bool records = true;
  std::vector<std::string> expected;
  int failed = guarded([&] {
    const auto told = info ? info() : StartInfo{};
    start.inputs = hashed(told.files);
    start.inputs.insert(start.inputs.end(), told.read.begin(), told.read.end());
    start.seed = told.seed;
    records = told.records;
    expected = told.columns;
  });
  if (failed == status_of(Cause::usage)) return failed;
  stream::Writer out(STDOUT_FILENO, format_of(parsed.common.format), parsed.common.columns,
                     expected);
  const auto inputs = parsed.inputs.empty() ? std::vector<std::string>{"-"} : parsed.inputs;
  Session session{parsed.common, inputs, out};
  const int unwritten = guarded([&] {
    if (!records) return;
    session.start_id = out.write(start);
    session.start = start;
    session.start.header.id = session.start_id;
  });
  if (unwritten) return unwritten;
  if (!failed) failed = guarded([&] { body(session); });
  cli::end_progress();
  for (const auto& column : out.unknown_columns())
    cli::warning("--columns: no record had " + column);
  const int status = final_status(failed, session.status);
  if (!output_works(status) || !records) return status;
  const int unended = guarded([&] { out.end(status); });
  if (session.closed_is_fine && unended == status_of(Cause::closed_pipe)) return status;
  return unended ? unended : status;
}

}  // namespace

void Session::fail(const twin::Error& error, const std::string& source) {
  if (!output_works(status_of(error.cause()))) throw error;
  const std::string what = error.what();
  const bool placed = source.empty() || source == "-" || what.rfind(source, 0) == 0;
  cli::error(placed ? what : source + ": " + what);
  record::Failure failure;
  failure.what = what;
  failure.source = source;
  failure.cause = status_of(error.cause());
  out.write(failure);
  if (status == 0) status = status_of(Cause::partial);
}

int run(const cli::Command& command, int argc, char** argv, const std::function<StartInfo()>& info,
        const std::function<void(Session&)>& body) {
  if (sources::is_hdf5_child(argc, argv)) return sources::be_hdf5_child(argc, argv);
  if (sources::is_epics_child(argc, argv)) return sources::be_epics_child();
  occupy_standard_descriptors();
  watch_signals();
  cli::start_log(command.name, cli::Level::normal);
  cli::Parsed parsed;
  const int refused = guarded([&] { parsed = cli::parse(command, argc, argv); });
  if (refused) return refused;
  int status = 0;
  if (!parsed.leave) {
    cli::start_log(command.name, level_of(parsed.common));
    status = stream_of_records(parsed, start_record(command, parsed), info, body);
  }
  const int unclosed = close_output();
  return unclosed ? unclosed : status;
}

}  // namespace twin::app
