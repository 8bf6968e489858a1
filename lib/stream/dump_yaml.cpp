// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "stream/dump.h"
#include "stream/scalar.h"
#include "stream/yaml.h"

namespace twin::stream {

using record::Value;

namespace {

constexpr std::size_t widest = 100;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (static_cast<unsigned char>(c) & 0x80) != 0;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// True where no reader of YAML 1.1 or 1.2, in block or flow style, takes \p text for anything
/// but this text. Cautious: what it refuses is quoted.
bool may_stand_plain(std::string_view text) {
  if (text.empty() || text.size() > 200 || !is_utf8(text) || printable(text) != text) return false;
  if (!is_letter(text.front()) && !is_digit(text.front()) && text.front() != '/') return false;
  if (text.find("\xE2\x80") != text.npos || text.find("\xEF\xBB") != text.npos) return false;
  if (text.back() == ' ' || text.back() == ':') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool safe = is_letter(c) || is_digit(c) ||
                      std::string_view("_.+-/()@%^* ").find(c) != std::string_view::npos;
    const bool inner_colon =
        c == ':' && i + 1 < text.size() && (is_letter(text[i + 1]) || is_digit(text[i + 1]));
    if (!safe && !inner_colon) return false;
  }
  if (std::ranges::none_of(text, is_letter)) return false;  // numbers, dates, 1:30
  static const std::string truths[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                       "true", "false", "null", "nan", "inf"};
  if (std::ranges::find(truths, lower(text)) != std::end(truths)) return false;
  if (is_digit(text.front()) && text.find(' ') == std::string_view::npos)
    return false;  // 1e5, 0x1f
  return true;
}

void append_key_or_text(std::string& out, std::string_view text) {
  if (may_stand_plain(text))
    out += text;
  else
    append_text(out, text);
}

void append_leaf(std::string& out, const Value& value) {
  if (value.is_string())
    append_key_or_text(out, value.string());
  else
    append_scalar(out, value);
}

void append_flow(std::string& out, const Value& value) {
  if (value.is_array()) {
    out += '[';
    const auto& items = value.array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ", ";
      append_flow(out, items[i]);
    }
    out += ']';
  } else if (value.is_object()) {
    out += '{';
    const auto& members = value.object();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ", ";
      append_key_or_text(out, members[i].first);
      out += ": ";
      append_flow(out, members[i].second);
    }
    out += '}';
  } else {
    append_leaf(out, value);
  }
}

bool all_numbers(const Value& value) {
  return value.is_array() && std::ranges::all_of(value.array(), [](const Value& v) {
           return v.is_number() || v.is_null();
         });
}

void append_block(std::string& out, const Value& value, std::size_t indent);

/// What stands after "key:" or "-": the rest of the line, or an indented block below.
void append_after(std::string& out, const Value& value, std::size_t indent, std::size_t used) {
  std::string flow;
  append_flow(flow, value);
  const bool container = (value.is_array() && !value.array().empty()) ||
                         (value.is_object() && !value.object().empty());
  if (!container || indent + used + flow.size() < widest || all_numbers(value)) {
    out += " " + flow + "\n";
    return;
  }
  out += '\n';
  append_block(out, value, indent + 2);
}

void append_block(std::string& out, const Value& value, std::size_t indent) {
  const std::string margin(indent, ' ');
  if (value.is_object() && !value.object().empty()) {
    for (const auto& [key, inner] : value.object()) {
      std::string head = margin;
      append_key_or_text(head, key);
      out += head + ":";
      append_after(out, inner, indent, head.size());
    }
  } else if (value.is_array() && !value.array().empty()) {
    for (const Value& inner : value.array()) {
      out += margin + "-";
      append_after(out, inner, indent, 2);
    }
  } else {
    out += margin;
    append_flow(out, value);
    out += '\n';
  }
}

}  // namespace

std::string dump_yaml(const Value& value) {
  std::string out;
  append_block(out, value, 0);
  return out;
}

}  // namespace twin::stream
