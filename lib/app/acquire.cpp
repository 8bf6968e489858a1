// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/acquire.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "app/acquire_sink.h"
#include "app/acquire_watch.h"
#include "app/obey_audit.h"
#include "app/read_all.h"
#include "app/surroundings.h"
#include "app/trace.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "formats/scan_file.h"
#include "sources/bluesky.h"
#include "store/prune.h"
#include "store/run.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"
#include "stream/limits.h"
#include "stream/line_source.h"

namespace twin::app {

using record::Measurement;

namespace {

bool is_record_stream(const std::string& input) {
  return input == "-" || input.ends_with(".jsonl") || input.ends_with(".yaml");
}

void take_file(AcquireSink& sink, const AcquireSettings& settings, const std::string& path) {
  std::vector<Error> refused;
  try {
    for (auto& m : measurements_from_file(path, &refused))
      take_measurement(sink, settings, std::move(m), path, false);
  } catch (const Error& error) {
    // What changes while it is read can be taken later; those behind it now.
    if (error.cause() != Cause::data && error.cause() != Cause::no_input &&
        error.cause() != Cause::try_again)
      throw;
    refused.push_back(error);
  }
  for (const auto& error : refused) sink.failed(error, path);
}

void take_records(AcquireSink& sink, const std::string& input) {
  stream::Reader reader({input});
  const auto visit = [&](stream::Item item) {
    // The end belongs to the stream, not to the run.
    if (std::holds_alternative<record::End>(item.record))
      sink.print(std::move(item.record));
    else
      sink.take(std::move(item.record));
  };
  const auto refused = [&](const Error& error) { sink.failed(error, ""); };
  if (const auto trouble = for_each_record(reader, visit, refused)) sink.spoilt(*trouble);
}

/// A document that is none is a failure, and the others go on.
void take_documents(AcquireSink& sink, const AcquireSettings& settings, const std::string& input) {
  sources::Bluesky documents(input == "-" ? "stdin" : input);
  stream::LineSource lines(input, stream::longest_line);
  const auto take = [&](std::vector<formats::ScanFile> scans) {
    for (auto& scan : scans)
      take_measurement(sink, settings, measurement_of(std::move(scan), "-"), input, false);
  };
  const auto guarded_take = [&](const auto& scans) {
    try {
      take(scans());
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      sink.failed(error, input);
    }
  };
  while (interrupted() == 0) {
    const auto line = lines.next();
    if (!line) break;
    guarded_take([&] {
      if (line->too_long)
        throw Error(Cause::data, printable(input) + ":" + std::to_string(line->number) +
                                     ": a line over 16 MiB; a document is expected");
      return documents.take(line->text, line->number);
    });
  }
  guarded_take([&] { return documents.finish(); });
}

void rest_until(double monotonic) {
  while (interrupted() == 0 && monotonic_seconds() < monotonic)
    std::this_thread::sleep_for(
        std::chrono::duration<double>(std::min(0.05, monotonic - monotonic_seconds())));
}

/// The records of a run once more, as far apart as they were, or closer.
void replay(AcquireSink& sink, const AcquireSettings& settings) {
  const auto run = store::Run::read(settings.replay);
  tell_damage(run);
  const double begin = monotonic_seconds();
  std::optional<double> first;  // s since 1970
  run.replay(0, [&](std::int64_t, const std::string& line) {
    if (interrupted() != 0) return;
    auto record = stream::decode(stream::parse_json(line, settings.replay));
    // Of those who wrote the records; this stream has a start of its own.
    if (std::holds_alternative<record::Start>(record)) return sink.store(record);
    const auto then = parse_utc(record::header_of(record).time);
    if (then && !first) first = then;
    if (then && settings.speed > 0) rest_until(begin + (*then - *first) / settings.speed);
    sink.take(std::move(record));
    sink.flush();
  });
}

/// Records come from elsewhere than the inputs.
bool has_sources(const AcquireSettings& settings) {
  return !settings.watch.empty() || !settings.replay.empty() || !settings.documents.empty();
}

void check_audit(Session& session, const AcquireSettings& settings) {
  const auto replay = replay_audit(settings.check_audit, stream::read_bounds(settings.obey.bounds));
  for (const auto& difference : replay.differences) std::cout << difference << '\n';
  std::cout << replay.lines << " lines, " << replay.orders << " orders, "
            << replay.differences.size() << " differ\n";
  if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
  if (!replay.differences.empty()) session.status = 1;
}

void list(const std::string& into) {
  const auto run = store::Run::read(into);
  tell_damage(run);
  std::cout << "sequence\tkind\tscan\tperiod\tpoints\ttime\tid\n";
  for (const auto& l : run.list()) {
    if (l.kind == "start") continue;  // who wrote the others: --trace tells
    std::cout << l.sequence << '\t' << l.kind << '\t' << printable(l.scan) << '\t'
              << printable(l.period) << '\t' << l.points << '\t' << l.time << '\t' << l.id << '\n';
  }
  if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
}

void prune(Session& session, const AcquireSettings& settings) {
  const auto found = store::prune(settings.into, settings.remove);
  std::uint64_t bytes = 0;
  std::cout << "file\tbytes\twhy\n";
  for (const auto& file : found.files) {
    std::cout << printable(file.file) << '\t' << file.bytes << '\t' << file.why << '\n';
    bytes += file.bytes;
  }
  if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
  if (bytes > 0)
    cli::note(std::to_string(bytes) +
              (settings.remove ? " bytes freed" : " bytes could go: --remove takes them away"));
  if (found.kept.empty()) return;
  cli::warning(printable(settings.into) + ".journal stays: " + found.kept);
  session.status = 1;
}

void emit_since(Session& session, const AcquireSettings& settings) {
  const auto run = store::Run::read(settings.into);
  tell_damage(run);
  run.replay(settings.since, [&](std::int64_t, const std::string& line) {
    try {
      auto record = stream::decode(stream::parse_json(line, settings.into));
      // Of the programs that wrote the run; this stream has a start of its own.
      if (!std::holds_alternative<record::Start>(record)) session.out.write(std::move(record));
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      session.fail(error, settings.into);
    }
  });
}

}  // namespace

void acquire(Session& session, const AcquireSettings& asked) {
  AcquireSettings settings = asked;
  if (settings.list) return list(settings.into);
  if (settings.publish) return store::Run::publish_beside(settings.into);
  if (settings.prune) return prune(session, settings);
  if (!settings.trace.empty()) {
    std::vector<std::string> runs{settings.into};
    for (const auto& input : session.inputs)
      if (input != "-") runs.push_back(input);
    if (!trace(runs, settings.trace)) session.status = 1;
    return;
  }
  if (!settings.check_audit.empty()) return check_audit(session, settings);
  if (settings.since >= 0) return emit_since(session, settings);
  for (const auto& text : settings.context) static_cast<void>(parse_context(text));
  AcquireSink sink(session, settings.into, settings.live);
  if (!settings.devices.empty()) take_devices(sink, settings.devices);
  std::optional<Obeyer> obeyer;
  if (!settings.obey.commands.empty()) obeyer.emplace(settings.obey, sink);
  std::optional<Surroundings> surroundings;
  if (!settings.epics.empty()) settings.surroundings = &surroundings.emplace(settings.epics, sink);
  // Of stdin nothing is read that was not asked for.
  const bool no_inputs =
      session.inputs == std::vector<std::string>{"-"} && (has_sources(settings) || obeyer);
  for (const auto& input : session.inputs) {
    if (interrupted() || no_inputs) break;
    if (is_record_stream(input))
      take_records(sink, input);
    else
      take_file(sink, settings, input);
  }
  if (!settings.replay.empty()) replay(sink, settings);
  for (const auto& input : settings.documents) take_documents(sink, settings, input);
  if (!settings.watch.empty()) acquire_watched(settings, sink);
  const bool only_obeys = no_inputs && !has_sources(settings);
  while (only_obeys && interrupted() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  obeyer.reset();
  surroundings.reset();
  sink.finish();
}

}  // namespace twin::app
