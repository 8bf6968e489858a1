// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/records.h"

#include <array>

namespace twin::record {

namespace {

// In the order of the variant.
constexpr std::array<std::string_view, std::variant_size_v<Record>> kinds{
    "start",   "measurement", "result", "model",     "state",    "verdict", "event",
    "command", "failure",     "gap",    "heartbeat", "progress", "cancel",  "end"};

}  // namespace

std::string_view kind_of(const Record& record) { return kinds[record.index()]; }

Header& header_of(Record& record) {
  return std::visit([](auto& r) -> Header& { return r.header; }, record);
}

const Header& header_of(const Record& record) {
  return std::visit([](const auto& r) -> const Header& { return r.header; }, record);
}

bool is_control(const Record& record) {
  return std::holds_alternative<Start>(record) || std::holds_alternative<Failure>(record) ||
         std::holds_alternative<Gap>(record) || std::holds_alternative<Heartbeat>(record) ||
         std::holds_alternative<Progress>(record) || std::holds_alternative<End>(record) ||
         std::holds_alternative<Event>(record);
}

std::string_view name_of(Answer answer) {
  switch (answer) {
    case Answer::match:
      return "MATCH";
    case Answer::no_match:
      return "NO MATCH";
    default:
      return "INCONCLUSIVE";
  }
}

}  // namespace twin::record
