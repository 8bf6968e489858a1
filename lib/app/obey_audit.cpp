// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/obey_audit.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "core/time.h"
#include "stream/codec.h"
#include "stream/json.h"

namespace twin::app {

using record::Value;
using Kind = ObeyInput::Kind;

namespace {

constexpr std::array<std::pair<Kind, const char*>, 10> kinds{{{Kind::begin, "begin"},
                                                              {Kind::disarmed, "disarm"},
                                                              {Kind::command, "command"},
                                                              {Kind::tick, "tick"},
                                                              {Kind::jump, "clock-jump"},
                                                              {Kind::overridden, "override"},
                                                              {Kind::suspended, "suspend"},
                                                              {Kind::read_back, "read-back"},
                                                              {Kind::failed, "failed"},
                                                              {Kind::end, "end"}}};

Value document_of(const ObeyInput& input) {
  Value out{Value::Object{}};
  for (const auto& [kind, name] : kinds)
    if (kind == input.kind) out.set("input", name);
  out.set("wall", input.now.wall);
  out.set("monotonic", input.now.monotonic);
  if (input.kind == Kind::command)
    out.set("command", stream::encode(record::Record(input.command)));
  if (!input.text.empty()) out.set("text", input.text);
  if (input.kind == Kind::overridden || input.kind == Kind::suspended ||
      input.kind == Kind::begin || (input.kind == Kind::read_back && input.flag))
    out.set("flag", input.flag);
  return out;
}

void take_command(ObeyInput& out, const record::Record& record) {
  const auto* command = std::get_if<record::Command>(&record);
  if (command == nullptr) throw Error(Cause::data, "command: it is none");
  out.command = *command;
}

ObeyInput input_of(const Value& line) {
  ObeyInput out{Kind::tick, {needed(line, "wall").number(), needed(line, "monotonic").number()}};
  const std::string& name = needed(line, "input").string();
  bool known = false;
  for (const auto& [kind, called] : kinds)
    if (name == called) {
      out.kind = kind;
      known = true;
    }
  if (!known) throw Error(Cause::data, "input: '" + printable(name) + "' is unknown");
  if (out.kind == Kind::command) take_command(out, stream::decode(needed(line, "command")));
  if (const Value* text = line.find("text")) out.text = text->string();
  if (const Value* flag = line.find("flag")) out.flag = flag->boolean();
  return out;
}

Value document_of(const obey::Order& order) {
  Value out{Value::Object{}};
  out.set("mode", order.mode);
  out.set("scan", order.scan);
  out.set("every_seconds", order.every_seconds);
  return out;
}

std::optional<obey::Order> order_of(const Value& line) {
  const Value* order = line.find("order");
  if (order == nullptr) return std::nullopt;
  return obey::Order{needed(*order, "mode").string(), needed(*order, "scan").string(),
                     needed(*order, "every_seconds").number()};
}

obey::Memory memory_of(const Value& line) {
  const Value& memory = needed(line, "memory");
  obey::Memory out{needed(memory, "dose_Gy").number(), needed(memory, "newest_command").number()};
  if (const Value* rate = memory.find("spends_Gy_s")) out.spends_Gy_s = rate->number();
  if (const Value* at = memory.find("at")) out.at = at->number();
  return out;
}

/// As logs from before call it.
bool older(const ObeyInput& input, const std::string& what) {
  return what == "safe-mode" && (input.kind == Kind::begin || input.kind == Kind::suspended);
}

std::string text_of(const std::optional<obey::Order>& order) {
  return order ? order->mode + " every " + shortest(order->every_seconds) + " s" : "nothing";
}

}  // namespace

obey::Answer answer_to(obey::Gateway& gateway, const ObeyInput& input) {
  switch (input.kind) {
    case Kind::begin:
      return gateway.begin(input.now, input.flag);
    case Kind::disarmed:
      return gateway.disarm(input.now);
    case Kind::command:
      return gateway.take(input.command, input.now);
    case Kind::tick:
      return gateway.tick(input.now);
    case Kind::jump:
      return gateway.clock_jumped(input.now);
    case Kind::overridden:
      return gateway.overridden(input.flag, input.now);
    case Kind::suspended:
      return gateway.suspended(input.flag, input.now);
    case Kind::read_back:
      return gateway.read_back(input.text, input.now, input.flag);
    case Kind::failed:
      return gateway.failed(input.text, input.now);
    case Kind::end:
      return gateway.end(input.now);
  }
  throw Error(Cause::internal, "an input of no kind");
}

ObeyAudit::ObeyAudit(std::string path, std::string bounds_sha256, bool simulated)
    : bounds_sha256_(std::move(bounds_sha256)),
      simulated_(simulated),
      file_(path, R"({"input":)", "another program obeys by this log",
            "nothing is ordered without a log") {
  const std::string last = file_.last_line();
  if (!last.empty()) memory_ = memory_of(stream::parse_json(last, printable(path)));
}

void ObeyAudit::write(const ObeyInput& input, const obey::Answer& answer,
                      const std::optional<obey::Order>& before, bool sent,
                      const obey::Memory& memory) {
  Value line = document_of(input);
  line.set("what", answer.what);
  line.set("reason", answer.reason);
  if (answer.order) {
    if (before) line.set("before", document_of(*before));
    line.set("order", document_of(*answer.order));
    line.set("sent", sent);
  }
  if (simulated_) line.set("simulated", true);
  Value remembered{Value::Object{}};
  remembered.set("dose_Gy", memory.dose_Gy);
  remembered.set("newest_command", memory.newest_command);
  remembered.set("spends_Gy_s", memory.spends_Gy_s);
  remembered.set("at", memory.at);
  line.set("memory", remembered);
  line.set("time", utc_now());
  line.set("bounds_sha256", bounds_sha256_);
  line.set("version", TWINLINE_VERSION);
  file_.append(stream::dump_json(line), true);
}

AuditReplay replay_audit(const std::string& log, const record::Bounds& bounds) {
  const std::string text = read_file(log, std::size_t{1} << 30);
  AuditReplay out;
  std::optional<obey::Gateway> gateway;
  obey::Memory memory;
  for (const auto one : split(text, '\n')) {
    if (one.empty()) continue;
    const std::string where = printable(log) + ":" + std::to_string(++out.lines);
    const Value line = stream::parse_json(one, where);
    try {
      const ObeyInput input = input_of(line);
      const bool starts =
          input.text == "start" && (input.kind == Kind::begin || input.kind == Kind::overridden);
      if (starts || !gateway) gateway.emplace(bounds, memory);
      const obey::Answer answer = answer_to(*gateway, input);
      const auto order = order_of(line);
      memory = memory_of(line);
      if (order) ++out.orders;
      const std::string& what = needed(line, "what").string();
      const bool same = answer.order == order && (answer.what == what || older(input, what));
      if (!same && out.differences.size() < 20)
        out.differences.push_back(where + ": ordered " + text_of(order) + ", now " +
                                  text_of(answer.order));
    } catch (const Error& error) {
      throw error.at(where);
    }
  }
  return out;
}

}  // namespace twin::app
