// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "stream/dump.h"
#include "stream/json.h"

namespace twin::stream {

using record::Value;

namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  out += "\\u00";
  out += digits[static_cast<unsigned char>(c) >> 4];
  out += digits[static_cast<unsigned char>(c) & 15];
}

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7F;
}

void append(std::string& out, const Value& value, bool sorted);

void append_object(std::string& out, const Value::Object& members, bool sorted) {
  std::vector<const Value::Member*> order;
  order.reserve(members.size());
  for (const auto& member : members) order.push_back(&member);
  if (sorted)
    std::ranges::sort(order, {},
                      [](const Value::Member* m) -> const std::string& { return m->first; });
  out += '{';
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0) out += ',';
    append_text(out, order[i]->first);
    out += ':';
    append(out, order[i]->second, sorted);
  }
  out += '}';
}

void append_array(std::string& out, const Value::Array& items, bool sorted) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append(out, items[i], sorted);
  }
  out += ']';
}

void append(std::string& out, const Value& value, bool sorted) {
  if (value.is_object())
    append_object(out, value.object(), sorted);
  else if (value.is_array())
    append_array(out, value.array(), sorted);
  else
    append_scalar(out, value);
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  const bool ascii =
      std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!ascii && !is_utf8(text)) return append_text(out, printable(text));
  out += '"';
  std::size_t from = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (plain(text[i])) continue;
    out += text.substr(from, i - from);
    append_escaped(out, text[i]);
    from = i + 1;
  }
  out += text.substr(from);
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value))
    throw Error(Cause::internal, "a number to be written is not finite; missing is null");
  std::array<char, 40> buffer{};
  const char* const end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += text;
  // Without a point it would be read as a whole number beyond 64 bits.
  if (std::abs(value) >= 9e18 && text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append_scalar(std::string& out, const Value& value) {
  if (value.is_null())
    out += "null";
  else if (value.is_bool())
    out += value.boolean() ? "true" : "false";
  else if (value.is_integer())
    out += std::to_string(value.integer());
  else if (value.is_number())
    append_number(out, value.number());
  else
    append_text(out, value.string());
}

std::string dump_json(const Value& value) {
  std::string out;
  append(out, value, false);
  return out;
}

std::string canonical_json(const Value& value) {
  std::string out;
  append(out, value, true);
  return out;
}

}  // namespace twin::stream
