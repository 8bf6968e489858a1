// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_client.h"

#include <utility>

#include "app/run.h"
#include "core/error.h"
#include "core/text.h"
#include "core/time.h"
#include "process/child.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

namespace {

constexpr process::Seconds write_deadline{30.0};
constexpr process::Seconds poll_interval{0.5};
constexpr process::Seconds grace{5.0};

}  // namespace

struct EngineClient::State {
  std::string command;
  double silence_s;
  process::Child child;
  process::LineBuffer lines;
  int requests = 0;

  State(const std::string& text, double silence)
      : command(text),
        silence_s(silence),
        child(process::Launch{.argv = split_arguments(text),
                              .folder = "",
                              .environment = {},
                              .extra_pipe = false,
                              .niceness = 0}) {}

  [[noreturn]] void fail(const std::string& what) {
    throw Error(Cause::unavailable, "engine " + printable(command) + ": " + what +
                                        "; its last lines: " + child.last_lines());
  }

  record::Record understood(const std::string& line) {
    try {
      return stream::decode(stream::parse_json(line, "its answer"));
    } catch (const Error& error) {
      fail(error.what());
    }
  }

  std::string next_line() {
    const double started = monotonic_seconds();
    while (true) {
      if (auto line = lines.next()) return *line;
      if (interrupted()) fail("interrupted");
      if (monotonic_seconds() - started > silence_s)
        fail("silent for " + shortest(silence_s) + " s");
      const auto chunk = child.read(poll_interval);
      if (chunk && chunk->channel == process::Channel::out) lines.add(chunk->bytes);
      if (!chunk && !child.timed_out()) fail("it ended without an answer");
    }
  }
};

EngineClient::EngineClient(const std::string& command, double silence_s)
    : state_(std::make_unique<State>(command, silence_s)) {}

EngineClient::~EngineClient() {
  try {
    state_->child.close_input();
    state_->child.stop(grace);
  } catch (const Error&) {  // it has gone already: that is what was wanted
  }
}

record::State EngineClient::simulate(const record::Model& model,
                                     const std::function<void(const record::Progress&)>& report) {
  record::ModelRecord request;
  request.model = model;
  request.model.history.clear();  // an engine needs none of it
  request.header.request = std::to_string(++state_->requests);
  auto document = stream::encode(record::Record(request));
  document.set("id", stream::content_id(document));
  state_->child.write(stream::dump_json(document) + "\n", write_deadline);
  while (true) {
    const auto line = state_->next_line();
    if (trim(line).empty()) continue;
    auto record = state_->understood(line);
    if (record::header_of(record).request != request.header.request) continue;
    if (auto* progress = std::get_if<record::Progress>(&record)) report(*progress);
    if (auto* failure = std::get_if<record::Failure>(&record))
      throw Error(static_cast<Cause>(failure->cause), failure->what);
    if (auto* answer = std::get_if<record::State>(&record)) return std::move(*answer);
  }
}

}  // namespace twin::app
