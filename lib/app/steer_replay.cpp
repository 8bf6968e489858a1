// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_replay.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/steer_log.h"
#include "app/steering.h"
#include "cli/log.h"
#include "core/error.h"
#include "core/text.h"
#include "stream/json.h"

namespace twin::app {

namespace {

using record::Value;

std::string shown_value(const Value* value) {
  if (value == nullptr) return "nothing";
  std::string text = stream::dump_json(*value);
  if (text.size() > 120) text = text.substr(0, 117) + "...";
  return printable(text);
}

/// Where two documents differ first: "put.mode: "track", now "quiet"".
std::string difference(const std::string& at, const Value* then, const Value* now) {
  const auto inner = [&](const std::string& key, const Value* a, const Value* b) {
    return difference(at.empty() ? key : at + "." + key, a, b);
  };
  if (then && now && then->is_object() && now->is_object()) {
    // An id is a hash of the others: what it differs by says more.
    std::string id;
    for (const auto& [key, value] : then->object()) {
      auto found = inner(key, &value, now->find(key));
      if (key == "id")
        id = std::move(found);
      else if (!found.empty())
        return found;
    }
    for (const auto& [key, value] : now->object())
      if (then->find(key) == nullptr) return inner(key, nullptr, &value);
    return id;
  }
  if (then && now && then->is_array() && now->is_array()) {
    const auto &a = then->array(), &b = now->array();
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i)
      if (auto found = inner(std::to_string(i + 1), i < a.size() ? &a[i] : nullptr,
                             i < b.size() ? &b[i] : nullptr);
          !found.empty())
        return found;
    return "";
  }
  const auto was = shown_value(then), is = shown_value(now);
  const bool same = then && now && stream::dump_json(*then) == stream::dump_json(*now);
  return same ? "" : printable(at) + ": " + was + ", now " + is;
}

class Replay {
 public:
  Replay(Session& session, std::string log) : session_(session), log_(std::move(log)) {}

  void take(const std::string& text) {
    const std::string where = printable(log_) + ":" + std::to_string(++lines_);
    auto line = read_steer_line(text, where);
    if (line.begins) {
      begin(*line.begins, where);
    } else if (!steering_) {
      throw Error(Cause::data, where + ": no run has begun");
    }
    const auto inputs = chained(inputs_, line.question);
    if (inputs != line.inputs) differs(where, "what came is not what was logged");
    inputs_ = line.inputs;
    if (line.input) answer(*line.input, line.answer, where);
  }

  void tell(bool torn) {
    if (lines_ == 0 && !torn)
      throw Error(Cause::data, printable(log_) + ": it is empty; a log of twin-steer is expected");
    if (torn)
      cli::warning(printable(log_) + ":" + std::to_string(lines_ + 1) +
                   ": torn, as by a killed program: not replayed");
    if (differences_ > 20)
      cli::error(printable(log_) + ": " + std::to_string(differences_ - 20) + " more differences");
    cli::note(printable(log_) + ": " + std::to_string(runs_) + " runs, " + std::to_string(given_) +
              " commands given, " + std::to_string(put_) +
              " put into their file: " + (differences_ == 0 ? "all the same" : "not all the same"));
    if (differences_ > 0) session_.status = 1;
  }

 private:
  void begin(SteerLogBeginning& begins, const std::string& where) {
    ++runs_;
    inputs_.clear();
    if (begins.start.version != TWINLINE_VERSION)
      cli::note(where + ": written by version " + printable(begins.start.version) + ", this is " +
                TWINLINE_VERSION);
    steering_.reset();
    policy_ = std::move(begins.policy);
    steering_.emplace(policy_, begins.beginning);
  }

  void answer(const SteerInput& input, const Value& then, const std::string& where) {
    SteerAnswer now;
    try {
      now = steering_->answer_to(input);
    } catch (const Error& error) {
      if (error.cause() == Cause::internal) throw;
      throw Error(Cause::data, where + ": " + error.what());
    }
    const Value document = document_of(now);
    if (const auto found = difference("", &then, &document); !found.empty()) differs(where, found);
    for (auto& record : now.records) {
      if (!std::holds_alternative<record::Command>(record)) continue;
      ++given_;
      session_.out.write(std::move(record));
    }
    if (!now.put) return;
    ++put_;
    session_.out.write(std::move(*now.put));
  }

  void differs(const std::string& where, const std::string& what) {
    if (++differences_ <= 20) cli::error(where + ": " + what);
  }

  Session& session_;
  std::string log_, inputs_;
  record::Policy policy_;
  std::optional<Steering> steering_;
  std::size_t lines_ = 0, runs_ = 0, given_ = 0, put_ = 0, differences_ = 0;
};

}  // namespace

void replay_steering(Session& session, const std::string& log) {
  std::ifstream in(log, std::ios::binary);
  if (!in) throw Error(Cause::no_input, printable(log) + ": it can't be read");
  Replay replay(session, log);
  std::string line;
  bool torn = false;
  while (!interrupted() && std::getline(in, line)) {
    torn = in.eof();  // without its end
    if (!torn) replay.take(line);
  }
  if (in.bad()) throw Error(Cause::no_input, printable(log) + ": it can't be read");
  if (!interrupted()) replay.tell(torn);
}

}  // namespace twin::app
