// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/acquire.h"

#include <iostream>
#include <optional>
#include <utility>

#include "app/read_all.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "store/run.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

using record::Measurement;

namespace {

constexpr double batch_seconds = 0.005;  // between an append and its sync, at most

// Stores, then prints: what was printed is synced.
class Sink {
 public:
  Sink(Session& session, const std::string& into) : session_(session) {
    if (into.empty()) return;
    run_.emplace(store::Run::open(into));
    if (run_->recovered_bytes() > 0)
      cli::warning(into + ": recovered; a torn tail of " + std::to_string(run_->recovered_bytes()) +
                   " bytes was cut");
  }

  void take(record::Record record) {
    if (run_) {
      auto stored = record;
      record::header_of(stored).by = session_.start_id;
      record::header_of(stored).time = utc_now();
      const auto accepted = run_->append(stored);
      if (accepted.duplicate) return duplicate(record, accepted);
    }
    waiting_.push_back(std::move(record));
    if (!run_ || monotonic_seconds() - last_sync_ > batch_seconds) flush();
  }

  void flush() {
    if (run_) run_->sync();
    last_sync_ = monotonic_seconds();
    for (auto& record : std::exchange(waiting_, {})) print(std::move(record));
    if (run_ && run_->publish_due()) run_->publish();
  }

  void finish() {
    flush();
    if (run_) run_->publish();
  }

  void print(record::Record record) {
    if (closed_) return;
    const auto* m = std::get_if<Measurement>(&record);
    const std::string scan = m ? m->context.scan : "";
    try {
      session_.out.write(std::move(record));
    } catch (const Error& error) {
      if (error.cause() == Cause::data) return failed(error.at(printable(scan)), "");
      if (error.cause() != Cause::closed_pipe || !run_) throw;
      goes_on_without_reader();
    }
  }

  // Told to people and in the stream; a closed stdout does not stop the storing.
  void failed(const Error& error, const std::string& path) {
    try {
      if (!closed_)
        session_.fail(error, path);
      else
        cli::error(error.what());
    } catch (const Error& of_stdout) {
      if (of_stdout.cause() != Cause::closed_pipe || !run_) throw;
      goes_on_without_reader();
    }
    if (session_.status == 0) session_.status = static_cast<int>(Cause::partial);
  }

 private:
  void goes_on_without_reader() {
    closed_ = session_.closed_is_fine = true;
    cli::warning("stdout was closed; storing goes on");
  }

  void duplicate(const record::Record& record, const store::Accepted& accepted) {
    record::Event event;
    event.header.from = {accepted.id};
    event.what = "duplicate";
    if (const auto* m = std::get_if<Measurement>(&record)) event.first = m->context.scan;
    event.text = "the run holds it already, as number " + std::to_string(accepted.sequence);
    waiting_.push_back(std::move(event));
  }

  Session& session_;
  std::optional<store::Run> run_;
  std::vector<record::Record> waiting_;
  double last_sync_ = 0;
  bool closed_ = false;
};

bool is_record_stream(const std::string& input) {
  return input == "-" || input.ends_with(".jsonl") || input.ends_with(".yaml");
}

void add_context(Measurement& m, const AcquireSettings& settings) {
  for (const auto& text : settings.context) {
    auto [name, quantity] = parse_context(text);
    m.context.environment[name] = std::move(quantity);
  }
  if (!settings.period.empty()) m.context.period = settings.period;
  if (!settings.setup.empty()) m.context.setup = settings.setup;
  if (!settings.sample.empty()) m.context.sample = settings.sample;
  if (!settings.edge.empty()) m.edge = settings.edge;
  m.context.run = settings.run;
}

void take_measurement(Sink& sink, const AcquireSettings& settings, Measurement m,
                      const std::string& path) {
  add_context(m, settings);
  for (const auto& text : m.warnings) cli::warning(text);
  sink.take(m);
  if (settings.bootstrap <= 0) return;
  try {
    for (auto& repeat : bootstrap(m, "", settings.bootstrap, settings.seed))
      sink.take(std::move(repeat));
  } catch (const Error& error) {
    if (error.cause() != Cause::data) throw;
    sink.failed(error, path);
  }
}

void take_file(Sink& sink, const AcquireSettings& settings, const std::string& path) {
  std::vector<Error> refused;
  try {
    for (auto& m : measurements_from_file(path, &refused))
      take_measurement(sink, settings, std::move(m), path);
  } catch (const Error& error) {
    if (error.cause() != Cause::data && error.cause() != Cause::no_input) throw;
    refused.push_back(error);
  }
  for (const auto& error : refused) sink.failed(error, path);
}

void take_records(Session& session, Sink& sink, const std::string& input) {
  stream::Reader reader({input});
  for_each_record(session, reader, [&](stream::Item item) {
    // Start and end belong to the stream, not to the run.
    if (std::holds_alternative<record::Start>(item.record) ||
        std::holds_alternative<record::End>(item.record))
      sink.print(std::move(item.record));
    else
      sink.take(std::move(item.record));
  });
}

void list(const std::string& into) {
  const auto run = store::Run::read(into);
  std::cout << "sequence\tkind\tscan\tperiod\tpoints\ttime\tid\n";
  for (const auto& l : run.list())
    std::cout << l.sequence << '\t' << l.kind << '\t' << printable(l.scan) << '\t'
              << printable(l.period) << '\t' << l.points << '\t' << l.time << '\t' << l.id << '\n';
  if (!std::cout.flush()) throw Error(Cause::output, "stdout: writing failed");
}

void emit_since(Session& session, const AcquireSettings& settings) {
  const auto run = store::Run::read(settings.into);
  run.replay(settings.since, [&](std::int64_t, const std::string& line) {
    try {
      session.out.write(stream::decode(stream::parse_json(line, settings.into)));
    } catch (const Error& error) {
      if (error.cause() != Cause::data) throw;
      session.fail(error, settings.into);
    }
  });
}

}  // namespace

void acquire(Session& session, const AcquireSettings& settings) {
  if (settings.list) return list(settings.into);
  if (settings.since >= 0) return emit_since(session, settings);
  for (const auto& text : settings.context) static_cast<void>(parse_context(text));
  Sink sink(session, settings.into);
  for (const auto& input : session.inputs) {
    if (interrupted()) break;
    if (is_record_stream(input))
      take_records(session, sink, input);
    else
      take_file(sink, settings, input);
  }
  sink.finish();
}

}  // namespace twin::app
