// SPDX-License-Identifier: GPL-3.0-or-later
#include "stream/json.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/error.h"
#include "core/text.h"
#include "stream/limits.h"

namespace twin::stream {

using record::Value;

namespace {

/// The parser's sentence without its own idea of where: "syntax error while parsing value - ...".
std::string sentence(std::string_view what) {
  if (const auto bracket = what.find("] "); bracket != std::string_view::npos)
    what.remove_prefix(bracket + 2);
  if (what.starts_with("parse error"))
    if (const auto colon = what.find(": "); colon != std::string_view::npos)
      what.remove_prefix(colon + 2);
  constexpr std::size_t enough = 160;
  return printable(what.substr(0, enough)) + (what.size() > enough ? "..." : "");
}

/// Takes the parser's events and builds the value. The parents of what is being built are on a
/// stack of pointers: none of them grows while a child is open, so they stay.
class JsonBuilder {
 public:
  JsonBuilder(std::string_view text, const std::string& name, int line)
      : text_(text), name_(name), line_(line) {}

  Value take() { return std::move(root_); }

  bool null() { return put(Value()); }
  bool boolean(bool value) { return put(Value(value)); }
  bool number_integer(std::int64_t value) { return put(Value(value)); }
  bool number_unsigned(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(INT64_MAX)) too_large(std::to_string(value));
    return put(Value(static_cast<std::int64_t>(value)));
  }
  bool number_float(double value, const std::string& written) {
    if (written.find_first_of(".eE") == std::string::npos) too_large(written);
    return put(Value(value));
  }
  bool string(std::string& value) { return put(Value(std::move(value))); }
  bool binary(std::vector<std::uint8_t>&) { return false; }  // JSON has none

  bool start_object(std::size_t) { return open(Value(Value::Object{})); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool end_object() {
    refuse_duplicates(open_.back()->object());
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) { return open(Value(Value::Array{})); }
  bool end_array() {
    open_.pop_back();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) {
    const std::string_view before = text_.substr(0, position);
    const auto lines = static_cast<int>(std::ranges::count(before, '\n'));
    throw Error(Cause::data,
                name_ + ":" + std::to_string(line_ + lines) + ": " + sentence(e.what()));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(Cause::data, name_ + ":" + std::to_string(line_) + ": " + what);
  }

  [[noreturn]] void too_large(const std::string& number) const {
    fail("the whole number " + number.substr(0, 40) + " does not fit 64 bits; write it as a text");
  }

  Value& place(Value value) {
    value.line = line_;
    if (open_.empty()) return root_ = std::move(value);
    Value& parent = *open_.back();
    if (parent.is_array()) return parent.array().emplace_back(std::move(value));
    return parent.object().emplace_back(std::move(key_), std::move(value)).second;
  }

  bool put(Value value) {
    place(std::move(value));
    return true;
  }

  bool open(Value container) {
    if (open_.size() >= deepest) fail("nested deeper than " + std::to_string(deepest));
    open_.push_back(&place(std::move(container)));
    return true;
  }

  void refuse_duplicates(const Value::Object& members) const {
    keys_.clear();
    for (const auto& member : members) keys_.push_back(member.first);
    std::ranges::sort(keys_);
    if (const auto twice = std::ranges::adjacent_find(keys_); twice != keys_.end())
      fail("\"" + printable(*twice) + "\" stands twice in one mapping");
  }

  std::string_view text_;
  const std::string& name_;
  int line_;
  Value root_;
  std::string key_;
  std::vector<Value*> open_;
  mutable std::vector<std::string_view> keys_;
};

}  // namespace

Value parse_json(std::string_view text, const std::string& name, int line) {
  JsonBuilder builder(text, name, line);
  nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &builder);
  return builder.take();
}

}  // namespace twin::stream
