// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/value.h"

#include <algorithm>

#include "core/error.h"

namespace twin::record {

namespace {

[[noreturn]] void expected(std::string_view what, const Value& got) {
  throw Error(Cause::data,
              "expected " + std::string(what) + ", got " + std::string(got.kind_name()));
}

}  // namespace

std::string_view Value::kind_name() const {
  if (is_null()) return "null";
  if (is_bool()) return "true or false";
  if (is_number()) return "a number";
  if (is_string()) return "a text";
  if (is_array()) return "a list";
  return "a mapping";
}

bool Value::boolean() const {
  if (!is_bool()) expected("true or false", *this);
  return std::get<bool>(data_);
}

double Value::number() const {
  if (is_integer()) return static_cast<double>(std::get<std::int64_t>(data_));
  if (!is_number()) expected("a number", *this);
  return std::get<double>(data_);
}

std::int64_t Value::integer() const {
  if (!is_integer()) expected("a whole number", *this);
  return std::get<std::int64_t>(data_);
}

const std::string& Value::string() const {
  if (!is_string()) expected("a text", *this);
  return std::get<std::string>(data_);
}

const Value::Array& Value::array() const {
  if (!is_array()) expected("a list", *this);
  return std::get<Array>(data_);
}

Value::Array& Value::array() {
  if (!is_array()) expected("a list", *this);
  return std::get<Array>(data_);
}

const Value::Object& Value::object() const {
  if (!is_object()) expected("a mapping", *this);
  return std::get<Object>(data_);
}

Value::Object& Value::object() {
  if (!is_object()) expected("a mapping", *this);
  return std::get<Object>(data_);
}

const Value* Value::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  const auto& members = std::get<Object>(data_);
  const auto at = std::ranges::find(members, key, &Member::first);
  return at == members.end() ? nullptr : &at->second;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const Value*>(this)->find(key));
}

Value& Value::set(std::string_view key, Value value) {
  if (is_null()) data_ = Object{};
  if (Value* old = find(key)) {
    *old = std::move(value);
    return *old;
  }
  return object().emplace_back(std::string(key), std::move(value)).second;
}

void Value::erase(std::string_view key) {
  if (is_object())
    std::erase_if(std::get<Object>(data_), [&](const Member& m) { return m.first == key; });
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_integer() && b.is_integer()) return a.integer() == b.integer();
    return a.number() == b.number();
  }
  return a.data_ == b.data_;
}

}  // namespace twin::record
