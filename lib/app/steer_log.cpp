// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/steer_log.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"
#include "stream/codec.h"
#include "stream/documents.h"
#include "stream/json.h"

namespace twin::app {

using record::Value;

namespace {

constexpr const char* log_format = "twin-steer-log/1";

constexpr std::array<std::pair<SteerInput::Kind, const char*>, 3> steer_kinds{
    {{SteerInput::Kind::record, "record"},
     {SteerInput::Kind::end, "end"},
     {SteerInput::Kind::rest, "rest"}}};

Value question_of(const SteerInput& input) {
  Value out{Value::Object{}};
  for (const auto& [kind, name] : steer_kinds)
    if (kind == input.kind) out.set("input", name);
  out.set("time", input.time);
  if (input.record) out.set("record", stream::encode(*input.record));
  if (!input.reason.empty()) out.set("reason", input.reason);
  return out;
}

Value question_of(const SteerLogBeginning& begins) {
  Value out{Value::Object{}};
  out.set("format", log_format);
  out.set("input", "begin");
  out.set("time", begins.time);
  out.set("start", stream::encode(record::Record(begins.start)));
  out.set("policy", begins.policy.document);
  const auto& beginning = begins.beginning;
  if (beginning.number) out.set("number", *beginning.number);
  out.set("spent_Gy", beginning.spent_Gy);
  if (beginning.counted_until) out.set("counted_until", *beginning.counted_until);
  return out;
}

/// No number of JSON is another: where R is 0, log R is null.
Value finite(double value) { return std::isfinite(value) ? Value(value) : Value(); }

SteerLogBeginning beginning_of(const Value& line, const std::string& name) {
  const Value* is = line.find("format");
  if (is == nullptr || *is != Value(log_format))
    throw Error(Cause::data, std::string("format: expected ") + log_format);
  SteerLogBeginning out;
  out.time = needed(line, "time").string();
  const auto start = stream::decode(needed(line, "start"));
  if (!std::holds_alternative<record::Start>(start)) throw Error(Cause::data, "start: it is none");
  out.start = std::get<record::Start>(start);
  out.policy = stream::decode_policy(needed(line, "policy"), name);
  out.beginning.start_id = out.start.header.id;
  if (const Value* number = line.find("number")) {
    out.beginning.number = number->integer();
    if (number->integer() < 0 || number->integer() > std::int64_t{1} << 53)
      throw Error(Cause::data, "number: expected 0 to 2^53");
  }
  out.beginning.spent_Gy = needed(line, "spent_Gy").number();
  if (const Value* until = line.find("counted_until"))
    out.beginning.counted_until = until->number();
  return out;
}

SteerInput steer_input_of(const Value& line) {
  const std::string& name = needed(line, "input").string();
  for (const auto& [kind, called] : steer_kinds) {
    if (name != called) continue;
    SteerInput out{kind, needed(line, "time").string()};
    if (kind == SteerInput::Kind::record) out.record = stream::decode(needed(line, "record"));
    if (const Value* reason = line.find("reason")) out.reason = reason->string();
    return out;
  }
  throw Error(Cause::data, "input: '" + printable(name) + "' is unknown");
}

}  // namespace

std::string chained(const std::string& before, const Value& question) {
  return sha256(before + stream::dump_json(question));
}

Value document_of(const SteerAnswer& answer) {
  Value out{Value::Object{}};
  if (answer.log_sum) out.set("log_sum", finite(*answer.log_sum));
  if (!answer.state.empty()) out.set("state", answer.state);
  if (answer.dose) out.set("spent_Gy", finite(answer.dose->spent_Gy));
  Value::Array commands;
  for (const auto& record : answer.records) {
    const auto* command = std::get_if<record::Command>(&record);
    if (command == nullptr) continue;
    if (answer.log_sum) out.set("mode_before", answer.mode_before);
    commands.push_back(stream::encode(record));
  }
  if (!commands.empty()) out.set("commands", std::move(commands));
  if (answer.put) out.set("put", stream::encode(record::Record(*answer.put)));
  return out;
}

SteerLogLine read_steer_line(std::string_view text, const std::string& name) {
  SteerLogLine out;
  try {
    out.question = stream::parse_json(text, name);
    if (needed(out.question, "input") == Value("begin"))
      out.begins = beginning_of(out.question, name);
    else
      out.input = steer_input_of(out.question);
    out.inputs = needed(out.question, "inputs").string();
    out.answer = Value{Value::Object{}};
    if (const Value* answer = out.question.find("answer")) out.answer = *answer;
  } catch (const Error& error) {
    const std::string what = error.what();
    throw Error(Cause::data, what.starts_with(name) ? what : name + ": " + what);
  }
  out.question.erase("inputs");
  out.question.erase("answer");
  return out;
}

SteerLog::SteerLog(std::string path, const SteerLogBeginning& beginning)
    : file_(std::move(path), "{\"format\":\"" + std::string(log_format) + "\",",
            "another program writes this log", "nothing is asked for without a log") {
  append(question_of(beginning), {}, true);
}

void SteerLog::write(const SteerInput& input, const SteerAnswer& answer) {
  if (answer.commands()) file_.check();
  append(question_of(input), answer, answer.commands());
}

void SteerLog::append(Value line, const SteerAnswer& answer, bool synced) {
  auto inputs = chained(inputs_, line);
  line.set("inputs", inputs);
  Value document = document_of(answer);
  if (!document.object().empty()) line.set("answer", std::move(document));
  file_.append(stream::dump_json(line), synced);
  inputs_ = std::move(inputs);
}

}  // namespace twin::app
