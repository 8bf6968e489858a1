// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_client.h"

#include <algorithm>
#include <utility>

#include "app/run.h"
#include "app/state_check.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/json.h"
#include "stream/limits.h"

namespace twin::app {

namespace {

constexpr process::Seconds write_deadline{30.0};
constexpr process::Seconds poll_interval{0.5};
constexpr process::Seconds grace{5.0};

/// An engine that can't be believed or has gone: not its answer, which a failure record is.
struct Broken {
  std::string what;
};

/// The status that a failure names; one that no failure can have says that nothing was found out.
Cause cause_of(const record::Failure& failure) {
  const bool known = failure.cause >= static_cast<int>(Cause::usage) &&
                     failure.cause <= static_cast<int>(Cause::configuration);
  return known ? static_cast<Cause>(failure.cause) : Cause::unavailable;
}

}  // namespace

struct EngineClient::State {
  double patience_s;
  process::Child child;
  process::LineBuffer lines;

  State(const std::string& command, double patience)
      : patience_s(patience),
        child(process::Launch{.argv = split_arguments(command),
                              .folder = "",
                              .environment = {},
                              .extra_pipe = false,
                              .niceness = 0}) {}

  void end(process::Seconds patience) {
    try {
      child.close_input();
      child.stop(patience);
    } catch (const Error&) {  // it has gone already: that is what was wanted
    }
  }

  void say(const std::string& line) {
    try {
      child.write(line, write_deadline);
    } catch (const Error& error) {
      throw Broken{error.what()};
    }
  }

  std::string next_line() {
    const double started = monotonic_seconds();
    while (true) {
      if (auto line = lines.next()) return *line;
      if (interrupted()) throw Broken{"interrupted"};
      const double left = patience_s - (monotonic_seconds() - started);
      if (left <= 0) throw Broken{"silent for " + shortest(patience_s) + " s"};
      const auto chunk = child.read(std::min(poll_interval, process::Seconds(left)));
      if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
      if (lines.rest().size() > stream::longest_line)
        throw Broken{"a line of more than " + std::to_string(stream::longest_line) + " bytes"};
      if (!chunk && !child.timed_out()) throw Broken{"it ended without an answer"};
    }
  }

  record::Record next_record() {
    while (true) {
      const auto line = next_line();
      if (trim(line).empty()) continue;
      try {
        return stream::decode(stream::parse_json(line, "its answer"));
      } catch (const Error& error) {
        throw Broken{error.what()};
      }
    }
  }

  // An answer to anything but the one request under way is none.
  static void check_request(const record::Record& answer, const std::string& asked) {
    const auto& request = record::header_of(answer).request;
    if (request == asked) return;
    const auto* failure = std::get_if<record::Failure>(&answer);
    throw Broken{"it answered " +
                 (request.empty() ? "no request" : "request '" + printable(request) + "'") +
                 ", asked was '" + asked + "'" + (failure ? ": " + printable(failure->what) : "")};
  }

  record::State ask(const std::string& line, const std::string& request, const record::Model& model,
                    const std::function<void(const record::Progress&)>& report) {
    say(line);
    while (true) {
      auto record = next_record();
      if (const auto* progress = std::get_if<record::Progress>(&record))
        if (progress->header.request == request) report(*progress);
      auto* state = std::get_if<record::State>(&record);
      const auto* failure = std::get_if<record::Failure>(&record);
      if (!state && !failure) continue;
      check_request(record, request);
      if (failure) throw Error(cause_of(*failure), failure->what);
      if (const auto fault = fault_of(*state, model); !fault.empty()) throw Broken{fault};
      return std::move(*state);
    }
  }
};

EngineClient::EngineClient(const std::string& command, double patience_s)
    : command_(command),
      patience_s_(patience_s),
      state_(std::make_unique<State>(command, patience_s)) {}

EngineClient::~EngineClient() { state_->end(grace); }

record::State EngineClient::simulate(const record::Model& model,
                                     const std::function<void(const record::Progress&)>& report) {
  record::ModelRecord request;
  request.model = model;
  request.model.history.clear();  // an engine needs none of it
  request.header.request = std::to_string(++requests_);
  auto document = stream::encode(record::Record(request));
  document.set("id", stream::content_id(document));
  const auto line = stream::dump_json(document) + "\n";
  for (bool again = false;; again = true) {
    try {
      return state_->ask(line, request.header.request, model, report);
    } catch (const Broken& broken) {
      const auto what = "engine " + printable(command_) + ": " + broken.what +
                        "; its last lines: " + state_->child.last_lines();
      state_->end(process::Seconds(0.5));
      if (again || interrupted()) throw Error(Cause::unavailable, what);
      cli::warning(what + "; it is started anew and asked once more");
      state_ = std::make_unique<State>(command_, patience_s_);
    }
  }
}

}  // namespace twin::app
